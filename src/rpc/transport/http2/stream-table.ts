// SPDX-License-Identifier: Apache-2.0
// The streams of a connection: their numbers, how many there may be, which are open. Sends nothing.

import { ConnectionError, ErrorCode } from "./frames/frames.js";
import { Http2Stream, type StreamParts } from "./stream.js";

/** How many streams to open before the peer announces its limit: limits of 10 have been seen in practice. */
const STREAMS_BEFORE_SETTINGS = 10;
const LAST_STREAM_ID = 0x7fff_ffff;

/** The open streams. */
export class StreamTable {
  readonly #streams = new Map<number, Http2Stream>();
  #nextId = 1;
  /** How many concurrent streams the peer accepts. */
  limit = STREAMS_BEFORE_SETTINGS;

  /** How many are open. */
  get size(): number {
    return this.#streams.size;
  }

  /** Whether all numbers are used up. */
  get isSpent(): boolean {
    return this.#nextId > LAST_STREAM_ID;
  }

  /** Opens the next one. */
  open(parts: StreamParts): Http2Stream {
    const stream = new Http2Stream(this.#nextId, parts);
    this.#nextId += 2;
    this.#streams.set(stream.id, stream);
    return stream;
  }

  /** An open stream; `undefined`: it has ended. */
  get(id: number): Http2Stream | undefined {
    return this.#streams.get(id);
  }

  /** @throws ConnectionError for a number that was never used */
  check(id: number): void {
    if ((id & 1) !== 0 && id < this.#nextId) return;
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a frame on a stream that was never opened");
  }

  /** Removes a stream. */
  delete(id: number): void {
    this.#streams.delete(id);
  }

  /** A snapshot of the open streams above a number. Default: all. */
  above(id = 0): readonly Http2Stream[] {
    return [...this.#streams.values()].filter((stream) => stream.id > id);
  }
}
