// SPDX-License-Identifier: Apache-2.0
// Keeps a secret member of an object out of what console.log and util.inspect show of it. JSON and spreading see it as it is.

const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/**
 * The same object, which shows `[hidden]` for one of its members when it is printed.
 *
 * @param secret the member's name
 */
export function hideWhenPrinted<Value extends object>(value: Value, secret: keyof Value & string): Value {
  const print = (_depth: number, options: object, inspect: (shown: object, options: object) => string): string =>
    inspect({ ...value, [secret]: "[hidden]" }, options);
  return Object.defineProperty(value, INSPECT, { value: print, enumerable: false });
}
