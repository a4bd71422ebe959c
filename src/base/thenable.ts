// SPDX-License-Identifier: Apache-2.0
// What counts as a promise, among values that may be there at once, and what becomes of one that nobody asked for. Waits for nothing.

/**
 * Any promise, including those of other libraries and realms. Not `instanceof`: what an async function returns is no instance of the
 * Promise that zone.js or bluebird put in the global's place.
 */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** Calls a listener of the program's. What it throws, or rejects with if it is async, is ignored: a listener must not decide how a call ends. */
export function tellListener(tell: () => unknown): void {
  try {
    const told = tell();
    if (isThenable(told)) told.then(undefined, () => undefined);
  } catch {
    // See above.
  }
}
