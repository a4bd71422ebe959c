// SPDX-License-Identifier: Apache-2.0
// A value in every way in which programs print one: consoles, loggers, messages to other threads, templates.

import { format, inspect } from "node:util";

const ALL = {
  depth: Number.POSITIVE_INFINITY,
  maxArrayLength: null,
  maxStringLength: null,
  showHidden: true,
  getters: true,
} as const;

/** What a logger's serializer makes of a value: every enumerable member, inherited ones too, of errors also what is not enumerable. */
function serialize(value: unknown, seen = new Set<unknown>()): unknown {
  if (typeof value !== "object" || value === null || seen.has(value)) return typeof value === "object" ? "…" : value;
  seen.add(value);
  if (Buffer.isBuffer(value)) return value.toString("latin1");
  const names = new Set([...Object.getOwnPropertyNames(value)]);
  for (const name in value) names.add(name);
  return Object.fromEntries(
    [...names].map((name) => {
      const own = Object.getOwnPropertyDescriptor(value, name);
      return [name, own?.get === undefined ? serialize(Reflect.get(value, name), seen) : "a getter"];
    }),
  );
}

function orError(print: () => string): string {
  try {
    return print();
  } catch (error) {
    return `cannot be printed: ${String(error)}`;
  }
}

/** The texts, by the name of the way. */
export function printEveryWay(value: unknown): Readonly<Record<string, string>> {
  const ways: Record<string, () => string> = {
    "JSON.stringify": () => JSON.stringify(value) ?? "",
    "JSON.stringify of a copy": () => JSON.stringify({ ...Object(value) }) ?? "",
    inspect: () => inspect(value, ALL),
    "inspect in lines": () => inspect({ value }, { ...ALL, compact: false }),
    // Who calls getters by hand asks for what they give.
    "inspect without our say": () => inspect(value, { ...ALL, customInspect: false, getters: false }),
    structuredClone: () => inspect(structuredClone(value), ALL),
    "%o": () => format("%o", value),
    "%O": () => format("%O", value),
    "%j": () => format("%j", value),
    "%s": () => format("%s", value),
    template: () => `${value}`,
    "a serializer": () => inspect(serialize(value), ALL),
  };
  return Object.fromEntries(Object.entries(ways).map(([name, print]) => [name, orError(print)]));
}
