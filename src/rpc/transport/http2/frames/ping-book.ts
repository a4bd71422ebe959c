// SPDX-License-Identifier: Apache-2.0
// Tracks which of our PINGs are unanswered, and how many of our ACKs a peer has not read.

import type { FrameWriter } from "./frame-writer.js";
import { ConnectionError, ErrorCode } from "./frames.js";

/** How many ACKs may be queued for a peer that does not read them. */
const MAX_UNREAD_ANSWERS = 1_000;

/** The PINGs of one connection, in both directions. */
export class PingBook {
  readonly #writer: FrameWriter;
  readonly #waiting = new Map<string, () => void>();
  #sent = 0;
  #unread = 0;

  constructor(writer: FrameWriter) {
    this.#writer = writer;
  }

  /** Sends a PING. */
  send(onAnswer: () => void): void {
    const octets = Buffer.alloc(8);
    octets.writeUInt32BE(++this.#sent, 4);
    this.#waiting.set(octets.toString("latin1"), onAnswer);
    this.#writer.ping(octets, false);
  }

  /** Takes an ACK. Returns whether it was expected. */
  settle(octets: Buffer): boolean {
    const key = octets.toString("latin1");
    const onAnswer = this.#waiting.get(key);
    this.#waiting.delete(key);
    onAnswer?.();
    return onAnswer !== undefined;
  }

  /** Counts an ACK of ours, for PING or SETTINGS. @throws ConnectionError when too many are unread */
  countAnswer(): void {
    this.#unread = this.#writer.isFull ? this.#unread + 1 : 0;
    if (this.#unread <= MAX_UNREAD_ANSWERS) return;
    throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "the peer sends PINGs without reading the acknowledgements");
  }

  /** Forgets the unanswered PINGs. */
  clear(): void {
    this.#waiting.clear();
  }
}
