// SPDX-License-Identifier: Apache-2.0
// Turns messages into JSON: fields at their defaults left out, enums by name or by number. Knows messages by their descriptors
// alone.

import type { DescField, DescMessage } from "./descriptors.js";
import type { Message } from "./json-reader.js";
import { formatDuration, formatFieldMask, formatTimestamp, type SecondsAndNanos } from "./well-known.js";

/** How enums are written. */
export type EnumForm = "names" | "numbers";

function isDefault(value: unknown): boolean {
  if (value === undefined || value === "" || value === 0 || value === false) return true;
  return (Array.isArray(value) || value instanceof Uint8Array) && value.length === 0;
}

function writeValue(field: DescField, value: unknown, enums: EnumForm): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (field.enum !== undefined) {
    return enums === "numbers" ? value : (field.enum.values.find(({ number }) => number === value)?.name ?? value);
  }
  // What the generated types say of these messages.
  switch (field.message?.typeName) {
    case undefined:
      return value;
    case "google.protobuf.Duration":
      return formatDuration(value as SecondsAndNanos);
    case "google.protobuf.Timestamp":
      return formatTimestamp(value as SecondsAndNanos);
    case "google.protobuf.FieldMask":
      return formatFieldMask(value as readonly string[]);
    default:
      return field.message === undefined ? value : writeMessage(field.message, value as Message, enums);
  }
}

/** Writes a message as a JSON value. */
export function writeMessage(desc: DescMessage, message: Message, enums: EnumForm): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const field of desc.fields) {
    const value = message[field.localName];
    if (isDefault(value)) continue;
    json[field.jsonName] =
      Array.isArray(value) && field.fieldKind === "list"
        ? value.map((item) => writeValue(field, item, enums))
        : writeValue(field, value, enums);
  }
  return json;
}
