// SPDX-License-Identifier: Apache-2.0
// Turns JSON into messages as Google's front end does, and says what is wrong with a value in its words. Knows messages by
// their tables alone. Made for the emulator: no client reads with it.

import type { EnumType, FieldType, MessageType, ScalarType, SingularType } from "../../../messages/tables.js";
import type { FieldViolation } from "../refusals/service-error.js";
import { type Field, fieldsOf, findField } from "./message-fields.js";
import { readBase64, readDuration, readFieldMask, readTimestamp } from "./well-known.js";

/** A message as the generated codecs take it. */
export type Message = Record<string, unknown>;

/** A field that the REST API takes and the proto does not have. All of them are booleans. */
export interface ExtraField {
  /** The name in JSON. Required. */
  readonly jsonName: string;
  /** The name in the style of protos. Required. */
  readonly name: string;
}

/** A message, and what was wrong with the JSON: it can be used only if nothing was. */
interface ReadResult {
  /** The message. Required. */
  readonly message: Message;
  /** What was wrong. Required. */
  readonly violations: readonly FieldViolation[];
}

const INVALID = Symbol("invalid");
const MAX_INT32 = 2_147_483_647;
const MAX_INT64 = 2n ** 63n - 1n;

// Messages that are written as strings, and what they are called.
const texts = {
  duration: ["google.protobuf.Duration", readDuration],
  timestamp: ["google.protobuf.Timestamp", readTimestamp],
  fieldMask: ["google.protobuf.FieldMask", readFieldMask],
} as const;

function isText(type: SingularType): type is keyof typeof texts {
  return typeof type === "string" && Object.hasOwn(texts, type);
}

function readInt32(value: unknown): unknown {
  const isNumeric = typeof value === "string" && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value);
  const number = isNumeric ? Number(value) : value;
  return Number.isInteger(number) && Math.abs(Number(number)) <= MAX_INT32 ? number : INVALID;
}

// In memory it is text, as the generated codecs have it.
function readInt64(value: unknown): unknown {
  const isWhole = Number.isInteger(value) || (typeof value === "string" && /^-?\d{1,19}$/.test(value));
  if (!isWhole) return INVALID;
  const number = BigInt(value as string | number); // one of the two, as just checked
  return number <= MAX_INT64 && number >= -MAX_INT64 - 1n ? String(number) : INVALID;
}

// The spellings of a boolean that Google's front end takes in a query or a string, in any case (protobuf's safe_strtob; memory):
// Python's `False`, which gcloud sends, for one.
const spellings: Readonly<Record<string, boolean>> = {
  ...{ true: true, t: true, yes: true, y: true, "1": true },
  ...{ false: false, f: false, no: false, n: false, "0": false },
};

function readBool(value: unknown): unknown {
  if (typeof value !== "string") return typeof value === "boolean" ? value : INVALID;
  const spelling = value.toLowerCase();
  return Object.hasOwn(spellings, spelling) ? spellings[spelling] : INVALID;
}

function readScalar(scalar: ScalarType, value: unknown): unknown {
  switch (scalar) {
    case "string":
      return typeof value === "string" ? value : INVALID;
    case "bool":
      return readBool(value);
    case "bytes":
      return typeof value === "string" ? (readBase64(value) ?? INVALID) : INVALID;
    case "int32":
      return readInt32(value);
    case "int64":
      return readInt64(value);
    default:
      throw new Error(`no JSON form for the scalar ${scalar}`);
  }
}

function readEnum({ values }: EnumType, value: unknown): unknown {
  if (typeof value === "string") {
    const wanted = value.toUpperCase().replaceAll("-", "_");
    if (Object.hasOwn(values, wanted)) return values[wanted];
  }
  return readInt32(value);
}

/** What Google's front end calls a type. */
function nameOf(type: SingularType): string {
  if (typeof type === "object") return `type.googleapis.com/${type.typeName}`;
  return isText(type) ? `type.googleapis.com/${texts[type][0]}` : `TYPE_${type.toUpperCase()}`;
}

function defaultOf(type: FieldType): unknown {
  if (typeof type === "object") {
    if (type.kind === "repeated") return [];
    if (type.kind === "map") return {};
    return type.kind === "enum" ? 0 : undefined;
  }
  if (type === "string") return "";
  if (type === "bytes") return Buffer.alloc(0);
  if (type === "bool") return false;
  if (type === "int64") return "0";
  return type === "int32" ? 0 : undefined;
}

