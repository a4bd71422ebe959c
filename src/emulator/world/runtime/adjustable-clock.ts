// SPDX-License-Identifier: Apache-2.0
// The emulator's clock: another one, and how far it was put ahead. Decides nothing by it.

/** A clock that can be put ahead. */
export class AdjustableClock {
  readonly #base: () => number;
  #aheadMs = 0;

  /** @param base the clock that goes by itself, in milliseconds since the epoch */
  constructor(base: () => number) {
    this.#base = base;
  }

  /** The time, in milliseconds since the epoch. */
  readonly now = (): number => this.#base() + this.#aheadMs;

  /**
   * Puts the clock ahead.
   *
   * @throws TypeError when that is no number of milliseconds, or below 0
   */
  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0) {
      throw new TypeError(`ms must be milliseconds, 0 or more, not ${JSON.stringify(ms)}`);
    }
    this.#aheadMs += ms;
  }

  /** Puts it back to the time of the clock that goes by itself. */
  reset(): void {
    this.#aheadMs = 0;
  }
}
