// SPDX-License-Identifier: Apache-2.0
// Reads JSON credentials files as they occur in practice: with a byte order mark, in UTF-16, with null members. Does not know what the
// members mean.

import { readFileSync } from "node:fs";
import { ConfigurationError } from "../../base/errors.js";
import { resolveGivenPath } from "../../base/given-path.js";

/** The contents of a credentials file. */
export type CredentialsInfo = Readonly<Record<string, unknown>>;

/**
 * Reads a JSON credentials file of any type.
 *
 * @param given a path, or a `file:` URL
 * @param name what to call it in errors: `"credentialsFile"`
 * @throws ConfigurationError when it cannot be read or does not contain a JSON object; never quotes what it holds
 */
export function readCredentialsFile(given: string | URL, name: string): CredentialsInfo {
  const path = resolveGivenPath(given, name);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const why = problemOf(cause);
    throw new ConfigurationError(`${name}: cannot read ${path}${why === undefined ? "" : `: ${why}`}`, { cause });
  }
  const text = decodeText(bytes).trim();
  if (text === "") throw new ConfigurationError(`${name}: ${path} is empty`);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return withoutNulls({ ...value });
  } catch {
    // JSON.parse quotes the text in its error, and the text is a key.
  }
  if (text.startsWith("-----BEGIN")) {
    throw new ConfigurationError(`${name}: ${path} contains PEM; use the JSON key file, or the option credentials`);
  }
  throw new ConfigurationError(`${name}: ${path} does not contain a JSON object`);
}

function problemOf(cause: unknown): string | undefined {
  const code: unknown = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
  const known: Readonly<Record<string, string>> = {
    ENOENT: "it does not exist",
    EACCES: "this process is not allowed to read it",
    EISDIR: "it is a directory",
    ELOOP: "its symbolic links form a loop",
  };
  return typeof code === "string" ? (known[code] ?? code) : undefined;
}

/** Text in UTF-8, or in UTF-16 as the `>` of Windows PowerShell writes it, without the byte order mark. */
function decodeText(bytes: Buffer): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}

/** JSON files may have null for what is absent. */
export function withoutNulls(info: Readonly<Record<string, unknown>>): CredentialsInfo {
  return Object.fromEntries(Object.entries(info).filter(([, value]) => value !== null));
}
