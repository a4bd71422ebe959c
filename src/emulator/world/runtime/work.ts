// SPDX-License-Identifier: Apache-2.0
// Keeps what an emulator has begun and not ended, so that closing can wait for it, and ends what waits on purpose. Knows no work.

/** The work that is under way in one emulator. */
export class Work {
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #whenClosing = new Set<() => void>();

  /** Aborted when the emulator closes: whatever waits on purpose ends. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Has something done when the emulator closes. An abort signal could do it too, and takes a listener per call badly.
   *
   * @returns its removal
   */
  onClosing(callback: () => void): () => void {
    this.#whenClosing.add(callback);
    return () => void this.#whenClosing.delete(callback);
  }

  /** Ends whatever waits on purpose, and has done what is to be done then. */
  stopWaiting(): void {
    this.#closing.abort();
    for (const callback of this.#whenClosing) callback();
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
