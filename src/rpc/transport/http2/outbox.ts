// SPDX-License-Identifier: Apache-2.0
// Sends bodies as the windows and the socket allow, one frame per stream in turn, so that a large message does not starve others. Knows
// nothing about incoming frames.

import { Roster } from "../../../base/collections/roster.js";
import { widenedWindow } from "./flow-window.js";
import type { FrameWriter } from "./frames/frame-writer.js";
import { DEFAULT_MAX_FRAME_SIZE, DEFAULT_WINDOW, Flag, FrameType } from "./frames/frames.js";
import type { Http2Stream, Outgoing } from "./stream.js";

/** Longer frames would make other streams wait too long. */
const LONGEST_FRAME = 32_768;

/** The bodies waiting to be sent on one connection. */
export class Outbox {
  readonly #writer: FrameWriter;
  /** Streams that could send if the connection's window and the socket let them. */
  readonly #turns = new Roster<"turn", Http2Stream>("turn");
  #window = DEFAULT_WINDOW;
  #maxFrameSize = DEFAULT_MAX_FRAME_SIZE;
  #isHeld = true;

  constructor(writer: FrameWriter) {
    this.#writer = writer;
  }

  /** The longest payload that the peer accepts and we send. */
  get maxFrameSize(): number {
    return this.#maxFrameSize;
  }

  /** Sends a part of a body, or keeps it until it can be sent. */
  send(stream: Http2Stream, part: Outgoing): void {
    if (stream.queue !== undefined && stream.queue.length > 0) {
      stream.queue.push(part);
      return;
    }
    const { length } = part.bytes;
    const isFree = !this.#isHeld && this.#turns.size === 0 && !this.#writer.isFull;
    if (isFree && length <= this.#maxFrameSize && length <= this.#window && length <= Math.max(0, stream.sendWindow)) {
      this.#frame(stream, part, length);
      part.onTaken?.();
      return;
    }
    stream.queue ??= [];
    stream.queue.push(part);
    this.#turns.add(stream);
    this.pump();
  }

  /** Allows bodies to be sent. Some peers would refuse them before sending their SETTINGS (RFC 9113, section 3.4). */
  release(): void {
    this.#isHeld = false;
    this.pump();
  }

  /** The peer's SETTINGS_MAX_FRAME_SIZE. */
  limitFrames(size: number): void {
    this.#maxFrameSize = Math.min(size, LONGEST_FRAME);
  }

  /** The peer opens the connection's window. Returns whether a stream may have been waiting for this. @throws ConnectionError */
  widen(increment: number): boolean {
    this.#window = widenedWindow(this.#window, increment);
    const isWaitedFor = this.#turns.size > 0;
    this.pump();
    return isWaitedFor;
  }

  /** A stream's window has changed. Returns whether the stream was waiting for that. */
  wake(stream: Http2Stream): boolean {
    if (stream.sendWindow <= 0 || stream.queue === undefined || stream.queue.length === 0) return false;
    if (this.#turns.has(stream)) return false;
    this.#turns.add(stream);
    this.pump();
    return true;
  }

  /** Sends nothing more of this stream. */
  forget(stream: Http2Stream): void {
    this.#turns.delete(stream);
    stream.queue = undefined;
  }

  /** Sends what can be sent. */
  pump(): void {
    while (!this.#isHeld && !this.#writer.isFull) {
      const stream = this.#turns.first;
      if (stream === undefined) return;
      const part = stream.queue?.[0];
      if (part === undefined) {
        this.#turns.delete(stream);
        continue;
      }
      const left = part.bytes.length - part.at;
      const length = Math.min(left, this.#maxFrameSize, this.#window, Math.max(0, stream.sendWindow));
      if (length === 0 && left > 0) {
        if (this.#window <= 0 && stream.sendWindow > 0) return;
        this.#turns.delete(stream);
        continue;
      }
      this.#turns.delete(stream);
      this.#frame(stream, part, length);
      const isDone = part.at === part.bytes.length;
      if (isDone) stream.queue?.shift();
      if (stream.queue !== undefined && stream.queue.length > 0) this.#turns.add(stream);
      // Last, since the callback may write again.
      if (isDone) part.onTaken?.();
    }
  }

  #frame(stream: Http2Stream, part: Outgoing, length: number): void {
    const { bytes, at } = part;
    const isWhole = at + length === bytes.length;
    const isLast = part.isEnd && isWhole;
    this.#writer.head(length, FrameType.DATA, isLast ? Flag.END_STREAM : 0, stream.id);
    if (length > 0) this.#writer.append(length === bytes.length ? bytes : bytes.subarray(at, at + length));
    part.at += length;
    stream.sendWindow -= length;
    this.#window -= length;
    if (isLast) stream.hasSentEnd = true;
  }
}
