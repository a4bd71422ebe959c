// SPDX-License-Identifier: Apache-2.0
// Joins HEADERS and the CONTINUATIONs after it into one header block. Source: RFC 9113, sections 6.2 and 6.10. Decodes nothing.

import { ConnectionError, ErrorCode, Flag, FrameType } from "./frames.js";

/** The maximum size of a block: twice that of its list, for peers that do not compress. Prevents endless CONTINUATIONs. */
const MAX_BLOCK_OCTETS = 128 * 1024;
const MAX_BLOCK_FRAMES = 64;

/** Receives whole blocks. */
type BlockHandler = (streamId: number, isEnd: boolean, bytes: Buffer, from: number, to: number) => void;

/** Puts the blocks of one connection together. */
export class HeaderAssembler {
  readonly #onBlock: BlockHandler;
  #streamId = 0;
  #isEnd = false;
  #parts: Buffer[] | undefined;
  #length = 0;

  constructor(onBlock: BlockHandler) {
    this.#onBlock = onBlock;
  }

  /** Whether a block has begun, so that only its CONTINUATION may follow. */
  get isOpen(): boolean {
    return this.#parts !== undefined;
  }

  /** Takes HEADERS, without padding and priority. @throws ConnectionError */
  headers(flags: number, streamId: number, bytes: Buffer, from: number, to: number): void {
    const body = withoutPadding(flags, bytes, from, to);
    const start = body.from + ((flags & Flag.PRIORITY) === 0 ? 0 : 5);
    if (start > body.to) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a HEADERS frame that is too short");
    const isEnd = (flags & Flag.END_STREAM) !== 0;
    if ((flags & Flag.END_HEADERS) !== 0) {
      this.#onBlock(streamId, isEnd, bytes, start, body.to);
      return;
    }
    this.#streamId = streamId;
    this.#isEnd = isEnd;
    this.#parts = [];
    this.#length = 0;
    this.#keep(bytes, start, body.to);
  }

  /** Takes a CONTINUATION. @throws ConnectionError */
  continuation(flags: number, streamId: number, bytes: Buffer, from: number, to: number): void {
    if (this.#parts === undefined || streamId !== this.#streamId) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a CONTINUATION frame outside a header block");
    }
    const parts = this.#keep(bytes, from, to);
    if ((flags & Flag.END_HEADERS) === 0) return;
    this.#parts = undefined;
    const block = Buffer.concat(parts, this.#length);
    this.#onBlock(streamId, this.#isEnd, block, 0, block.length);
  }

  #keep(bytes: Buffer, from: number, to: number): readonly Buffer[] {
    const parts = this.#parts ?? [];
    parts.push(Buffer.from(bytes.subarray(from, to)));
    this.#length += to - from;
    if (this.#length > MAX_BLOCK_OCTETS || parts.length > MAX_BLOCK_FRAMES) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "a header block that does not end");
    }
    return parts;
  }
}

/** Where a payload starts and ends without its padding. @throws ConnectionError when there is more padding than payload */
export function withoutPadding(
  flags: number,
  bytes: Buffer,
  from: number,
  to: number,
): { readonly from: number; readonly to: number } {
  if ((flags & Flag.PADDED) === 0) return { from, to };
  const padding = bytes[from] ?? 0;
  if (from === to || padding >= to - from) {
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a frame with more padding than payload");
  }
  return { from: from + 1, to: to - padding };
}

/** @throws ConnectionError when a frame other than CONTINUATION comes inside a header block */
export function checkInsideBlock(type: number): void {
  if (type !== FrameType.CONTINUATION) {
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a frame inside a header block");
  }
}
