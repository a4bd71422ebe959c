// SPDX-License-Identifier: Apache-2.0
// Reads the bytes of a message whose type it does not know: what stands on the wire, by the number of the field.

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** The values of a message, by field number, in the order of the wire: bytes, or a number of 32 bits. */
export type RawMessage = ReadonlyMap<number, readonly (Uint8Array | number)[]>;

/**
 * Reads a message. What is neither bytes nor an integer is skipped.
 *
 * @throws Error when it is malformed
 */
export function readRawMessage(bytes: Uint8Array): RawMessage {
  const reader = new BinaryReader(bytes);
  const raw = new Map<number, (Uint8Array | number)[]>();
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type !== WireType.LengthDelimited && type !== WireType.Varint) {
      reader.skip(type, number);
      continue;
    }
    const value = type === WireType.Varint ? reader.int32() : reader.bytes();
    const before = raw.get(number);
    if (before === undefined) raw.set(number, [value]);
    else before.push(value);
  }
  return raw;
}

const decoder = new TextDecoder();
const isBytes = (value: Uint8Array | number): value is Uint8Array => typeof value !== "number";

/** The last number of a field; 0 when there is none. */
export function numberAt(message: RawMessage, field: number): number {
  const value = message.get(field)?.at(-1);
  return typeof value === "number" ? value : 0;
}

/** The last text of a field; empty when there is none. */
export function textAt(message: RawMessage, field: number): string {
  const value = message.get(field)?.at(-1);
  return value !== undefined && isBytes(value) ? decoder.decode(value) : "";
}

/** The messages of a field, in order. */
export function messagesAt(message: RawMessage, field: number): readonly RawMessage[] {
  return (message.get(field) ?? []).filter(isBytes).map(readRawMessage);
}
