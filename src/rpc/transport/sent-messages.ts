// SPDX-License-Identifier: Apache-2.0
// What a stream has sent last, so that errors which quote it can be masked. Does not know the form of messages.

/** When the older half is dropped, in octets on the wire: errors quote recent messages, and an upload may be endless. */
const HALF = 65_536;

/** The last messages of a stream. */
export class SentMessages {
  #older: unknown[] = [];
  #newer: unknown[] = [];
  #size = 0;

  /** Adds an outgoing message. */
  add(message: unknown, size: number): void {
    if (this.#size > HALF) {
      this.#older = this.#newer;
      this.#newer = [];
      this.#size = 0;
    }
    this.#newer.push(message);
    this.#size += size;
  }

  /** The messages kept, oldest first. */
  get messages(): readonly unknown[] {
    return [...this.#older, ...this.#newer];
  }
}
