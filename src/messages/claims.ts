// SPDX-License-Identifier: Apache-2.0
// Which values are the claims set of a JSON Web Token, and its text. Never repeats a claim in an error.

import { RequestError } from "../base/errors.js";

/** A claims set as it goes over the wire. Throws RequestError, which never quotes the claims. */
export function normalizeClaims(payload: unknown): string {
  const problem = "must be a JSON object, as text or as a plain object";
  if (typeof payload !== "string" && !isPlainObject(payload)) throw new RequestError("payload", problem);
  let text: unknown;
  let value: unknown;
  try {
    text = typeof payload === "string" ? payload : JSON.stringify(payload);
    value = typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    // The parser's error quotes the payload, so it is not kept as a cause.
    throw new RequestError("payload", problem);
  }
  if (typeof text !== "string" || typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RequestError("payload", problem);
  }
  return text;
}

/** Whether a value is an object without a class: JSON would make `{}` of a Map and lose the claims without a word. */
function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Not Object.prototype itself, which every realm has one of.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
