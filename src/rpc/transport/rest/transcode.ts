// SPDX-License-Identifier: Apache-2.0
// Turns a message and the HTTP rule of its row into a request line and body. Sends nothing.
// Source: google/api/http.proto; google.api_core.path_template and rest_helpers (Python) for the encoding.

import { RequestError } from "../../../base/errors.js";
import { percentEncode } from "../../../base/http/percent-encode.js";
import { jsonNameOf } from "../../../messages/json-names.js";
import type { HttpBinding } from "../../../messages/tables.js";
import type { HttpRule } from "../../method/method.js";
import { encodeMessage, type JsonValue } from "./encode-message.js";
import { ProtoJsonError } from "./proto-json-error.js";

/** What to send. */
export interface TranscodedRequest {
  /** `POST`, … */
  readonly verb: string;
  /** Path and query. */
  readonly target: string;
  /** JSON text; `undefined`: no body. */
  readonly body: string | undefined;
}

/** Asks for JSON whose enums are numbers, so that a value newer than a table keeps its meaning. */
const SYSTEM_QUERY: readonly (readonly [string, string])[] = [["$alt", "json;enum-encoding=int"]];

/**
 * The HTTP request of a message: by the first binding whose template the message fills.
 *
 * @throws RequestError naming the field that no template accepts or that JSON cannot represent
 */
export function transcode(rule: HttpRule, message: object): TranscodedRequest {
  try {
    const json = encodeMessage(rule.request, message);
    const { binding, filled } = chooseBinding(rule.bindings, json);
    return buildRequest(binding, filled, json);
  } catch (error) {
    if (!(error instanceof ProtoJsonError)) throw error;
    throw new RequestError(error.field, `must be ${error.expected}`);
  }
}

type JsonObject = Readonly<Record<string, JsonValue>>;

interface FilledTemplate {
  readonly path: string;
  /** The fields that the path carries, by their JSON paths. */
  readonly used: readonly string[];
}

const VARIABLE = /\{(?<field>[^=}]+)(?:=(?<pattern>[^}]*))?\}/g;

/** The first binding that the message fills. @throws RequestError of the first binding if it fills none */
function chooseBinding(bindings: HttpRule["bindings"], json: JsonObject) {
  let mismatch: RequestError | undefined;
  for (const binding of bindings) {
    try {
      return { binding, filled: fillTemplate(binding.template, json) };
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      mismatch ??= error;
    }
  }
  throw mismatch ?? new RequestError("request", "its method has no HTTP binding");
}

/** @throws RequestError naming the first field that does not fit */
function fillTemplate(template: string, json: JsonObject): FilledTemplate {
  const used: string[] = [];
  const path = template.replaceAll(VARIABLE, (_, field: string, pattern = "*") => {
    const name = jsonNameOf(field);
    const value = valueAt(json, name);
    used.push(name);
    const text = typeof value === "object" || value === undefined ? "" : String(value);
    if (!patternExpression(pattern).test(text)) throw new RequestError(name, `must have the form ${pattern}`);
    if (/(^|\/)\.{1,2}(\/|$)/.test(text)) {
      throw new RequestError(name, 'has a segment "." or "..", which a URL cannot carry');
    }
    return encodePathValue(text);
  });
  return { path, used };
}

/** `*` is one segment, `**` any number of them. */
function patternExpression(pattern: string): RegExp {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((part) => {
      if (part === "**") return ".+";
      return part === "*" ? "[^/]+" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
  return new RegExp(`^${source}$`, "s");
}

/** Python's `quote(value, safe="/")`. */
function encodePathValue(text: string): string {
  return percentEncode(text).replaceAll("%2F", "/");
}

function valueAt(json: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = json;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    value = value[name];
  }
  return value;
}

function buildRequest(
  { verb, body }: HttpBinding,
  { path, used }: FilledTemplate,
  json: JsonObject,
): TranscodedRequest {
  const left = used.reduce((rest, field) => without(rest, field.split(".")), json);
  const query: (readonly [string, string])[] = [];
  if (body !== "*") for (const [name, value] of Object.entries(left)) if (name !== body) addToQuery(query, name, value);
  const pairs = [...query, ...SYSTEM_QUERY].map(([key, value]) => `${percentEncode(key)}=${percentEncode(value)}`);
  return {
    verb: verb.toUpperCase(),
    target: `${path}?${pairs.join("&")}`,
    body: body === undefined ? undefined : JSON.stringify(body === "*" ? left : (left[body] ?? {})),
  };
}

/** A copy without one member, at any depth; the rest stays. */
function without(json: JsonObject, [name = "", ...deeper]: readonly string[]): JsonObject {
  const { [name]: value, ...rest } = json;
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return deeper.length > 0 && isObject ? { ...rest, [name]: without(value, deeper) } : rest;
}

/** Lists repeat their name, messages prefix theirs with a dot; lists of messages cannot be represented. Source: google/api/http.proto. */
function addToQuery(query: (readonly [string, string])[], name: string, value: JsonValue): void {
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === "object") throw new RequestError(name, "is an array of messages, which a query cannot carry");
      addToQuery(query, name, item);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) addToQuery(query, `${name}.${key}`, item);
  } else query.push([name, String(value)]);
}
