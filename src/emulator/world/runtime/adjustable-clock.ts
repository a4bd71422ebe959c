// SPDX-License-Identifier: Apache-2.0
// The emulator's clock: a base clock, and how far it has been advanced. Decides nothing by it.

/** The end of the year 9999, the latest that a protobuf Timestamp can express. */
const LATEST = 253_402_300_799_999;

/** A clock that can be advanced. */
export class AdjustableClock {
  readonly #base: () => number;
  #aheadMs = 0;

  /** @param base the base clock, in milliseconds since the epoch */
  constructor(base: () => number) {
    this.#base = base;
  }

  /** The time, in milliseconds since the epoch. */
  readonly now = (): number => this.#base() + this.#aheadMs;

  /**
   * Advances the clock.
   *
   * @throws TypeError when that is not a number of milliseconds, is below 0, or leads past the year 9999
   */
  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0) {
      throw new TypeError(`ms must be a non-negative number of milliseconds, not ${JSON.stringify(ms)}`);
    }
    if (this.now() + ms > LATEST) throw new TypeError(`ms must not take the clock past the year 9999, as ${ms} does`);
    this.#aheadMs += ms;
  }

  /** Resets it to the time of the base clock. */
  reset(): void {
    this.#aheadMs = 0;
  }
}
