// SPDX-License-Identifier: Apache-2.0
// Turns JSON into messages as Google's front end does, and says what is wrong with a value in its words. Knows messages by
// their descriptors alone. Made for the emulator: no client reads with it.

import type { FieldViolation } from "../../world/refusals/service-error.js";
import type { DescField, DescMessage } from "./descriptors.js";
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

/** A message, and what was wrong with the JSON: nothing, if it is to be used. */
export interface ReadResult {
  /** The message. Required. */
  readonly message: Message;
  /** What was wrong. Required. */
  readonly violations: readonly FieldViolation[];
}

// The numbers of google.protobuf.FieldDescriptorProto.Type that the protos of the emulator have.
const scalars = { int32: 5, bool: 8, string: 9, bytes: 12 } as const;
const scalarNames: Readonly<Record<number, string>> = {
  [scalars.int32]: "TYPE_INT32",
  [scalars.bool]: "TYPE_BOOL",
  [scalars.string]: "TYPE_STRING",
  [scalars.bytes]: "TYPE_BYTES",
};
const scalarDefaults: Readonly<Record<number, () => unknown>> = {
  [scalars.int32]: () => 0,
  [scalars.bool]: () => false,
  [scalars.string]: () => "",
  [scalars.bytes]: () => Buffer.alloc(0),
};

const INVALID = Symbol("invalid");
const MAX_INT32 = 2_147_483_647;

// Messages that are written as strings.
const texts: Readonly<Record<string, (text: string) => unknown>> = {
  "google.protobuf.Duration": readDuration,
  "google.protobuf.Timestamp": readTimestamp,
  "google.protobuf.FieldMask": readFieldMask,
};

function readInt32(value: unknown): unknown {
  const isNumeric = typeof value === "string" && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value);
  const number = isNumeric ? Number(value) : value;
  return Number.isInteger(number) && Math.abs(Number(number)) <= MAX_INT32 ? number : INVALID;
}

function readScalar(scalar: number, value: unknown): unknown {
  switch (scalar) {
    case scalars.string:
      return typeof value === "string" ? value : INVALID;
    case scalars.bool:
      if (value === "true" || value === "false") return value === "true";
      return typeof value === "boolean" ? value : INVALID;
    case scalars.bytes:
      return typeof value === "string" ? (readBase64(value) ?? INVALID) : INVALID;
    case scalars.int32:
      return readInt32(value);
    default:
      throw new Error(`no JSON form for the scalar ${scalar}`);
  }
}

type DescEnum = NonNullable<DescField["enum"]>;

function readEnum({ values }: DescEnum, value: unknown): unknown {
  if (typeof value === "string") {
    const wanted = value.toUpperCase().replaceAll("-", "_");
    const known = values.find(({ name }) => name === wanted);
    if (known !== undefined) return known.number;
  }
  return readInt32(value);
}

function typeOf(field: DescField): string {
  if (field.enum !== undefined) return `type.googleapis.com/${field.enum.typeName}`;
  if (field.message !== undefined) return `type.googleapis.com/${field.message.typeName}`;
  return scalarNames[field.scalar ?? 0] ?? "";
}

/** A message with every field at its default, as the generated codecs make it. */
export function emptyMessage(desc: DescMessage): Message {
  const message: Message = {};
  for (const field of desc.fields) {
    if (field.fieldKind === "list") message[field.localName] = [];
    else if (field.fieldKind === "enum") message[field.localName] = 0;
    else if (field.fieldKind === "scalar") message[field.localName] = scalarDefaults[field.scalar]?.();
    else message[field.localName] = undefined;
  }
  return message;
}

class Reader {
  readonly violations: FieldViolation[] = [];

  #report(field: string, description: string): typeof INVALID {
    this.violations.push({ field, description });
    return INVALID;
  }

  #reportValue(field: DescField, path: string, value: unknown): typeof INVALID {
    const isBytes = field.scalar === scalars.bytes && typeof value === "string";
    const given = JSON.stringify(value);
    const reason = isBytes ? `Base64 decoding failed for ${given}` : given;
    return this.#report(path, `Invalid value at '${path}' (${typeOf(field)}), ${reason}`);
  }

  readMessage(desc: DescMessage, json: unknown, path: string, extras: readonly ExtraField[]): Message {
    const message = emptyMessage(desc);
    for (const [name, value] of Object.entries(json as object)) {
      const extra = extras.find((candidate) => candidate.jsonName === name || candidate.name === name);
      const field = desc.fields.find((candidate) => candidate.jsonName === name || candidate.name === name);
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
    const read = readScalar(scalars.bool, value);
    if (read !== INVALID) message[jsonName] = read;
    else this.#report(name, `Invalid value at '${name}' (TYPE_BOOL), ${JSON.stringify(value)}`);
  }

  #readField(message: Message, field: DescField, value: unknown, path: string): void {
    if (field.fieldKind === "map") throw new Error("no JSON form for maps");
    if (field.fieldKind === "list") {
      const items = Array.isArray(value) ? value : [value];
      message[field.localName] = items.map((item, index) => this.#readValue(field, item, `${path}[${index}]`));
      return;
    }
    if (Array.isArray(value)) {
      const where = path.includes(".") ? ` at '${path.slice(0, path.lastIndexOf("."))}'` : "";
      const what = `Unknown name "${field.jsonName}"${where}: Proto field is not repeating, cannot start list.`;
      this.#report(path, `Invalid JSON payload received. ${what}`);
      return;
    }
    const read = this.#readValue(field, value, path);
    if (read !== INVALID) message[field.localName] = read;
  }

  #readValue(field: DescField, value: unknown, path: string): unknown {
    if (field.message === undefined) {
      if (typeof value === "object" && value !== null) {
        return this.#report(
          path,
          `Invalid value at '${path}' (${typeOf(field)}), Starting an object on a scalar field`,
        );
      }
      const read = field.enum === undefined ? readScalar(field.scalar ?? 0, value) : readEnum(field.enum, value);
      return read === INVALID ? this.#reportValue(field, path, value) : read;
    }
    const readText = texts[field.message.typeName];
    if (readText !== undefined) {
      const read = typeof value === "string" ? readText(value) : undefined;
      return read === undefined ? this.#reportValue(field, path, value) : read;
    }
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? this.readMessage(field.message, value, path, []) : this.#reportValue(field, path, value);
  }
}

/**
 * Reads a message from JSON that was parsed.
 *
 * @param extras fields that the message has in JSON only
 */
export function readMessage(desc: DescMessage, json: unknown, extras: readonly ExtraField[] = []): ReadResult {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    const description = 'Invalid JSON payload received. Unknown name "": Root element must be a message.';
    return { message: {}, violations: [{ field: "", description }] };
  }
  const reader = new Reader();
  const message = reader.readMessage(desc, json, "", extras);
  return { message, violations: reader.violations };
}
