// SPDX-License-Identifier: Apache-2.0
// Spaces requests so that a quota per minute is never exceeded. Knows neither what is requested nor whose quota it is.

import { type Clock, sleep } from "../base/clock.js";
import { ConfigurationError } from "../base/errors.js";

/** How much may go at once after a pause: one second's worth, so that short bursts do not wait. */
const BURST_MS = 1_000;

/**
 * Lets through at most `perMinute` requests a minute, evenly spaced, in order of arrival.
 *
 * Source: the generic cell rate algorithm (ITU-T I.371), in its virtual-scheduling form.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  #nextAt = Number.NEGATIVE_INFINITY;

  /**
   * @param perMinute `Infinity`: no limit
   * @param option what to call it in errors
   * @throws ConfigurationError when it is not a number above 0
   */
  constructor(perMinute: number, clock: Clock, option: string) {
    if (typeof perMinute !== "number" || !(perMinute > 0)) {
      throw new ConfigurationError(`${option}: must be a positive number per minute, or false for no limit`);
    }
    this.#clock = clock;
    this.#intervalMs = 60_000 / perMinute;
  }

  /** Takes a turn; a promise only if it has to wait for it. @throws the signal's reason */
  take(signal: AbortSignal | undefined): void | Promise<void> {
    const now = this.#clock.now();
    const turnAt = Math.max(this.#nextAt, now - BURST_MS);
    this.#nextAt = turnAt + this.#intervalMs;
    if (turnAt > now) return sleep(this.#clock, turnAt - now, [signal]);
  }
}