/** A message with every field at its default, as the generated codecs make it. */
function emptyMessage(type: MessageType): Message {
  return Object.fromEntries(fieldsOf(type).map((field) => [field.jsonName, defaultOf(field.type)]));
}

class Reader {
  readonly violations: FieldViolation[] = [];

  #report(field: string, description: string): typeof INVALID {
    this.violations.push({ field, description });
    return INVALID;
  }

  #reportValue(type: SingularType, path: string, value: unknown): typeof INVALID {
    const isBytes = type === "bytes" && typeof value === "string";
    const given = JSON.stringify(value);
    const reason = isBytes ? `Base64 decoding failed for ${given}` : given;
    return this.#report(path, `Invalid value at '${path}' (${nameOf(type)}), ${reason}`);
  }

  readMessage(type: MessageType, json: unknown, path: string, extras: readonly ExtraField[]): Message {
    const message = emptyMessage(type);
    // as: each caller has looked
    for (const [name, value] of Object.entries(json as object)) {
      const extra = extras.find((candidate) => candidate.jsonName === name || candidate.name === name);
      const field = findField(type, name);
      const below = path === "" ? (field?.name ?? name) : `${path}.${field?.name ?? name}`;
      if (value === null && (field !== undefined || extra !== undefined)) continue;
      if (extra !== undefined) this.#readExtra(message, extra, value);
      else if (field !== undefined) this.#readField(message, field, value, below);
      else {
        const at = path === "" ? "" : ` at '${path}'`;
        this.#report(
          path,
          `Invalid JSON payload received. Unknown name ${JSON.stringify(name)}${at}: Cannot find field.`,
        );
      }
    }
    return message;
  }

  #readExtra(message: Message, { jsonName, name }: ExtraField, value: unknown): void {
    const read = readScalar("bool", value);
    if (read !== INVALID) message[jsonName] = read;
    else this.#report(name, `Invalid value at '${name}' (TYPE_BOOL), ${JSON.stringify(value)}`);
  }

  #readField(message: Message, { jsonName, type }: Field, value: unknown, path: string): void {
    if (typeof type === "object" && type.kind === "map") {
      message[jsonName] = this.#readMap(type.of, value, path);
      return;
    }
    if (typeof type === "object" && type.kind === "repeated") {
      const items = Array.isArray(value) ? value : [value];
      message[jsonName] = items.map((item, index) => this.#readValue(type.of, item, `${path}[${index}]`));
      return;
    }
    if (Array.isArray(value)) {
      const where = path.includes(".") ? ` at '${path.slice(0, path.lastIndexOf("."))}'` : "";
      const what = `Unknown name "${jsonName}"${where}: Proto field is not repeating, cannot start list.`;
      this.#report(path, `Invalid JSON payload received. ${what}`);
      return;
    }
    const read = this.#readValue(typeof type === "object" && type.kind === "optional" ? type.of : type, value, path);
    if (read !== INVALID) message[jsonName] = read;
  }

  #readMap(type: SingularType, value: unknown, path: string): Message {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.#report(path, `Invalid value at '${path}' (map), ${JSON.stringify(value)}`);
      return {};
    }
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([key, item]) => [key, this.#readValue(type, item, `${path}.${key}`)]));
  }

  #readValue(type: SingularType, value: unknown, path: string): unknown {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    if (typeof type === "object" && type.kind === "message") {
      return isObject ? this.readMessage(type, value, path, []) : this.#reportValue(type, path, value);
    }
    if (isText(type)) {
      const read = typeof value === "string" ? texts[type][1](value) : undefined;
      return read === undefined ? this.#reportValue(type, path, value) : read;
    }
    if (type === "any" || type === "json") throw new Error(`no request has a field of the type ${type}`);
    if (typeof value === "object" && value !== null) {
      return this.#report(path, `Invalid value at '${path}' (${nameOf(type)}), Starting an object on a scalar field`);
    }
    const read = typeof type === "object" ? readEnum(type, value) : readScalar(type, value);
    return read === INVALID ? this.#reportValue(type, path, value) : read;
  }
}

/**
 * Reads a message from JSON that was parsed.
 *
 * @param extras fields that the message has in JSON only
 */
export function readMessage(type: MessageType, json: unknown, extras: readonly ExtraField[] = []): ReadResult {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    const description = 'Invalid JSON payload received. Unknown name "": Root element must be a message.';
    return { message: {}, violations: [{ field: "", description }] };
  }
  const reader = new Reader();
  const message = reader.readMessage(type, json, "", extras);
  return { message, violations: reader.violations };
}
