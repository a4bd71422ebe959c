// SPDX-License-Identifier: Apache-2.0
// Gathers the frames of one turn of the event loop into one write: one TLS record, one system call. That is where the speed of this
// transport comes from. Knows no stream and no state of the connection.

import type { Writable } from "node:stream";
import { afterThisTurn } from "../../../../base/clock.js";
import { ErrorCode, FrameType, HEAD_SIZE } from "./frames.js";

const SLAB = 65_536;
/** From this size on, a body is not copied: copying costs more than another element of the write. */
const NOT_COPIED_FROM = 8_192;

/** Writes frames to a socket. */
export class FrameWriter {
  readonly #socket: Writable;
  /** Where the next octet goes: {@link reserve} first, then write to `bytes` at `at` and move `at` on. */
  bytes: Buffer = Buffer.allocUnsafe(SLAB);
  at = 0;
  #from = 0;
  #isScheduled = false;
  #pending: Uint8Array[] = [];
  #isEnded = false;

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** Whether the socket has buffered more than its high-water mark. */
  get isFull(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** Makes room for `size` octets contiguously. */
  reserve(size: number): void {
    if (!this.#isScheduled) this.#schedule();
    if (this.at + size <= this.bytes.length) return;
    this.#seal();
    this.bytes = Buffer.allocUnsafe(Math.max(SLAB, size));
    this.at = 0;
    this.#from = 0;
  }

  /** Writes a frame's header; its payload must follow in the same reservation. */
  head(length: number, type: number, flags: number, streamId: number): void {
    this.reserve(HEAD_SIZE + 8);
    const { bytes, at } = this;
    bytes[at] = length >>> 16;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = length;
    bytes[at + 3] = type;
    bytes[at + 4] = flags;
    bytes[at + 5] = streamId >>> 24;
    bytes[at + 6] = streamId >>> 16;
    bytes[at + 7] = streamId >>> 8;
    bytes[at + 8] = streamId;
    this.at = at + HEAD_SIZE;
  }

  /** Writes a frame whose payload is one 32-bit number. */
  number(type: number, streamId: number, value: number): void {
    this.head(4, type, 0, streamId);
    this.at = this.bytes.writeUInt32BE(value, this.at);
  }

  /** Writes payload as it is. Large payloads are not copied, so they must not change until they are sent. */
  append(payload: Uint8Array): void {
    if (payload.length >= NOT_COPIED_FROM) {
      this.#seal();
      this.#pending.push(payload);
      return;
    }
    this.reserve(payload.length);
    this.bytes.set(payload, this.at);
    this.at += payload.length;
  }

  /** Writes SETTINGS with these pairs, or the acknowledgement of the peer's. */
  settings(pairs: readonly (readonly [id: number, value: number])[] | "acknowledged"): void {
    const isAck = pairs === "acknowledged";
    this.head(isAck ? 0 : pairs.length * 6, FrameType.SETTINGS, isAck ? 1 : 0, 0);
    if (isAck) return;
    this.reserve(pairs.length * 6);
    for (const [id, value] of pairs) {
      this.at = this.bytes.writeUInt16BE(id, this.at);
      this.at = this.bytes.writeUInt32BE(value, this.at);
    }
  }

  /** Writes a PING, or the ACK of one. */
  ping(octets: Uint8Array, isAck: boolean): void {
    this.head(8, FrameType.PING, isAck ? 1 : 0, 0);
    this.append(octets);
  }

  /** Writes GOAWAY; the peer has opened no streams. */
  goAway(code: number = ErrorCode.NO_ERROR): void {
    this.head(8, FrameType.GOAWAY, 0, 0);
    this.at = this.bytes.writeUInt32BE(0, this.at);
    this.at = this.bytes.writeUInt32BE(code, this.at);
  }

  /** Writes what has been gathered to the socket now. */
  readonly flush = (): void => {
    this.#isScheduled = false;
    if (this.#isEnded) return;
    this.#seal();
    const pending = this.#pending;
    const [only] = pending;
    if (only === undefined) return;
    this.#pending = [];
    if (pending.length === 1) {
      this.#socket.write(only);
      return;
    }
    this.#socket.cork();
    for (const each of pending) this.#socket.write(each);
    this.#socket.uncork();
  };

  /** Stops writing. */
  end(): void {
    this.#isEnded = true;
    this.#pending = [];
  }

  #schedule(): void {
    this.#isScheduled = true;
    afterThisTurn(this.flush);
  }

  /** Gathered bytes are never overwritten: the socket may still hold them. */
  #seal(): void {
    if (this.at === this.#from) return;
    this.#pending.push(this.bytes.subarray(this.#from, this.at));
    this.#from = this.at;
  }
}
