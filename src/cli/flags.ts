// SPDX-License-Identifier: Apache-2.0
// Reads the arguments of a command by its table of flags, of which its help is made too. Knows no command.

import { parseArgs } from "node:util";
import { messageOf, UsageError } from "./output.js";

/** A flag of a command. */
export interface Flag {
  /** What its value is called in the help; undefined: it takes none. Default: none. */
  readonly value?: string;
  /** Whether it can be given more than once. Default: false. */
  readonly isList?: boolean;
  /** What it does, in lines for the help. Required. */
  readonly text: string;
}

/** The flags of a command by their names, under the headings of its help. */
export type FlagGroups = Readonly<Record<string, Readonly<Record<string, Flag>>>>;

/** What was given, by the names of the flags. */
export interface GivenFlags {
  /** Whether a flag without a value was given. */
  has(name: string): boolean;
  /** The value of a flag; undefined when it was not given. */
  text(name: string): string | undefined;
  /** The values of a flag that can be given more than once. */
  list(name: string): readonly string[];
}

const COLUMN = 32;

/** The lines of help about the flags. */
export function formatFlags(groups: FlagGroups): string {
  const lines = Object.entries(groups).flatMap(([heading, flags]) => [
    "",
    `${heading}:`,
    ...Object.entries(flags).flatMap(([name, { value, isList, text }]) => {
      const head = `  --${name}${value === undefined ? "" : ` <${value}>`}${isList ? " …" : ""}`;
      const [first = "", ...more] = text.split("\n");
      const start = head.length < COLUMN - 1 ? [head.padEnd(COLUMN) + first] : [head, " ".repeat(COLUMN) + first];
      return [...start, ...more.map((line) => " ".repeat(COLUMN) + line)];
    }),
  ]);
  return `${lines.join("\n").trimStart()}\n`;
}

/**
 * Reads arguments.
 *
 * @throws UsageError naming what is unknown or lacks its value
 */
export function parseFlags(args: readonly string[], groups: FlagGroups): GivenFlags {
  const flags = Object.assign({}, ...Object.values(groups)) as Readonly<Record<string, Flag>>; // what FlagGroups says
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { value, isList = false }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const), multiple: isList },
    ]),
  );
  let values: Readonly<Record<string, unknown>>;
  try {
    values = parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // Node goes on with advice on positional arguments, of which there are none.
    throw new UsageError(messageOf(error).split(/\.\s/)[0] ?? "", { cause: error });
  }
  const given = (name: string): unknown => {
    if (!Object.hasOwn(flags, name)) throw new Error(`the table has no flag ${name}`);
    return values[name];
  };
  return {
    has: (name) => given(name) === true,
    text(name) {
      const value = given(name);
      return typeof value === "string" ? value : undefined;
    },
    list(name) {
      const value = given(name);
      return Array.isArray(value) ? value.map(String) : [];
    },
  };
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a duration: `500ms`, `90s`, `15m`, `2h`, `7d`.
 *
 * @param label the flag, for the error
 * @returns milliseconds
 * @throws UsageError when it is none
 */
export function parseDuration(text: string, label: string): number {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(amount) * (units[unit] ?? Number.NaN);
  if (amount !== "" && Number.isFinite(ms)) return ms;
  throw new UsageError(`${label} must be a duration such as 500ms, 90s, 15m, 2h or 7d, not ${JSON.stringify(text)}`);
}

/**
 * Reads the number of a port.
 *
 * @param label the flag, for the error
 * @throws UsageError when it is none
 */
export function parsePort(text: string, label: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`${label} must be an integer from 0 to 65535, not ${JSON.stringify(text)}`);
}
