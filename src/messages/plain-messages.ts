// SPDX-License-Identifier: Apache-2.0
// Converts between what a caller writes and reads (names of enums, a Timestamp, fields left out) and the messages of the generated
// stubs, by the field tables. Every mistake is an error that names the field. Knows no service.

import { RequestError } from "../base/errors.js";
import { checkKnownFields } from "../base/options/shared-options.js";
import { Timestamp } from "../base/timestamp.js";
import type { EnumType, FieldType, MessageFields, ScalarType, SingularType, WellKnownType } from "./tables.js";

/** The number, as text, of an enum value that is newer than this package. */
export type NewerValue = `${number}`;

/**
 * Checks one field as the caller wrote it (`undefined`: left out) and returns the value to use instead. Throws RequestError.
 *
 * @param field its name for the error: `"policy"`, `"serviceAccount.displayName"`
 */
type FieldCheck = (value: unknown, field: string) => unknown;

/** Checks by field; a field without one is optional, and only its type is checked. */
type FieldChecks = Readonly<Record<string, FieldCheck>>;

/**
 * A message with all fields of a request, so that the compiler rejects a request type that lacks a field of the wire message. Their
 * types come from the table, which the compiler knows nothing about: `never` fits anything.
 */
type MessageOf<Request> = { [Field in keyof Request]-?: never };

/**
 * For a row: makes the message from what a caller writes.
 *
 * @param checks checks beyond the fields' types, which also make values canonical
 * @param prepare fills in what a caller may leave out. Default: nothing
 */
export function fromPlain<Request>(
  checks: { readonly [Field in keyof Request & string]?: FieldCheck } = {},
  prepare: (request: unknown) => unknown = (request) => request,
): (request: Request, fields: MessageFields) => MessageOf<Request> {
  // as: the table describes the message
  return (request, fields) => messageFromPlain(fields, prepare(request), checks as FieldChecks) as MessageOf<Request>;
}

/** For a row: makes what a caller reads from a reply. */
export function toPlain<Response>(
  reply: { readonly [Field in keyof Response]: unknown },
  fields: MessageFields,
): Response {
  return plainFromMessage(fields, reply) as Response; // as: the table says how to read it, the service its type
}

/** For a row: returns nothing, for an empty reply. */
export function toNothing(): void {}

/**
 * The whole message of a request: fields that the caller left out have their defaults.
 *
 * @param path what to put before the names of fields in errors; empty for the request itself
 * @throws RequestError naming the field that is unknown, of another type, or refused by its check
 */
export function messageFromPlain(
  fields: MessageFields,
  plain: unknown,
  checks: FieldChecks = {},
  path = "",
): Record<string, unknown> {
  const names = Object.keys(fields);
  if (!isRecord(plain)) throw new RequestError(path || "request", `must be an object with ${names.join(", ")}`);
  checkKnownFields(plain, names, { whole: path, path });
  const message: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(fields)) {
    const field = within(path, name);
    const check = checks[name];
    const value = check === undefined ? plain[name] : check(plain[name], field);
    message[name] = value === undefined ? defaultOf(type) : fieldFromPlain(type, value, field);
  }
  return message;
}

/** What the caller reads from a message: enum names, Timestamps; an enum number that the table lacks becomes text. */
export function plainFromMessage(fields: MessageFields, message: object): Record<string, unknown> {
  const values = message as Readonly<Record<string, unknown>>; // as: the table says which members there are
  return Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, plainFromField(type, values[name])]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function within(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function defaultOf(type: FieldType): unknown {
  if (typeof type !== "object") return DEFAULTS[type]?.();
  if (type.kind === "repeated") return [];
  if (type.kind === "map") return {};
  return type.kind === "enum" ? 0 : undefined;
}

const DEFAULTS: { readonly [Type in ScalarType | WellKnownType]?: () => unknown } = {
  string: () => "",
  bool: () => false,
  bytes: () => Buffer.alloc(0),
  int32: () => 0,
  uint32: () => 0,
  int64: () => "0",
  uint64: () => "0",
  float: () => 0,
  double: () => 0,
};

function fieldFromPlain(type: FieldType, value: unknown, field: string): unknown {
  if (typeof type !== "object") return singularFromPlain(type, value, field);
  if (type.kind === "repeated") {
    if (!Array.isArray(value)) throw new RequestError(field, "must be an array");
    return value.map((item, index) => singularFromPlain(type.of, item, `${field}[${index}]`));
  }
  if (type.kind === "map") {
    if (!isRecord(value)) throw new RequestError(field, "must be an object");
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, singularFromPlain(type.of, item, within(field, key))]),
    );
  }
  return singularFromPlain(type.kind === "optional" ? type.of : type, value, field);
}

