// SPDX-License-Identifier: Apache-2.0
// Checks the claims set of a JSON Web Token, and writes it as text. Never repeats a claim in an error.

import { RequestError } from "../base/errors.js";

const PROBLEM = "must be a JSON object, as a string or a plain object";

/** A claims set as it goes over the wire. Throws RequestError, which names a claim and never quotes its value. */
export function normalizeClaims(payload: unknown): string {
  if (typeof payload !== "string") {
    if (!isPlainObject(payload)) throw new RequestError("payload", PROBLEM);
    checkInstants(Object(payload));
    return stringify(payload);
  }
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    // The parser's error quotes the payload, so it is not kept as a cause.
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new RequestError("payload", PROBLEM);
  checkInstants(value);
  return payload;
}

/** The claims that are points in time, in whole seconds since 1970 (RFC 7519 has fractions too; the service refuses them). */
const INSTANTS = ["exp", "iat", "nbf"] as const;
/** The year 5138; taken as milliseconds, it is 1973. */
const LATEST_SECONDS = 100_000_000_000;

function checkInstants(claims: object): void {
  for (const claim of INSTANTS) {
    const value: unknown = Reflect.get(claims, claim);
    if (value === undefined) continue;
    const problem = instantProblem(value);
    if (problem === undefined) continue;
    throw new RequestError(
      `payload.${claim}`,
      `must be whole seconds since 1970, such as Math.floor(Date.now() / 1000), not ${problem}`,
    );
  }
}

function instantProblem(value: unknown): string | undefined {
  if (typeof value !== "number") {
    const kind =
      Object.prototype.toString.call(value) === "[object Date]" ? "Date" : value === null ? "null" : typeof value;
    return kind === "Date" ? "a Date" : kind === "null" ? kind : `a value of type ${kind}`;
  }
  if (!Number.isFinite(value)) return "NaN or Infinity";
  if (!Number.isInteger(value)) return "a fraction";
  return Math.abs(value) >= LATEST_SECONDS ? "milliseconds" : undefined;
}

/** JSON of a plain object, without silent losses: JSON.stringify turns NaN into null, and throws its own error for other values. */
function stringify(claims: unknown): string {
  const refuse = (key: string, what: string): never => {
    throw new RequestError(/^[A-Za-z_]\w{0,40}$/.test(key) ? `payload.${key}` : "payload", what);
  };
  let text: string | undefined;
  try {
    text = JSON.stringify(claims, (key, value: unknown) => {
      if (typeof value === "bigint") refuse(key, "is a bigint, which JSON cannot represent; use a number or a string");
      if (typeof value === "number" && !Number.isFinite(value))
        refuse(key, "is NaN or Infinity, which JSON cannot represent");
      return value;
    });
  } catch (error) {
    if (error instanceof RequestError) throw error;
    // The engine's error may quote keys and values.
    throw new RequestError("payload", "contains itself, or a member that cannot be written as JSON");
  }
  if (text === undefined || !text.startsWith("{")) throw new RequestError("payload", PROBLEM);
  return text;
}

/** Whether a value is an object without a class: JSON would turn a Map into `{}` and silently lose the claims. */
function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Not Object.prototype itself, which every realm has one of.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
