// SPDX-License-Identifier: Apache-2.0
// Reads an error that another program printed: a JSON body, or the text of Python's, Go's and Node's libraries, gcloud and curl.
// Extracts what one of our errors would have in its fields. Does not decide what it means.

import { type ErrorFacts, oauthErrorOf, readErrorFacts, statusOfHttp } from "./error-facts.js";
import { Status, type StatusName } from "./status.js";

/** How much of a text is examined; a whole log is not an error. */
const MAX_LENGTH = 100_000;
/** The keys of ErrorInfo's metadata that explanations use. */
const METADATA_KEYS: readonly string[] = [
  "permission",
  "service",
  "consumer",
  "containerInfo",
  "quota_limit",
  "quota_limit_value",
  "quota_metric",
  "quota_location",
  "uid",
  "email",
  "method",
];
const REASON = /\breason\b\\?["']?\s*[:=]\s*\\?["']?([A-Z][A-Z0-9]*_[A-Z0-9_]+)/;
const SYSTEM_CODE =
  /\b(E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH|NETUNREACH)|CERT_[A-Z_]+|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER_CERT(?:_LOCALLY)?|VERIFY_LEAF_SIGNATURE)|ERR_TLS_CERT_ALTNAME_INVALID|CERTIFICATE_VERIFY_FAILED)\b/;

/** What a printed error says. First, what a complete JSON body within it says; then, what its words say. */
export function readPrintedError(printed: string): readonly ErrorFacts[] {
  const text = plainText(printed.slice(0, MAX_LENGTH));
  const bodies = findJson(text).flatMap(readErrorFacts);
  return [...bodies.filter(({ status, reason, oauthError }) => status ?? reason ?? oauthError), readWords(text)];
}

/** Python prints a body as a string in a tuple, with its line breaks and quotes escaped. */
function plainText(printed: string): string {
  if (!/\\n\s*\\?["'{}]/.test(printed)) return printed;
  return printed.replaceAll("\\n", "\n").replaceAll("\\'", "'").replaceAll('\\"', '"');
}

/** How many opening braces are tried: each costs a scan of the text. */
const MAX_TRIES = 50;

/** The outermost JSON objects in a text, each from a `{` to the `}` that closes it. */
function findJson(text: string): readonly object[] {
  const found: object[] = [];
  let start = text.indexOf("{");
  for (let tries = 0; start >= 0 && tries < MAX_TRIES; tries++) {
    const end = closingBrace(text, start);
    const value = end < 0 ? undefined : parseObject(text.slice(start, end + 1));
    if (value !== undefined) found.push(value);
    start = text.indexOf("{", value === undefined ? start + 1 : end + 1);
  }
  return found;
}

function closingBrace(text: string, start: number): number {
  let depth = 0;
  let isText = false;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (isText && char === "\\") at++;
    else if (char === '"') isText = !isText;
    else if (!isText && char === "{") depth++;
    else if (!isText && char === "}" && --depth === 0) return at;
  }
  return -1;
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function readWords(text: string): ErrorFacts {
  return {
    status: readStatus(text),
    reason: REASON.exec(text)?.[1],
    metadata: Object.fromEntries(
      METADATA_KEYS.flatMap((key) => {
        const value = readValue(text, key);
        return value === undefined ? [] : [[key, value]];
      }),
    ),
    oauthError: oauthErrorOf(text),
    systemCode: SYSTEM_CODE.exec(text)?.[1],
    method: undefined,
    text,
  };
}

/** A value of ErrorInfo's metadata: `"key": "value"`, `key: 'value'`, `map[key:value]`, `key: "key" value: "value"`. */
function readValue(text: string, key: string): string | undefined {
  const value = String.raw`\\?["']?([A-Za-z0-9_./@:-]{1,200})`;
  const textProto = new RegExp(String.raw`\bkey:\s*"${key}"\s*value:\s*"([^"\n]{1,200})"`).exec(text);
  if (textProto !== null) return textProto[1];
  return new RegExp(String.raw`(?<![A-Za-z_.])${key}\\?["']?\s*[:=]\s*${value}`).exec(text)?.[1];
}

const HTTP =
  /\b(?:Error|status(?:[ _]?code)?|code|HTTP(?:\/[\d.]+)?)\\?["']?\s*[:=]?\s*(4\d\d|5\d\d)\b|^\S+: (4\d\d) /im;

function readStatus(text: string): StatusName | undefined {
  const names = Object.keys(Status) as StatusName[]; // as: Object.keys widens to string
  // Most specific first: a specific code in a text is meant, while UNKNOWN and OK say nothing.
  const named = names.filter((name) => name !== "OK" && name !== "UNKNOWN").find((name) => isNamed(text, name));
  if (named !== undefined) return named;
  const http = HTTP.exec(text);
  return statusOfHttp(Number(http?.[1] ?? http?.[2]));
}

/** `PERMISSION_DENIED`, Go's `code = PermissionDenied`, Python's `PermissionDenied: 403`, C++'s `StatusCode.PERMISSION_DENIED`. */
function isNamed(text: string, name: StatusName): boolean {
  const camel = name
    .toLowerCase()
    .replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase())
    .replace(/^./, (letter) => letter.toUpperCase());
  return new RegExp(String.raw`(?<![A-Z_])${name}(?![A-Z_])|code = ${camel}\b|\b${camel}: \d{3}\b`).test(text);
}
