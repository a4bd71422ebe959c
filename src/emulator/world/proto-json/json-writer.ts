// SPDX-License-Identifier: Apache-2.0
// Turns messages into JSON: fields at their defaults left out, enums by name or by number. Knows messages by their tables alone.

import type { FieldType, MessageType, SingularType } from "../../../messages/tables.js";
import { anyTypeOf } from "./any-types.js";
import type { Message } from "./json-reader.js";
import { fieldsOf } from "./message-fields.js";
import { formatDuration, formatFieldMask, formatTimestamp, type SecondsAndNanos } from "./well-known.js";

/** How enums are written. */
export type EnumForm = "names" | "numbers";

function isDefault(type: FieldType, value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof type === "object" && type.kind === "optional") return false;
  if (value === "" || value === 0 || value === false || (type === "int64" && value === "0")) return true;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  return typeof type === "object" && type.kind === "map" && Object.keys(Object(value)).length === 0;
}

// as: what the generated types say of lists and maps.
function writeField(type: FieldType, value: unknown, enums: EnumForm): unknown {
  if (typeof type !== "object") return writeValue(type, value, enums);
  if (type.kind === "repeated") return (value as unknown[]).map((item) => writeValue(type.of, item, enums));
  if (type.kind === "map") {
    return Object.fromEntries(
      Object.entries(value as object).map(([key, item]) => [key, writeValue(type.of, item, enums)]),
    );
  }
  return writeValue(type.kind === "optional" ? type.of : type, value, enums);
}

// as: a value of a field has the type that the generated tables say.
function writeValue(type: SingularType, value: unknown, enums: EnumForm): unknown {
  if (typeof type === "object") {
    if (type.kind === "message") return writeMessage(type, value as Message, enums);
    if (enums === "numbers") return value;
    return Object.keys(type.values).find((name) => type.values[name] === value) ?? value;
  }
  switch (type) {
    case "bytes":
      return Buffer.from(value as Uint8Array).toString("base64");
    case "duration":
      return formatDuration(value as SecondsAndNanos);
    case "timestamp":
      return formatTimestamp(value as SecondsAndNanos);
    case "fieldMask":
      return formatFieldMask(value as readonly string[]);
    case "any":
      return writeAny(value as AnyMessage, enums);
    default:
      return value;
  }
}

interface AnyMessage {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

function writeAny({ typeUrl, value }: AnyMessage, enums: EnumForm): Record<string, unknown> {
  const { type, decode } = anyTypeOf(typeUrl);
  return { "@type": typeUrl, ...writeMessage(type, decode(value) as Message, enums) }; // as: decoded by the table of `type`
}

/** Writes a message as a JSON value. */
export function writeMessage(message: MessageType, value: Message, enums: EnumForm): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const { jsonName, type } of fieldsOf(message)) {
    const each = value[jsonName];
    if (!isDefault(type, each)) json[jsonName] = writeField(type, each, enums);
  }
  return json;
}
