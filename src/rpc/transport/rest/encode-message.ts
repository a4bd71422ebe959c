// SPDX-License-Identifier: Apache-2.0
// Encodes a message as proto3 JSON by its field table. Knows no service.
// Source: protobuf.dev/programming-guides/json ("ProtoJSON Format").

import type { FieldType, MessageFields, SingularType } from "../../../messages/tables.js";
import { fieldWithin, ProtoJsonError, requireValue } from "./proto-json-error.js";
import { formatDuration, formatFieldMask, formatTimestamp, type SecondsAndNanos } from "./well-known-json.js";

/** A value that JSON can carry. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A message's JSON object. Fields with their default value are omitted; enums are numbers. Throws ProtoJsonError. */
export function encodeMessage(fields: MessageFields, message: object, at = ""): { [key: string]: JsonValue } {
  const json: [string, JsonValue][] = [];
  const values = message as Readonly<Record<string, unknown>>; // as: the table says which members there are
  for (const [name, type] of Object.entries(fields)) {
    const encoded = encodeField(type, values[name], fieldWithin(at, name));
    if (encoded !== undefined) json.push([name, encoded]);
  }
  return Object.fromEntries(json);
}

/** One field's JSON; `undefined` when it is absent or has its default value. */
function encodeField(type: FieldType, value: unknown, at: string): JsonValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof type === "object") {
    if (type.kind === "repeated") {
      if (!Array.isArray(value)) throw new ProtoJsonError(at, "an array");
      return value.length === 0
        ? undefined
        : value.map((item, index) => encodeSingular(type.of, item, `${at}[${index}]`));
    }
    if (type.kind === "map") {
      if (typeof value !== "object") throw new ProtoJsonError(at, "an object");
      const entries = Object.entries(value).map(([key, item]): [string, JsonValue] => [
        key,
        encodeSingular(type.of, item, fieldWithin(at, key)),
      ]);
      return entries.length === 0 ? undefined : Object.fromEntries(entries);
    }
    if (type.kind === "optional") return encodeSingular(type.of, value, at);
  }
  return isDefault(type, value) ? undefined : encodeSingular(type, value, at);
}

function isDefault(type: SingularType, value: unknown): boolean {
  if (type === "bytes") return value instanceof Uint8Array && value.length === 0;
  if (type === "int64" || type === "uint64") return String(value) === "0";
  if (type === "json") return false; // a Value has presence
  if (type === "float" || type === "double") return Object.is(value, 0); // minus zero is not the default
  return value === "" || value === 0 || value === false;
}

function encodeSingular(type: SingularType, value: unknown, at: string): JsonValue {
  if (typeof type === "object") {
    if (type.kind === "enum")
      return requireValue(Number.isInteger(value), value as number, at, "the number of an enum"); // as: it is one, or that throws
    if (typeof value !== "object" || value === null) throw new ProtoJsonError(at, "an object");
    return encodeMessage(type.fields, value, at);
  }
  const { isRight, encode, expected } = ENCODERS[type];
  if (!isRight(value)) throw new ProtoJsonError(at, expected);
  try {
    return encode(value as never); // as: isRight has just checked it
  } catch {
    throw new ProtoJsonError(at, expected);
  }
}

interface Encoder<Value> {
  isRight(value: unknown): boolean;
  encode(value: Value): JsonValue;
  readonly expected: string;
}

const isInteger64 = (value: unknown): boolean => /^-?\d+$/.test(String(value));
const isInteger = (value: unknown): boolean => Number.isInteger(value);
const isPair = (value: unknown): boolean => typeof value === "object" && value !== null && "seconds" in value;
const same = <Value extends JsonValue>(value: Value): Value => value;
/** JSON has no number for these three. */
const encodeFloat = (value: number): JsonValue => (Number.isFinite(value) ? value : String(value));

const ENCODERS: { readonly [Type in Exclude<SingularType, object>]: Encoder<never> } = {
  string: { isRight: (value) => typeof value === "string", encode: same<string>, expected: "a string" },
  bool: { isRight: (value) => typeof value === "boolean", encode: same<boolean>, expected: "a boolean" },
  bytes: {
    isRight: (value) => value instanceof Uint8Array,
    encode: (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
    expected: "bytes",
  },
  int32: { isRight: isInteger, encode: same<number>, expected: "an integer" },
  uint32: { isRight: isInteger, encode: same<number>, expected: "a non-negative integer" },
  int64: { isRight: isInteger64, encode: String, expected: "an integer as a string" },
  uint64: { isRight: isInteger64, encode: String, expected: "a non-negative integer as a string" },
  float: { isRight: (value) => typeof value === "number", encode: encodeFloat, expected: "a number" },
  double: { isRight: (value) => typeof value === "number", encode: encodeFloat, expected: "a number" },
  duration: { isRight: isPair, encode: (pair: SecondsAndNanos) => formatDuration(pair), expected: "a Duration" },
  timestamp: { isRight: isPair, encode: (pair: SecondsAndNanos) => formatTimestamp(pair), expected: "a Timestamp" },
  fieldMask: {
    isRight: Array.isArray,
    encode: (paths: string[]) => formatFieldMask(paths),
    expected: "an array of paths",
  },
  // Its JSON has the fields of the message within, whose type is not known here.
  any: { isRight: () => false, encode: same<never>, expected: "left out over REST, which cannot carry an Any" },
  json: { isRight: (value) => value !== undefined, encode: same<JsonValue>, expected: "JSON" },
};
