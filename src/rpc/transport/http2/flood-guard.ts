// SPDX-License-Identifier: Apache-2.0
// Counts useless work that a peer causes, and says when it is too much. Does not know what frames mean.

import type { Clock } from "../../../base/clock.js";
import { ConnectionError, ErrorCode } from "./frames/frames.js";

/** How much is tolerated without a response in between, within the time below. Well-behaved peers stay under a hundredth of it. */
const LIMIT = 10_000;
const PERIOD_MS = 10_000;

/**
 * What one frame without progress costs: more if it makes us reply or visit all streams. A peer that answers a
 * call starts over, and so does one that took ten seconds: at that rate it costs little.
 */
export const FloodCost = { frame: 1, answer: 10, reset: 10 } as const;

/** An increment below this costs more than it brings. */
const LEAST_USEFUL_WINDOW = 100;
/** An increment of this size is not a flood, whether or not anyone is waiting for it: the window soon reaches 2^31-1. */
const HONEST_WINDOW = 1_000;

/** Watches one connection. */
export class FloodGuard {
  readonly #clock: Clock;
  #spent = 0;
  #since = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The peer did something useful. */
  progress(): void {
    this.#spent = 0;
  }

  /** Counts a WINDOW_UPDATE; one that lets a body go on is useful. @throws ConnectionError after too many that were too small */
  window(isWaitedFor: boolean, increment: number): void {
    if (isWaitedFor && increment >= LEAST_USEFUL_WINDOW) this.progress();
    else if (increment < HONEST_WINDOW) this.waste(FloodCost.frame);
  }

  /** Counts a frame without use. @throws ConnectionError after too many */
  waste(cost: number): void {
    if (this.#spent === 0) this.#since = this.#clock.now();
    this.#spent += cost;
    if (this.#spent <= LIMIT) return;
    if (this.#clock.now() - this.#since > PERIOD_MS) {
      this.#spent = 0;
      return;
    }
    throw new ConnectionError(
      ErrorCode.ENHANCE_YOUR_CALM,
      "the peer floods the connection with frames that carry nothing",
    );
  }
}
