// SPDX-License-Identifier: Apache-2.0
// Tracks an emulator's unfinished work, so that closing can wait for it, and ends deliberate waits. Knows no work.

/** The work that is under way in one emulator. */
export class Work {
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #whenClosing = new Set<() => void>();

  /** Aborted when the emulator closes: deliberate waits end. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Has something done when the emulator closes. An abort signal could do it too, but copes badly with a listener per call.
   *
   * @returns its removal
   */
  onClosing(callback: () => void): () => void {
    this.#whenClosing.add(callback);
    return () => void this.#whenClosing.delete(callback);
  }

  /** Ends deliberate waits, and runs what was to be done on closing. */
  stopWaiting(): void {
    this.#closing.abort();
    for (const callback of this.#whenClosing) callback();
  }

  /** Tracks a piece of work until it settles. Returns it unchanged. */
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
