// SPDX-License-Identifier: Apache-2.0
// Splits what a socket delivers into frames. Knows their headers and how long they may be, not what they mean.

import { ConnectionError, DEFAULT_MAX_FRAME_SIZE, ErrorCode, FrameType, HEAD_SIZE, Http1Answer } from "./frames.js";

/** Takes frames one by one. */
export interface FrameHandler {
  /**
   * One whole frame, whose payload is `bytes` from `from` to `to`: six parameters, since an object per frame would be most of the garbage
   * of a reader. The bytes belong to the reader: keeping any of them keeps a whole chunk alive.
   *
   * @returns whether to go on reading
   */
  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, from: number, to: number): boolean;
}

const HTTP_1 = Buffer.from("HTTP/1.", "latin1");

/** The reader of one connection. Chunks of an incomplete frame are kept as they are, and joined once. */
export class FrameReader {
  readonly #handler: FrameHandler;
  #rest: Buffer[] = [];
  #restLength = 0;
  #needed = HEAD_SIZE;
  #hasBegun = false;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /**
   * Takes received bytes, and passes on the complete frames.
   *
   * @throws ConnectionError when a frame is longer than we take, or the peer does not speak HTTP/2
   */
  push(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#restLength > 0) {
      this.#rest.push(chunk);
      this.#restLength += chunk.length;
      if (this.#restLength < this.#needed) return;
      bytes = Buffer.concat(this.#rest, this.#restLength);
      this.#rest = [];
      this.#restLength = 0;
    }
    const end = bytes.length;
    let at = 0;
    let needed = HEAD_SIZE;
    while (end - at >= HEAD_SIZE) {
      if (!this.#hasBegun) this.#checkBeginning(bytes);
      const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
      if (length > DEFAULT_MAX_FRAME_SIZE) {
        throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `a frame of ${length} bytes, which is more than allowed`);
      }
      needed = HEAD_SIZE + length;
      if (end - at < needed) break;
      const from = at + HEAD_SIZE;
      at += needed;
      needed = HEAD_SIZE;
      const streamId = bytes.readUInt32BE(from - 4) & 0x7fff_ffff;
      if (!this.#handler.onFrame(bytes[from - 6] ?? 0, bytes[from - 5] ?? 0, streamId, bytes, from, at)) return;
    }
    if (at === end) return;
    this.#rest = [at === 0 ? bytes : bytes.subarray(at)];
    this.#restLength = end - at;
    this.#needed = needed;
  }

  /** The first frame must be SETTINGS and not an ACK (RFC 9113, section 3.4). */
  #checkBeginning(bytes: Buffer): void {
    if (bytes.subarray(0, HTTP_1.length).equals(HTTP_1)) {
      throw new Http1Answer();
    }
    if (bytes[3] !== FrameType.SETTINGS || ((bytes[4] ?? 0) & 1) !== 0) {
      throw new ConnectionError(
        ErrorCode.PROTOCOL_ERROR,
        "the peer does not speak HTTP/2: its first frame is not SETTINGS",
      );
    }
    this.#hasBegun = true;
  }
}
