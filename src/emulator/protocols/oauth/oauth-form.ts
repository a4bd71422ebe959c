// SPDX-License-Identifier: Apache-2.0
// Reads the parameters of an OAuth request: a form, or the JSON that Google's STS documents. Knows none of them.

import { parseJsonObject } from "../../world/keys/signed-jwt.js";
import { headerOf, type IncomingRequest } from "../http/http-operation.js";
import { OAuthError, parameterMissing } from "./oauth-error.js";

/** The parameters of a request, each given once at most. */
export interface Form {
  /** The value of a parameter; undefined when it is absent or empty, which is the same (RFC 6749, 3.2). */
  get(name: string): string | undefined;
  /** The value of a parameter. @throws OAuthError invalid_request when there is none */
  demand(name: string): string;
}

// STS takes grantType for grant_type in JSON.
function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function readPairs(request: IncomingRequest): Iterable<readonly [string, string]> {
  const mediaType = headerOf(request, "content-type")?.split(";")[0]?.trim().toLowerCase();
  const text = request.body.toString("utf8");
  // An empty body is not JSON, but GET requests often have that content type.
  if (mediaType !== "application/json" || text === "") return new URLSearchParams(text);
  const fields = parseJsonObject(text);
  if (fields === undefined) throw new OAuthError("invalid_request", "The body is not a JSON object.");
  const textOf = (value: unknown) => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
  return Object.entries(fields).map(([name, value]) => {
    return [toSnakeCase(name), Array.isArray(value) ? value.map(textOf).join(" ") : textOf(value)];
  });
}

/**
 * Reads the parameters of a request, from its query too.
 *
 * @throws OAuthError invalid_request when one is given twice, or the body can't be parsed
 */
export function readForm(request: IncomingRequest): Form {
  const values = new Map<string, string>();
  for (const [name, value] of [...readPairs(request), ...request.query]) {
    if (values.has(name))
      throw new OAuthError("invalid_request", `Parameter given more than once: ${name.slice(0, 40)}`);
    values.set(name, value);
  }
  const get = (name: string) => values.get(name) || undefined;
  return {
    get,
    demand(name) {
      const value = get(name);
      if (value === undefined) throw parameterMissing(name);
      return value;
    },
  };
}
