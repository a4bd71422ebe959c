// SPDX-License-Identifier: Apache-2.0
// The header fields of a request, and how they are written into frames. Of a stream it knows only the number.

import type { FrameWriter } from "./frames/frame-writer.js";
import { Flag, FrameType, HEAD_SIZE } from "./frames/frames.js";
import type { HpackEncoder } from "./hpack/hpack-encoder.js";
import { ENTRY_OVERHEAD, type Field } from "./hpack/hpack-tables.js";

/** Header fields shared by many requests, including pseudo-header fields. Recognized by identity: make them once. */
export interface FixedFields {
  readonly fields: readonly Field[];
  /** As SETTINGS_MAX_HEADER_LIST_SIZE counts it. */
  readonly size: number;
}

/** The header fields of a request, in their order. */
export interface RequestHead {
  readonly fixed: FixedFields;
  /** One field in between; `undefined`: none. */
  readonly extra: Field | undefined;
  readonly own: readonly Field[];
}

/** Makes fields for repeated use, with their size. */
export function fixedFields(fields: readonly Field[]): FixedFields {
  return { fields, size: listSize(fields) };
}

/** A request's header fields exceed what the peer accepts. Nothing was sent. */
export class HeaderListTooLarge extends Error {
  static {
    HeaderListTooLarge.prototype.name = "HeaderListTooLarge";
  }

  constructor(size: number, limit: number) {
    super(`the metadata is ${size} bytes long, but the server accepts at most ${limit}`);
  }
}

/** The size of a request's header list. @throws HeaderListTooLarge when it exceeds the peer's limit */
export function checkedSize({ fixed, extra, own }: RequestHead, limit: number): number {
  const size = fixed.size + (extra === undefined ? 0 : fieldSize(extra)) + listSize(own);
  if (size > limit) throw new HeaderListTooLarge(size, limit);
  return size;
}

/** What {@link writeHead} writes with. */
interface HeadWriter {
  readonly writer: FrameWriter;
  readonly encoder: HpackEncoder;
  readonly maxFrameSize: number;
}

/** Writes HEADERS, and CONTINUATIONs if the block exceeds a frame. @param size from {@link checkedSize} */
export function writeHead(
  { writer, encoder, maxFrameSize }: HeadWriter,
  id: number,
  head: RequestHead,
  size: number,
): void {
  // Each field's counted overhead exceeds its string prefixes; a table size update may come first.
  writer.reserve(HEAD_SIZE + 8 + size);
  writer.head(0, FrameType.HEADERS, Flag.END_HEADERS, id);
  const from = writer.at;
  encoder.begin(writer);
  encoder.addFixed(writer, head.fixed.fields);
  if (head.extra !== undefined) encoder.add(writer, head.extra[0], head.extra[1]);
  for (const field of head.own) encoder.add(writer, field[0], field[1]);
  const length = writer.at - from;
  if (length <= maxFrameSize) writer.bytes.writeUIntBE(length, from - HEAD_SIZE, 3);
  else splitBlock(writer, id, from, maxFrameSize);
}

function splitBlock(writer: FrameWriter, id: number, from: number, maxFrameSize: number): void {
  const block = Buffer.from(writer.bytes.subarray(from, writer.at));
  writer.at = from - HEAD_SIZE;
  for (let at = 0; at < block.length; at += maxFrameSize) {
    const part = block.subarray(at, at + maxFrameSize);
    const flags = at + maxFrameSize >= block.length ? Flag.END_HEADERS : 0;
    writer.head(part.length, at === 0 ? FrameType.HEADERS : FrameType.CONTINUATION, flags, id);
    writer.append(part);
  }
}

function fieldSize(field: Field): number {
  return field[0].length + field[1].length + ENTRY_OVERHEAD;
}

function listSize(fields: readonly Field[]): number {
  let size = 0;
  for (const field of fields) size += fieldSize(field);
  return size;
}
