// SPDX-License-Identifier: Apache-2.0
// Writes a method with one of its HTTP bindings as discovery documents have it: its place in the tree of resources, its path and
// its parameters. Knows no document.

import type { HttpBinding, MessageType } from "../../../messages/tables.js";
import type { BoundMethod } from "../../services/services.js";
import { elementOf, fieldsOf, findField, isList, messageIn } from "../../world/proto-json/message-fields.js";
import { describeField, schemaNameOf } from "./discovery-schema.js";

/** A method at its place. */
export interface DiscoveryMethod {
  /** The names of the resources, outermost first. Required. */
  readonly resources: readonly string[];
  /** Its name. Required. */
  readonly name: string;
  /** What the document says about it, except its id. Required. */
  readonly description: Readonly<Record<string, unknown>>;
  /** The message that is its body; undefined: none. Required. */
  readonly body: MessageType | undefined;
  /** Its top-level fields that are in the path. Required, may be empty. */
  readonly inPath: ReadonlySet<string>;
}

// The field of a variable and the form of its value: `{name=projects/*}`.
const variable = /\{([a-z_.]+)=([^}]*)\}/g;

const jsonNameOf = (path: string) => path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

// The last step of a field's path: the published documents say `name` for `service_account.name`.
const parameterOf = (path: string) => jsonNameOf(path.slice(path.lastIndexOf(".") + 1));

// Named after what a method without a custom verb does. Source: AIP-131 to AIP-135, and the published documents.
function standardName(verb: HttpBinding["verb"], rpcName: string): string {
  if (verb === "get") return rpcName.startsWith("List") ? "list" : "get";
  return { post: "create", put: "update", patch: "patch", delete: "delete" }[verb];
}

// `v1/projects/{projectsId}/serviceAccounts/{serviceAccountsId}:signBlob`
function flatten(template: string): string {
  let last = "";
  let count = 0;
  const segments = template.slice(1).split("/");
  return segments
    .map((segment) => {
      const [, star, rest = ""] = /^(\*\*?)(:.*)?$/.exec(segment) ?? [];
      if (star !== undefined) return `{${last === "" ? `id${++count}` : `${last}Id`}}${rest}`;
      last = segment;
      return segment;
    })
    .join("/");
}

type Parameters = Record<string, Readonly<Record<string, unknown>>>;

function pathParameters(template: string): Parameters {
  const found: Parameters = {};
  for (const [, field = "", form = ""] of template.matchAll(variable)) {
    const pattern = form.replace(/\*\*|\*/g, (star) => (star === "**" ? ".*" : "[^/]+"));
    found[parameterOf(field)] = { type: "string", location: "path", required: true, pattern: `^${pattern}$` };
  }
  return found;
}

// What is neither in the path nor in the body. Nested fields go by their paths; lists of messages can't be in a query.
function queryParameters(type: MessageType, except: ReadonlySet<string>, prefix = ""): Parameters {
  const found: Parameters = {};
  for (const { jsonName, type: field } of fieldsOf(type)) {
    if (except.has(jsonName)) continue;
    const message = messageIn(field);
    if (message !== undefined) {
      if (!isList(field)) Object.assign(found, queryParameters(message, new Set(), `${prefix}${jsonName}.`));
      continue;
    }
    const repeated = isList(field) ? { repeated: true } : {};
    found[prefix + jsonName] = { ...describeField(elementOf(field)), location: "query", ...repeated };
  }
  return found;
}

function bodyOf(request: MessageType, { body }: HttpBinding): MessageType | undefined {
  if (body === undefined || body === "*") return body === undefined ? undefined : request;
  const field = findField(request, body);
  return field === undefined ? undefined : messageIn(field.type);
}

/** Writes a method. */
export function describeMethod({ row, method, scopes }: BoundMethod, binding: HttpBinding): DiscoveryMethod {
  const { verb, template } = binding;
  const [, path = "", custom] = /^(.*?)(?::([A-Za-z]+))?$/.exec(template) ?? [];
  const bare = path.replace(variable, (_, _name, form: string) => form);
  const resources = bare
    .split("/")
    .slice(2)
    .filter((segment) => !segment.startsWith("*"));
  const inPath = pathParameters(template);
  // When the path has part of a message, the rest is in the body.
  const whole = [...template.matchAll(variable)].flatMap(([, field = ""]) => (field.includes(".") ? [] : [field]));
  const topFields = new Set(whole.map(jsonNameOf));
  const inQuery =
    binding.body === "*"
      ? {}
      : queryParameters(row.request, new Set([...topFields, ...(binding.body ? [binding.body] : [])]));
  const body = bodyOf(row.request, binding);
  const description = {
    path: template.slice(1).replace(variable, (_, name: string) => `{+${parameterOf(name)}}`),
    flatPath: flatten(template.replace(variable, (_, _name, form: string) => form)),
    httpMethod: verb.toUpperCase(),
    parameters: { ...inPath, ...inQuery },
    parameterOrder: Object.keys(inPath),
    ...(body === undefined ? {} : { request: { $ref: schemaNameOf(body) } }),
    response: { $ref: schemaNameOf(row.reply) },
    scopes,
  };
  return { resources, name: custom ?? standardName(verb, method.name), description, body, inPath: topFields };
}
