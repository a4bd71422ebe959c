// SPDX-License-Identifier: Apache-2.0
// Removes what was sent from what came back: servers and the proxies in front of them quote requests. Knows no transport.

import { maskSecrets } from "./secret-text.js";

/** A request that was sent. */
export interface SentRequest {
  readonly metadata: readonly (readonly [key: string, value: string | Uint8Array])[];
  /** A JSON body. Default: none. */
  readonly body?: string | undefined;
  /** A message sent in a form other than JSON. Default: none. */
  readonly message?: unknown;
}

const SECRET_KEYS = /^(proxy-)?authorization$|^x-goog-api-key$|-token$|^cookie$/;
/** Members of a body that hold payloads to sign, keys and assertions. */
const SECRET_MEMBERS = /payload|bytes|private|secret|token|assertion|password|key(data)?$/i;
/** A function that removes a request's secrets, and anything that looks like a secret, from a text. */
export function maskOf({ metadata, body, message }: SentRequest): (text: string) => string {
  let secrets: readonly string[] | undefined;
  return (text) => {
    secrets ??= [...secretsOf(metadata), ...secretsOfBody(body ?? jsonOf(message))]
      .flatMap((secret) => [secret, ...decodedOf(secret)])
      .sort((a, b) => b.length - a.length);
    return maskSecrets(text, secrets);
  };
}

/** How deep protobuf's own parsers go into a message; a reader that recurses would overflow the stack further down. */
const DEEPEST = 100;

/** A value with all its strings masked; what is nested deeper than in any message is left out. */
export function maskDeep<T>(value: T, mask: (text: string) => string, depth = 0): T {
  if (typeof value === "string") return mask(value) as T & string; // as: a text for a text
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const within: object = depth < DEEPEST ? value : [];
  if (Array.isArray(within)) return within.map((each: unknown) => maskDeep(each, mask, depth + 1)) as T & unknown[]; // as: a list for a list
  const entries = Object.entries(within).map(([key, each]) => [key, maskDeep(each, mask, depth + 1)]);
  return Object.fromEntries(entries) as T; // as: the same members
}

function secretsOf(metadata: SentRequest["metadata"]): readonly string[] {
  return metadata
    .filter(([key, value]) => SECRET_KEYS.test(key) && typeof value === "string")
    .map(([, value]) => String(value).replace(/^(Bearer|Basic) /i, ""));
}

function secretsOfBody(body: string | undefined): readonly string[] {
  if (body === undefined) return [];
  const found: string[] = [body];
  JSON.parse(body, (key, value: unknown) => {
    if (typeof value === "string" && SECRET_MEMBERS.test(key)) found.push(value, ...claimsOf(value));
    return value;
  });
  return found;
}

/** A message as JSON, with bytes in base64, as REST sends them. */
function jsonOf(message: unknown): string | undefined {
  return JSON.stringify(message, function (this: Record<string, unknown>, key, value: unknown) {
    // By now `toJSON` has turned a Buffer into an object.
    const given = this[key];
    if (given instanceof Uint8Array) return Buffer.from(given).toString("base64");
    return typeof given === "bigint" ? String(given) : value;
  });
}

/** The decoded base64, if it is text. */
function decodedOf(secret: string): readonly string[] {
  if (secret.length < 8 || /[^\w+/=-]/.test(secret)) return [];
  const text = Buffer.from(secret, "base64").toString("utf8");
  return text.includes("\ufffd") ? [] : [text];
}

/** The values of a JWT's claims, if it is one. */
function claimsOf(payload: string): readonly string[] {
  if (!payload.trimStart().startsWith("{")) return [];
  const values: string[] = [];
  try {
    JSON.parse(payload, (_, value: unknown) => {
      if (typeof value === "string" || typeof value === "number") values.push(String(value));
      return value;
    });
  } catch {
    // Not JSON: it is masked as it is.
  }
  return values;
}
