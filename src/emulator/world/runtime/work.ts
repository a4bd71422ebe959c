// SPDX-License-Identifier: Apache-2.0
// Keeps what an emulator has begun and not ended, so that closing can wait for it, and ends what waits on purpose. Knows no work.

/** The work that is under way in one emulator. */
export class Work {
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  /** Aborted when the emulator closes: whatever waits on purpose ends. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Ends whatever waits on purpose. */
  stopWaiting(): void {
    this.#closing.abort();
  }

  /** Keeps a piece of work until it settles. Gives it back as it came. */
  track<Result>(work: Promise<Result>): Promise<Result> {
    const forget = () => this.#running.delete(work);
    this.#running.add(work);
    work.then(forget, forget);
    return work;
  }

  /** Settles once no work is under way: calls whose callers are gone still end, within the time that a key takes. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
