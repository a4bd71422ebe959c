// SPDX-License-Identifier: Apache-2.0
// Which PINGs of ours are unanswered, and how many answers of ours a peer has not read. Sends nothing.

import type { FrameWriter } from "./frame-writer.js";
import { ConnectionError, ErrorCode } from "./frames.js";

/** How many answers may wait for a peer that reads none of them. */
const MAX_UNREAD_ANSWERS = 1_000;

/** The PINGs of one connection, both ways. */
export class PingBook {
  readonly #writer: FrameWriter;
  readonly #waiting = new Map<string, () => void>();
  #sent = 0;
  #unread = 0;

  constructor(writer: FrameWriter) {
    this.#writer = writer;
  }

  /** Sends one. */
  send(onAnswer: () => void): void {
    const octets = Buffer.alloc(8);
    octets.writeUInt32BE(++this.#sent, 4);
    this.#waiting.set(octets.toString("latin1"), onAnswer);
    this.#writer.ping(octets, false);
  }

  /** Takes an answer. Returns whether it was waited for. */
  settle(octets: Buffer): boolean {
    const key = octets.toString("latin1");
    const onAnswer = this.#waiting.get(key);
    this.#waiting.delete(key);
    onAnswer?.();
    return onAnswer !== undefined;
  }

  /** Counts an answer of ours, to a PING or to SETTINGS. @throws ConnectionError when too many are not read */
  countAnswer(): void {
    this.#unread = this.#writer.isFull ? this.#unread + 1 : 0;
    if (this.#unread <= MAX_UNREAD_ANSWERS) return;
    throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "the peer asks without reading the answers");
  }

  /** Waits for no answer any more. */
  clear(): void {
    this.#waiting.clear();
  }
}
