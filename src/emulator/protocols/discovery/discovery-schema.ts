// SPDX-License-Identifier: Apache-2.0
// Writes messages as the schemas of discovery documents have them. Source: "Type and format summary" of the API discovery service.
// Knows no methods.

import type {
  EnumType,
  FieldType,
  MessageType,
  ScalarType,
  SingularType,
  WellKnownType,
} from "../../../messages/tables.js";
import { fieldsOf, messageIn } from "../../world/proto-json/message-fields.js";

/** A schema, of JSON Schema's third draft. */
export type DiscoverySchema = Readonly<Record<string, unknown>>;

const simple: Readonly<Record<ScalarType | WellKnownType, DiscoverySchema>> = {
  string: { type: "string" },
  bool: { type: "boolean" },
  bytes: { type: "string", format: "byte" },
  int32: { type: "integer", format: "int32" },
  uint32: { type: "integer", format: "uint32" },
  int64: { type: "string", format: "int64" },
  uint64: { type: "string", format: "uint64" },
  float: { type: "number", format: "float" },
  double: { type: "number", format: "double" },
  duration: { type: "string", format: "google-duration" },
  timestamp: { type: "string", format: "google-datetime" },
  fieldMask: { type: "string", format: "google-fieldmask" },
  any: { type: "object", additionalProperties: { type: "any" } },
  json: { type: "any" },
};

/** What discovery documents call a message. */
export function schemaNameOf({ typeName }: MessageType | EnumType): string {
  return typeName.slice(typeName.lastIndexOf(".") + 1);
}

function describeSingular(type: SingularType): DiscoverySchema {
  if (typeof type === "string") return simple[type];
  return type.kind === "enum" ? { type: "string", enum: Object.keys(type.values) } : { $ref: schemaNameOf(type) };
}

/** The schema of a field. */
export function describeField(type: FieldType): DiscoverySchema {
  if (typeof type === "string" || type.kind === "enum" || type.kind === "message") return describeSingular(type);
  if (type.kind === "repeated") return { type: "array", items: describeSingular(type.of) };
  if (type.kind === "map") return { type: "object", additionalProperties: describeSingular(type.of) };
  return describeSingular(type.of);
}

/**
 * Adds the schema of a message, and of the messages in it.
 *
 * @param omitted fields to leave out, since they are in the path. Default: none
 */
export function addSchema(
  schemas: Map<string, DiscoverySchema>,
  message: MessageType,
  omitted: ReadonlySet<string> = new Set(),
): void {
  const id = schemaNameOf(message);
  if (schemas.has(id)) return;
  const fields = fieldsOf(message).filter(({ jsonName }) => !omitted.has(jsonName));
  const properties = Object.fromEntries(fields.map(({ jsonName, type }) => [jsonName, describeField(type)]));
  schemas.set(id, { id, type: "object", properties });
  for (const { type } of fields) {
    const inner = messageIn(type);
    if (inner !== undefined) addSchema(schemas, inner);
  }
}
