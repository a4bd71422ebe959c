// SPDX-License-Identifier: Apache-2.0
// Words for tables of messages, for tests that need one that no proto has.

import type {
  EnumType,
  MapType,
  MessageFields,
  MessageType,
  OptionalType,
  RepeatedType,
  ScalarType,
  SingularType,
} from "../../src/messages/tables.js";

/** A list of values. */
export const repeated = (of: SingularType): RepeatedType => ({ kind: "repeated", of });

/** A map to values. */
export const mapOf = (of: SingularType): MapType => ({ kind: "map", of });

/** A scalar or enum with presence. */
export const optional = (of: ScalarType | EnumType): OptionalType => ({ kind: "optional", of });

/** An enum of these names and numbers. */
export const enumOf = (values: Readonly<Record<string, number>>): EnumType => ({
  kind: "enum",
  typeName: "test.Enum",
  values,
});

/** A message of these fields; of a function, when it holds itself. */
export const messageOf = (fields: MessageFields | (() => MessageFields)): MessageType => ({
  kind: "message",
  typeName: "test.Message",
  get fields() {
    return typeof fields === "function" ? fields() : fields;
  },
});
