// SPDX-License-Identifier: Apache-2.0
// The total time of one call, fixed when it starts. Nothing extends it.

import type { Clock } from "../../base/clock.js";

/** The shortest time that gRPC can carry and a timer can measure. */
export const SHORTEST_TIME_MS = 1;

/** The instant at which a call must have ended, on the clock's monotonic scale. */
export class Deadline {
  /** The whole budget in milliseconds; `Infinity`: no deadline. */
  readonly timeoutMs: number;
  readonly #clock: Clock;
  readonly #startedAt: number;

  constructor(clock: Clock, timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  /** Milliseconds since the call began. */
  elapsed(): number {
    return this.#clock.now() - this.#startedAt;
  }

  /** Milliseconds left; negative past the deadline. */
  remaining(): number {
    return this.timeoutMs - this.elapsed();
  }

  /** Whether less than {@link SHORTEST_TIME_MS} is left. */
  isSpent(): boolean {
    return this.remaining() < SHORTEST_TIME_MS;
  }
}
