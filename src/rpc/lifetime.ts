// SPDX-License-Identifier: Apache-2.0
// From a client's first call to its close: counts the calls in flight and ends those that exceed the grace period.

import { type Clock, waitWithin } from "../base/clock.js";
import { ClientClosedError } from "../base/errors.js";

/** The lifetime of one client. */
export class ClientLifetime {
  readonly #clock: Clock;
  readonly #serviceName: string;
  readonly #closing = new AbortController();
  #inFlight = 0;
  #isClosed = false;
  #onIdle: (() => void) | undefined;

  /** @param serviceName for error messages */
  constructor(clock: Clock, serviceName: string) {
    this.#clock = clock;
    this.#serviceName = serviceName;
  }

  /** Aborts, with a ClientClosedError, when the grace period of `close` is over. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Counts a call as started. @throws ClientClosedError after `close` */
  begin(label: string): void {
    if (this.#isClosed) throw new ClientClosedError(`${label}: the client is closed`);
    this.#inFlight++;
  }

  /** Counts a call as ended. */
  end(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  /**
   * Refuses new calls, waits for those in flight, and ends what is left after the grace period.
   *
   * @param gracePeriodMs milliseconds; 0: do not wait
   */
  async close(gracePeriodMs: number): Promise<void> {
    this.#isClosed = true;
    if (this.#inFlight > 0 && gracePeriodMs > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
      const limits = { timeoutMs: gracePeriodMs, onTimeout: () => undefined, signals: [] };
      await waitWithin(this.#clock, idle, limits).catch(() => undefined);
    }
    const reason = new ClientClosedError(`${this.#serviceName}: the client was closed while the call was in flight`);
    this.#closing.abort(reason);
  }
}
