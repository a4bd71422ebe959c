// SPDX-License-Identifier: Apache-2.0
// The last known client certificate of a transport, and how to get the current one. Knows no connection.

import {
  type ClientCertSource,
  type LoadedCertificate,
  loadClientCertificate,
} from "../../base/certificate/client-certificate.js";
import { type Clock, waitWithin } from "../../base/clock.js";
import { MutualTlsChannelError } from "../../base/errors.js";

/** A source that hangs must not block all later calls: it is called again after this long. */
const SOURCE_TIMEOUT_MS = 30_000;

/** Calls a source; concurrent callers share one result. */
export class RotatingIdentity {
  readonly #source: ClientCertSource;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  #asking: Promise<LoadedCertificate> | undefined;

  constructor(source: ClientCertSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** The certificate as it is now. @throws MutualTlsChannelError when the source does not return one */
  ask(): Promise<LoadedCertificate> {
    this.#asking ??= waitWithin(this.#clock, loadClientCertificate(this.#source), {
      timeoutMs: SOURCE_TIMEOUT_MS,
      onTimeout: () =>
        new MutualTlsChannelError(`clientCertSource: did not return a certificate within ${SOURCE_TIMEOUT_MS} ms`),
      signals: [this.#stopping.signal],
    }).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Aborts when nobody is waiting for a certificate any more. */
  get stopped(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Ends all waiting for a certificate. */
  stop(): void {
    this.#stopping.abort();
  }
}
