// SPDX-License-Identifier: Apache-2.0
// Decodes proto3 JSON into a message by its field table, tolerating JSON from a newer writer. Knows no service.
// Source: protobuf.dev/programming-guides/json ("ProtoJSON Format").

import { jsonNameOf } from "../../../messages/json-names.js";
import type { EnumType, FieldType, MessageFields, SingularType } from "../../../messages/tables.js";
import { fieldWithin, ProtoJsonError, requireValue } from "./proto-json-error.js";
import { parseBytes, parseDuration, parseFieldMask, parseTimestamp } from "./well-known-json.js";

/**
 * The complete message of a JSON object: fields that are absent or null get their defaults. Names are accepted in both spellings
 * (`accessToken`, `access_token`), unknown ones are ignored. Throws ProtoJsonError.
 */
export function decodeMessage(fields: MessageFields, json: unknown, at = ""): Record<string, unknown> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new ProtoJsonError(at, "an object");
  const message: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(fields)) message[name] = defaultOf(type);
  for (const [key, value] of Object.entries(json)) {
    const name = Object.hasOwn(fields, key) ? key : jsonNameOf(key);
    const type = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (type === undefined || value === null) continue;
    const decoded = decodeField(type, value, fieldWithin(at, name));
    if (decoded !== undefined) message[name] = decoded;
  }
  return message;
}

function defaultOf(type: FieldType): unknown {
  if (typeof type === "object") {
    if (type.kind === "repeated") return [];
    if (type.kind === "map") return {};
    return type.kind === "enum" ? 0 : undefined;
  }
  if (type === "string") return "";
  if (type === "bool") return false;
  if (type === "bytes") return Buffer.alloc(0);
  if (type === "int64" || type === "uint64") return "0";
  return WELL_KNOWN.has(type) ? undefined : 0;
}

/** These are messages in protobuf, so they can be absent. */
const WELL_KNOWN: ReadonlySet<FieldType> = new Set(["duration", "timestamp", "fieldMask", "any", "json"]);

/** Of an Any, only its type: the bytes of the message within cannot be derived from its JSON without knowing the type. */
function decodeAny(json: unknown): unknown {
  const typeUrl = Object(json)["@type"];
  return typeof typeUrl === "string" ? { typeUrl, value: Buffer.alloc(0) } : undefined;
}

function decodeField(type: FieldType, json: unknown, at: string): unknown {
  if (typeof type === "object") {
    if (type.kind === "repeated") {
      if (!Array.isArray(json)) throw new ProtoJsonError(at, "an array");
      const items = json.map((item, index) => decodeSingular(type.of, item, `${at}[${index}]`));
      return items.filter((item) => item !== undefined);
    }
    if (type.kind === "map") {
      if (typeof json !== "object" || json === null || Array.isArray(json)) throw new ProtoJsonError(at, "an object");
      const entries = Object.entries(json).map(([key, item]) => [
        key,
        decodeSingular(type.of, item, fieldWithin(at, key)),
      ]);
      return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
    }
    if (type.kind === "optional") return decodeSingular(type.of, json, at);
  }
  return decodeSingular(type, json, at);
}

/** `undefined` for the name of an enum value that is newer than the table. */
function decodeSingular(type: SingularType, json: unknown, at: string): unknown {
  if (typeof type === "object") {
    return type.kind === "enum" ? decodeEnum(type, json, at) : decodeMessage(type.fields, json, at);
  }
  const [decode, expected] = DECODERS[type];
  const value = decode(json);
  if (value === undefined) throw new ProtoJsonError(at, expected);
  return value;
}

function decodeEnum(type: EnumType, json: unknown, at: string): number | undefined {
  if (typeof json === "string") return Object.hasOwn(type.values, json) ? type.values[json] : undefined;
  return requireValue(Number.isInteger(json), json as number, at, "the name or number of an enum"); // as: just checked
}

const text = (json: unknown): string | undefined => (typeof json === "string" ? json : undefined);
const fromText =
  <Value>(parse: (text: string) => Value | undefined) =>
  (json: unknown): Value | undefined =>
    typeof json === "string" ? parse(json) : undefined;

/** Numbers may be strings, and integers may have an exponent or a fraction of zeros. */
function number(json: unknown): number | undefined {
  if (typeof json === "number") return json;
  if (typeof json !== "string" || !/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(json)) return undefined;
  const value = Number(json);
  return Number.isFinite(value) ? value : undefined;
}

const integerWithin = (least: number, greatest: number) => (json: unknown) => {
  const value = number(json);
  return value !== undefined && Number.isInteger(value) && value >= least && value <= greatest ? value : undefined;
};

const integer64Within = (least: bigint, greatest: bigint) => (json: unknown) => {
  const isPlain = typeof json === "string" && /^-?\d+$/.test(json);
  const value = isPlain ? undefined : number(json);
  if (!isPlain && !Number.isInteger(value)) return undefined;
  const whole = BigInt(isPlain ? json : (value ?? 0));
  return whole >= least && whole <= greatest ? String(whole) : undefined;
};

const float = (json: unknown): number | undefined =>
  json === "NaN" || json === "Infinity" || json === "-Infinity" ? Number(json) : number(json);

type Decoder = readonly [decode: (json: unknown) => unknown, expected: string];

const DECODERS: { readonly [Type in Exclude<SingularType, object>]: Decoder } = {
  string: [text, "a string"],
  bool: [(json) => (typeof json === "boolean" ? json : undefined), "a boolean"],
  bytes: [fromText(parseBytes), "base64"],
  int32: [integerWithin(-(2 ** 31), 2 ** 31 - 1), "a 32-bit number"],
  uint32: [integerWithin(0, 2 ** 32 - 1), "an unsigned 32-bit number"],
  int64: [integer64Within(-(2n ** 63n), 2n ** 63n - 1n), "a 64-bit number"],
  uint64: [integer64Within(0n, 2n ** 64n - 1n), "an unsigned 64-bit number"],
  float: [float, "a number"],
  double: [float, "a number"],
  duration: [fromText(parseDuration), 'a Duration such as "3.5s"'],
  timestamp: [fromText(parseTimestamp), "an RFC 3339 timestamp"],
  any: [decodeAny, 'an object with "@type"'],
  json: [(json) => json, "JSON"],
  fieldMask: [fromText(parseFieldMask), "field names, separated by commas"],
};
