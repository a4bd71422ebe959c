// SPDX-License-Identifier: Apache-2.0
// What the options of several components share: the error for a wrong one, and the checks of a clock, signal, timeout and header.

import type { Clock } from "../clock.js";
import { ConfigurationError, RequestError } from "../errors.js";
import { text, value } from "./checks.js";
import { type Check, checkKnown, type Declaration, type Problem, settle } from "./declaration.js";

/** The error for a wrong option. A number is shown; a text could be a secret. */
export function refuseOption({ path, text: problem, given }: Problem): ConfigurationError {
  return new ConfigurationError(`${path}: ${problem}${typeof given === "number" ? `, not ${given}` : ""}`);
}

/** The error for a wrong field of a request. */
function refuseField({ path, text: problem }: Problem): RequestError {
  return new RequestError(path, problem);
}

const isObject = (given: unknown): given is object => typeof given === "object" && given !== null;

/** Whether a value is an object with a method of this name. */
export function hasMethod(given: unknown, name: string): boolean {
  return isObject(given) && typeof Reflect.get(given, name) === "function";
}

/** `true` or `false`. */
export const SWITCH = value<boolean>((given) => typeof given === "boolean", "a boolean");

/** Text, not empty. @param expected what would be right */
export function someText(expected: string): Check<string> {
  return text({ pattern: /./s, expected, isSecret: true });
}

/** Any object. @param expected what would be right */
export function someObject<Value>(expected: string): Check<Value> {
  return value<Value>(isObject, expected);
}

/** A function. @param expected what would be right */
export function someFunction<Value>(expected: string): Check<Value> {
  return value<Value>((given) => typeof given === "function", expected);
}

/** A value that something else checks. */
export function anything<Value>(): Check<Value> {
  return value<Value>(() => true, "");
}

/** Time and chance. */
export const CLOCK = value<Clock>((given) => isObject(given) && "schedule" in given, "a Clock");

/** A signal that ends a wait. */
export const SIGNAL = value<AbortSignal>((given) => given instanceof AbortSignal, "an AbortSignal");

/** Milliseconds above 0 that a timer accepts. */
export const TIMEOUT = value<number>(
  (given) => typeof given === "number" && given > 0 && given < 2 ** 31,
  "a positive number of milliseconds",
);

/** Milliseconds above 0, or `Infinity`. */
export const DEADLINE = value<number>(
  (given) => typeof given === "number" && given > 0,
  "a positive number of milliseconds, or Infinity for none",
);

/** What can stand in a header: printable ASCII. @param expected what would be right */
export function headerText(expected: string): Check<string> {
  return text({ pattern: /^(?=.*[\x21-\x7e])[\x20-\x7e]+$/, expected, isSecret: true });
}

/**
 * Checks a request of this package's own, which is not sent to a service as it is.
 *
 * @param whole what to call the object itself in errors
 * @throws RequestError naming the field that is unknown or wrong, or the whole when it is not an object
 */
export function checkFields(given: unknown, declaration: Declaration, whole: string): void {
  checkKnownFields(given, Object.keys(declaration.fields), { whole });
  settle(declaration, given, { refuse: refuseField });
}

/**
 * Checks that an object has no fields other than these.
 *
 * @param whole what to call the object itself in errors
 * @param path what stands before its fields in errors. Default: nothing
 * @throws RequestError naming the field that is unknown, or the whole when it is not an object
 */
export function checkKnownFields(
  given: unknown,
  known: readonly string[],
  { whole, path = "" }: { readonly whole: string; readonly path?: string },
): void {
  if (typeof given !== "object" || given === null) {
    throw new RequestError(whole, `must be an object with ${known.join(", ")}`);
  }
  checkKnown(given, { known, what: "no such field", path, refuse: refuseField });
}
