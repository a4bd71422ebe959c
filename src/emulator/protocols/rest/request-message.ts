// SPDX-License-Identifier: Apache-2.0
// Puts a request together from body, path and query, as its HTTP rule says (google/api/http.proto). Knows no methods.

import type { HttpBinding, MessageType } from "../../../messages/tables.js";
import { type ExtraField, type Message, readMessage } from "../../world/proto-json/json-reader.js";
import { findField, isList, isMessage } from "../../world/proto-json/message-fields.js";
import { type FieldViolation, ServiceError } from "../../world/refusals/service-error.js";

/** The parts that a request is built from. */
export interface RequestParts {
  /** The body's text; empty for none. Required. */
  readonly body: string;
  /** The values of the path's variables, by field path. Required. */
  readonly variables: ReadonlyMap<string, string>;
  /** The query's parameters, without system parameters. Required. */
  readonly query: Iterable<readonly [string, string]>;
}

type Json = Record<string, unknown>;

/** A refusal that names fields; its message has a line for each. */
function refuseFields(violations: readonly FieldViolation[]): ServiceError {
  const message = violations.map(({ description }) => description).join("\n");
  return new ServiceError("INVALID_ARGUMENT", message, undefined, { violations });
}

/**
 * Parses a body.
 *
 * @throws ServiceError INVALID_ARGUMENT when it is not JSON
 */
function parseBody(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    // Google adds the position in the text; here, nothing that was sent is repeated.
    throw new ServiceError("INVALID_ARGUMENT", "Invalid JSON payload received. Unexpected token.");
  }
}

// Sets the field at a path; the leaf is checked with the rest. Returns whether there is such a field.
function setPath(type: MessageType, json: Json, path: readonly string[], value: string): boolean {
  const [name = "", ...below] = path;
  const field = findField(type, name);
  if (field === undefined) return false;
  if (below.length === 0) {
    const before = json[field.jsonName];
    json[field.jsonName] = isList(field.type) ? [...(Array.isArray(before) ? before : []), value] : value;
    return true;
  }
  if (!isMessage(field.type)) return false;
  const given = json[field.jsonName];
  const inner: Json = typeof given === "object" && given !== null ? (given as Json) : {}; // not an array: the field is not a list
  json[field.jsonName] = inner;
  return setPath(field.type, inner, below, value);
}

function bindQuery(type: MessageType, json: Json, query: RequestParts["query"]): FieldViolation[] {
  const violations: FieldViolation[] = [];
  for (const [name, value] of query) {
    if (setPath(type, json, name.split("."), value)) continue;
    const what = `Cannot bind query parameter. Field '${name}' could not be found in request message.`;
    violations.push({
      field: "",
      description: `Invalid JSON payload received. Unknown name ${JSON.stringify(name)}: ${what}`,
    });
  }
  return violations;
}

// The body as JSON of the whole request, under the name that the rule gives it.
function placeBody(type: MessageType, rule: string | undefined, body: unknown): Json | undefined {
  const field = rule === "*" || rule === undefined ? undefined : findField(type, rule);
  if (field !== undefined) return { [field.jsonName]: body };
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  return isObject ? { ...(body as Json) } : undefined; // not an array: only an object is left
}

/**
 * Puts a request together. The path wins over the body.
 *
 * @param extras fields that the message has in JSON only
 * @throws ServiceError INVALID_ARGUMENT with everything that is wrong with it
 */
export function readRequest(
  type: MessageType,
  binding: HttpBinding,
  parts: RequestParts,
  extras: readonly ExtraField[],
): Message {
  const body = parseBody(parts.body);
  const json = placeBody(type, binding.body, body);
  if (json === undefined) throw refuseFields(readMessage(type, body).violations);
  const unbound = bindQuery(type, json, parts.query);
  for (const [path, value] of parts.variables) {
    const [first = ""] = path.split(".");
    const field = findField(type, first);
    // The other spelling in the body must not win.
    if (field !== undefined && !isMessage(field.type)) delete json[field.name];
    setPath(type, json, path.split("."), value);
  }
  const { message, violations } = readMessage(type, json, extras);
  if (unbound.length > 0 || violations.length > 0) throw refuseFields([...unbound, ...violations]);
  return message;
}
