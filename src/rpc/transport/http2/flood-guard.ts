// SPDX-License-Identifier: Apache-2.0
// Counts what a peer makes us do for nothing, and says when it is enough. Knows no frame's meaning.

import type { Clock } from "../../../base/clock.js";
import { ConnectionError, ErrorCode } from "./frames/frames.js";

/** How much is borne without an answer in between, within the time below. Peers that mean well stay under a hundredth of it. */
const LIMIT = 10_000;
const PERIOD_MS = 10_000;

/**
 * What one frame without progress costs: more, where each makes us answer or walk over all streams. A peer that sends an answer to a
 * call starts afresh, and so does one that took ten seconds: then it costs little.
 */
export const FloodCost = { frame: 1, answer: 10, reset: 10 } as const;

/** A window that is opened by less costs more than it brings. */
const LEAST_USEFUL_WINDOW = 100;
/** A window that is opened by this much is no flood, whether somebody waits for it or not: it soon ends at 2^31-1. */
const HONEST_WINDOW = 1_000;

/** Watches one connection. */
export class FloodGuard {
  readonly #clock: Clock;
  #spent = 0;
  #since = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The peer did what it is there for. */
  progress(): void {
    this.#spent = 0;
  }

  /** A window was opened. A body that goes on is what windows are for. @throws ConnectionError when it was too often by too little */
  window(isWaitedFor: boolean, increment: number): void {
    if (isWaitedFor && increment >= LEAST_USEFUL_WINDOW) this.progress();
    else if (increment < HONEST_WINDOW) this.waste(FloodCost.frame);
  }

  /** A frame that brought nothing. @throws ConnectionError when there were too many */
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
      "the peer floods the connection with frames that bring nothing",
    );
  }
}