function singularFromPlain(type: SingularType, value: unknown, field: string): unknown {
  if (typeof type === "object") {
    return type.kind === "enum" ? numberOf(type, value, field) : messageFromPlain(type.fields, value, undefined, field);
  }
  const [convert, expected] = SCALARS[type];
  const converted = convert(value);
  if (converted === undefined) throw new RequestError(field, `must be ${expected}`);
  return converted;
}

function numberOf({ values }: EnumType, value: unknown, field: string): number {
  const number = typeof value === "string" && Object.hasOwn(values, value) ? values[value] : undefined;
  if (number !== undefined) return number;
  // The text that plainFromMessage made of a number that the table lacks becomes that number again.
  if (typeof value === "string" && /^-?\d{1,9}$/.test(value)) return Number(value);
  throw new RequestError(field, `must be one of ${Object.keys(values).join(", ")}`);
}

/** Makes the value for the stubs (`undefined` if the type is wrong), and says what would be right. */
type Conversion = readonly [convert: (value: unknown) => unknown, expected: string];

const wholeNumber = (least: number, most: number): Conversion => [
  (value) => (Number.isInteger(value) && Number(value) >= least && Number(value) <= most ? value : undefined),
  `an integer from ${least} to ${most}`,
];
const wholeText: Conversion = [
  (value) => (/^-?\d{1,20}$/.test(String(value)) ? String(value) : undefined),
  "an integer; beyond 2^53, a string or bigint",
];
const fractional: Conversion = [(value) => (typeof value === "number" ? value : undefined), "a number"];
const pair: Conversion = [
  (value) =>
    isRecord(value) && Number.isInteger(Number(value["seconds"])) && Number.isInteger(value["nanos"] ?? 0)
      ? { seconds: String(value["seconds"]), nanos: value["nanos"] ?? 0 }
      : undefined,
  "an object with seconds and nanos",
];

const SCALARS: { readonly [Type in ScalarType | WellKnownType]: Conversion } = {
  string: [(value) => (typeof value === "string" ? value : undefined), "a string"],
  bool: [(value) => (typeof value === "boolean" ? value : undefined), "a boolean"],
  bytes: [
    (value) =>
      value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : undefined,
    "bytes (a Buffer or Uint8Array)",
  ],
  int32: wholeNumber(-(2 ** 31), 2 ** 31 - 1),
  uint32: wholeNumber(0, 2 ** 32 - 1),
  int64: wholeText,
  uint64: wholeText,
  float: fractional,
  double: fractional,
  duration: pair,
  timestamp: pair,
  any: [(value) => (isRecord(value) && "typeUrl" in value ? value : undefined), "an object with typeUrl and value"],
  json: [(value) => value, "JSON"],
  fieldMask: [pathsFromPlain, "an array of field names, such as displayName"],
};

/** The paths of a field mask by their proto names, in whichever spelling they were given. */
function pathsFromPlain(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || !value.every((path) => typeof path === "string" && path !== "")) return undefined;
  return value.map((path: string) => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

function plainFromField(type: FieldType, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (typeof type !== "object") return type === "timestamp" ? timestampOf(value) : value;
  if (type.kind === "repeated") return (value as unknown[]).map((item) => plainFromField(type.of, item)); // as: a stub's list
  if (type.kind === "map") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainFromField(type.of, item)]));
  }
  if (type.kind === "optional") return plainFromField(type.of, value);
  return type.kind === "enum" ? nameOf(type, value) : plainFromMessage(type.fields, value);
}

function nameOf({ values }: EnumType, number: unknown): string {
  return Object.keys(values).find((name) => values[name] === number) ?? String(number);
}

function timestampOf(value: unknown): Timestamp {
  const { seconds, nanos } = value as { seconds: string; nanos: number }; // as: the stubs' form of a Timestamp
  return new Timestamp(Number(seconds), nanos);
}
