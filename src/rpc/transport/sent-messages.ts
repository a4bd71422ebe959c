// SPDX-License-Identifier: Apache-2.0
// What a stream has sent last, so that an error which quotes it can be masked. Knows no message's form.

/** When the older half is let go of, in octets on the wire: errors quote what came last, and an upload has no end. */
const HALF = 65_536;

/** The last messages of a stream. */
export class SentMessages {
  #older: unknown[] = [];
  #newer: unknown[] = [];
  #size = 0;

  /** Adds one that goes out. */
  add(message: unknown, size: number): void {
    if (this.#size > HALF) {
      this.#older = this.#newer;
      this.#newer = [];
      this.#size = 0;
    }
    this.#newer.push(message);
    this.#size += size;
  }

  /** Those that are kept, oldest first. */
  get messages(): readonly unknown[] {
    return [...this.#older, ...this.#newer];
  }
}
