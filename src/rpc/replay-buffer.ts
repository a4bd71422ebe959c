// SPDX-License-Identifier: Apache-2.0
// Keeps the requests of a stream as long as the call can be retried, within a limit. Knows no transport.

/** The requests of one attempt: from the first one again, whatever earlier attempts have taken. */
interface Cursor {
  index: number;
}

/**
 * One source of requests, read once, for several consecutive attempts. What was read is kept until {@link commit}, or
 * until it exceeds the limit, after which no further attempt is possible.
 *
 * Source: gRPC proposal A6, "Memory Management (Buffering)".
 */
export class ReplayBuffer<Message> {
  readonly #source: AsyncIterator<Message>;
  readonly #sizeOf: (message: Message) => number;
  readonly #limitBytes: number;
  /** Messages that were read, and either not yet taken by the live cursor or still needed for a next one. */
  readonly #kept: Message[] = [];
  #keptBytes = 0;
  #canReplay: boolean;
  #live: Cursor | undefined;
  #reading: Promise<void> | undefined;
  #ending: "done" | { readonly error: unknown } | undefined;

  /**
   * @param sizeOf the size of a message in bytes, called only while messages are kept
   * @param limitBytes 0: keep nothing, there is only one attempt; `Infinity`: keep everything
   */
  constructor(source: AsyncIterator<Message>, sizeOf: (message: Message) => number, limitBytes: number) {
    this.#source = source;
    this.#sizeOf = sizeOf;
    this.#limitBytes = limitBytes;
    this.#canReplay = limitBytes > 0;
  }

  /** Whether another attempt would get all of the requests. */
  get canReplay(): boolean {
    return this.#canReplay;
  }

  /** What the source threw, if it did. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#ending === "done" ? undefined : this.#ending;
  }

  /** The requests for one attempt. The previous attempt's iterable ends. */
  open(): AsyncIterable<Message> {
    const cursor: Cursor = { index: 0 };
    this.#live = cursor;
    return { [Symbol.asyncIterator]: () => ({ next: () => this.#next(cursor) }) };
  }

  /** Rules out further attempts: nothing is kept from now on. */
  commit(): void {
    this.#canReplay = false;
    if (this.#live !== undefined) this.#forget(this.#live);
  }

  /** Ends the source and the live cursor. Any error from the source is ignored by now. */
  close(): void {
    this.commit();
    this.#live = undefined;
    this.#ending ??= "done";
    this.#source.return?.().then(undefined, () => undefined);
  }

  async #next(cursor: Cursor): Promise<IteratorResult<Message, undefined>> {
    while (cursor === this.#live && cursor.index >= this.#kept.length) {
      if (this.#ending === "done") return { done: true, value: undefined };
      if (this.#ending !== undefined) throw this.#ending.error;
      this.#reading ??= this.#read();
      await this.#reading;
    }
    if (cursor !== this.#live) return { done: true, value: undefined };
    const value = this.#kept[cursor.index++] as Message; // as: the loop has checked that it is there
    if (!this.#canReplay) this.#forget(cursor);
    return { done: false, value };
  }

  /** Reads one message, for whichever cursor is live when it arrives: one attempt may start a read that the next one takes. */
  async #read(): Promise<void> {
    try {
      const { done, value } = await this.#source.next();
      if (done) this.#ending ??= "done";
      else {
        if (this.#canReplay && this.#limitBytes < Number.POSITIVE_INFINITY) this.#keptBytes += this.#sizeOf(value);
        if (this.#keptBytes > this.#limitBytes) this.#canReplay = false;
        this.#kept.push(value);
      }
    } catch (error) {
      this.#ending ??= { error };
    } finally {
      this.#reading = undefined;
    }
  }

  #forget(cursor: Cursor): void {
    this.#kept.splice(0, cursor.index);
    cursor.index = 0;
  }
}
