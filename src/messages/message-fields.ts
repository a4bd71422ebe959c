// SPDX-License-Identifier: Apache-2.0
// How a row describes the fields of its messages, for transports that speak proto3 JSON. Words for a table; encodes nothing.

/** A protobuf scalar. 64-bit integers are decimal text in memory, as the generated stubs have them. */
export type ScalarType = "string" | "bool" | "bytes" | "int32" | "uint32" | "int64" | "uint64" | "float" | "double";

/** A message of google.protobuf with a JSON form of its own. */
export type WellKnownType = "duration" | "timestamp" | "fieldMask";

/** An enum: the numbers of its names. In memory it is the number. */
export interface EnumType {
  /** What it is. */
  readonly kind: "enum";
  /** Number by name. */
  readonly values: Readonly<Record<string, number>>;
}

/** A message within a message. */
export interface NestedType {
  /** What it is. */
  readonly kind: "message";
  /** Its fields; a function, so that a message can hold itself. */
  readonly fields: () => MessageFields;
}

/** The type of one value. */
export type SingularType = ScalarType | WellKnownType | EnumType | NestedType;

/** A list. */
export interface RepeatedType {
  /** What it is. */
  readonly kind: "repeated";
  /** The type of its values. */
  readonly of: SingularType;
}

/** A map, in memory an object. */
export interface MapType {
  /** What it is. */
  readonly kind: "map";
  /** The type of its values. */
  readonly of: SingularType;
}

/** A scalar or enum that can be absent (`optional`, or a member of a `oneof`); in memory `undefined` then. */
export interface OptionalType {
  /** What it is. */
  readonly kind: "optional";
  /** The type of its value. */
  readonly of: ScalarType | EnumType;
}

/** The type of a field. A bare scalar or enum is one without presence: its default is not sent. */
export type FieldType = SingularType | RepeatedType | MapType | OptionalType;

/**
 * The fields of a message by their names in memory, which are their JSON names: `{ accessToken: "string" }`. With a type
 * argument the compiler checks that none is missing.
 */
export type MessageFields<Message = Record<string, unknown>> = Readonly<Record<keyof Message & string, FieldType>>;

/** A list of values. */
export function repeated(of: SingularType): RepeatedType {
  return { kind: "repeated", of };
}

/** A map to values; its keys are text in JSON, whatever they are in the proto. */
export function mapOf(of: SingularType): MapType {
  return { kind: "map", of };
}

/** A scalar or enum with presence. */
export function optional(of: ScalarType | EnumType): OptionalType {
  return { kind: "optional", of };
}

/** An enum of these names and numbers. */
export function enumOf(values: Readonly<Record<string, number>>): EnumType {
  return { kind: "enum", values };
}

/** A message of these fields. */
export function messageOf(fields: MessageFields | (() => MessageFields)): NestedType {
  return { kind: "message", fields: typeof fields === "function" ? fields : () => fields };
}
