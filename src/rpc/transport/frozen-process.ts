// SPDX-License-Identifier: Apache-2.0
// Notices that the process stood still (a frozen function instance, a suspended machine, SIGSTOP), after which its connections
// may be dead without showing it. Knows no connection.

import type { Clock } from "../../base/clock.js";

const BEAT_MS = 2_000;
const FROZEN_AFTER_MS = 10_000;

/** A heartbeat that does not keep the process alive, and a check whether it came late. */
export class FrozenProcessWatch {
  readonly #clock: Clock;
  #lastBeatAt: number;
  #wasFrozen = false;
  #cancel: () => void;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastBeatAt = clock.wallNow();
    this.#cancel = clock.schedule(BEAT_MS, this.#beat, false);
  }

  readonly #beat = (): void => {
    this.#observe();
    this.#cancel = this.#clock.schedule(BEAT_MS, this.#beat, false);
  };

  #observe(): void {
    // The wall clock: a suspended machine shows up only there, a stopped process shows up there too.
    const now = this.#clock.wallNow();
    if (now - this.#lastBeatAt > FROZEN_AFTER_MS) this.#wasFrozen = true;
    this.#lastBeatAt = now;
  }

  /** Whether the process stood still for more than 10 seconds since this was last asked. */
  takeWasFrozen(): boolean {
    this.#observe();
    const wasFrozen = this.#wasFrozen;
    this.#wasFrozen = false;
    return wasFrozen;
  }

  /** Ends the heartbeat. */
  stop(): void {
    this.#cancel();
  }
}
