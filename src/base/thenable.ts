// SPDX-License-Identifier: Apache-2.0
// What counts as a promise, among values that may be there at once. Waits for nothing.

/**
 * Any promise, including those of other libraries and realms. Not `instanceof`: what an async function returns is no instance of the
 * Promise that zone.js or bluebird put in the global's place.
 */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
