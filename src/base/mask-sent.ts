// SPDX-License-Identifier: Apache-2.0
// Takes what was sent out of what came back: servers and what stands before them quote requests. Knows no transport.

import { maskSecrets } from "./secret-text.js";

/** What went out. */
export interface SentRequest {
  readonly metadata: readonly (readonly [key: string, value: string | Uint8Array])[];
  /** A JSON body. Default: none. */
  readonly body?: string | undefined;
  /** A message that went in another form than JSON. Default: none. */
  readonly message?: unknown;
}

const SECRET_KEYS = /^(proxy-)?authorization$|^x-goog-api-key$|-token$|^cookie$/;
/** Members of a body that hold what is signed, keys and assertions. */
const SECRET_MEMBERS = /payload|bytes|private|secret|token|assertion|password|key(data)?$/i;
/** A function that takes the secrets of a request, and whatever looks like a secret, out of a text. */
export function maskOf({ metadata, body, message }: SentRequest): (text: string) => string {
  let secrets: readonly string[] | undefined;
  return (text) => {
    secrets ??= [...secretsOf(metadata), ...secretsOfBody(body ?? jsonOf(message))]
      .flatMap((secret) => [secret, ...decodedOf(secret)])
      .sort((a, b) => b.length - a.length);
    return maskSecrets(text, secrets);
  };
}

/** All texts of a value masked, at any depth. */
export function maskDeep<T>(value: T, mask: (text: string) => string): T {
  if (typeof value === "string") return mask(value) as T & string; // as: a text for a text
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => maskDeep(each, mask)) as T & unknown[]; // as: a list for a list
  const entries = Object.entries(value).map(([key, each]) => [key, maskDeep(each, mask)]);
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

/** A message as JSON, bytes in base64 as REST sends them. */
function jsonOf(message: unknown): string | undefined {
  return JSON.stringify(message, function (this: Record<string, unknown>, key, value: unknown) {
    // A Buffer has become an object of its numbers by now.
    const given = this[key];
    if (given instanceof Uint8Array) return Buffer.from(given).toString("base64");
    return typeof given === "bigint" ? String(given) : value;
  });
}

/** What base64 says, if it is text. */
function decodedOf(secret: string): readonly string[] {
  if (!/^[\w+/=-]{8,}$/.test(secret)) return [];
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
    // It is no JSON, and stands for itself.
  }
  return values;
}
