// SPDX-License-Identifier: Apache-2.0
// How long to wait before the next attempt: exponential backoff with full jitter. Knows neither deadline nor attempt.

import type { Clock } from "../../base/clock.js";
import type { RetryPolicy } from "./policy.js";

/**
 * Draws the delays of one call, in milliseconds: each uniformly from 0 to its bound, where the bound (not the drawn value) grows
 * by the multiplier up to the maximum delay.
 *
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter"; the same sequence as Python's api_core.
 */
export class Backoff {
  readonly #policy: RetryPolicy;
  readonly #clock: Clock;
  #bound: number;

  constructor(policy: RetryPolicy, clock: Clock) {
    this.#policy = policy;
    this.#clock = clock;
    this.#bound = Math.min(policy.initialDelay, policy.maxDelay);
  }

  /** The next delay in milliseconds. */
  next(): number {
    const delay = this.#clock.random() * this.#bound;
    this.#bound = Math.min(this.#bound * this.#policy.multiplier, this.#policy.maxDelay);
    return delay;
  }
}
