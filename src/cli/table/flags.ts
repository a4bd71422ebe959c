// SPDX-License-Identifier: Apache-2.0
// Reads arguments by a table of flags, which help and completion also use. Knows no command.

import { parseArgs } from "node:util";
import type { Variables } from "../host/host.js";
import { messageOf, UsageError } from "../host/output.js";

/** A flag of a command. */
export interface Flag {
  /** The name of its value in the help; undefined: it takes none. Default: none. */
  readonly value?: string;
  /** Whether it can be given more than once. Default: false. */
  readonly isList?: boolean;
  /** What it does, in lines for the help. Required. */
  readonly text: string;
  /** The values that it takes, if they can be listed; `value(` stands for all that start with it. Default: any. */
  readonly values?: readonly string[];
  /** The environment variables that can replace it; the first one set counts. Default: none. */
  readonly variables?: readonly string[];
  /** Its aliases, which the help does not show. Default: none. */
  readonly aliases?: readonly string[];
  /** Whether its value is a path. Default: false. */
  readonly isFile?: boolean;
  /** Whether its value is a service account. Default: false. */
  readonly isAccount?: boolean;
}

/** The flags of a command by their names, under the headings of its help. */
export type FlagGroups = Readonly<Record<string, Readonly<Record<string, Flag>>>>;

/** What was given, by the names of the flags. */
export interface GivenFlags {
  /** Whether a flag was given, or an environment variable that replaces it is set. */
  has(name: string): boolean;
  /** The value of a flag; undefined when it was not given. */
  text(name: string): string | undefined;
  /** The values of a flag that can be given more than once. */
  list(name: string): readonly string[];
}

/** What was read from arguments that may contain more than flags. */
interface ReadArguments {
  readonly flags: GivenFlags;
  /** The positional arguments, in order. */
  readonly positionals: readonly string[];
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

/** All flags of a table by their names, without the headings. */
export function flattenFlags(groups: FlagGroups): Readonly<Record<string, Flag>> {
  return Object.assign({}, ...Object.values(groups)) as Readonly<Record<string, Flag>>; // what FlagGroups says
}

// Node's message continues with advice on positional arguments.
function explainParseError(error: unknown): UsageError {
  return new UsageError(messageOf(error).split(/\.\s/)[0] ?? "", { cause: error });
}

function checkValue(name: string, { values }: Flag, value: string): void {
  if (values === undefined) return;
  const isKnown = values.some((each) => (each.endsWith("(") ? value.startsWith(each) : value === each));
  if (isKnown) return;
  const forms = values.map((each) => (each.endsWith("(") ? `${each}FIELD)` : each));
  throw new UsageError(`--${name} must be one of ${forms.join(", ")}, not ${JSON.stringify(value)}`);
}

/**
 * Reads arguments: flags, and what is among them.
 *
 * @param variables the environment variables that replace flags that are not given. Default: nothing
 * @throws UsageError naming what is unknown, lacks its value or has one that it can't take
 */
export function readArguments(args: readonly string[], groups: FlagGroups, variables: Variables = {}): ReadArguments {
  const flags = flattenFlags(groups);
  const names = Object.entries(flags).flatMap(([name, flag]) => [
    [name, flag] as const,
    ...(flag.aliases ?? []).map((alias) => [alias, flag] as const),
  ]);
  const options = Object.fromEntries(
    names.map(([name, { value, isList = false }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const), multiple: isList },
    ]),
  );
  let parsed: { values: Readonly<Record<string, unknown>>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw explainParseError(error);
  }
  const given = (name: string): unknown => {
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined) throw new Error(`the table has no flag ${name}`);
    const value = [name, ...(flag.aliases ?? [])].map((each) => parsed.values[each]).find((each) => each !== undefined);
    if (value !== undefined) return value;
    const stored = flag.variables?.map((each) => variables[each]).find((each) => each !== undefined && each !== "");
    return flag.isList === true && stored !== undefined ? [stored] : stored;
  };
  for (const [name, flag] of Object.entries(flags)) {
    for (const value of [given(name)].flat()) if (typeof value === "string") checkValue(name, flag, value);
  }
  return { flags: flagsFrom(given), positionals: parsed.positionals };
}

function flagsFrom(given: (name: string) => unknown): GivenFlags {
  return {
    has: (name) => given(name) !== undefined,
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

/**
 * Reads arguments that are only flags.
 *
 * @throws UsageError naming what is unknown or lacks its value
 */
export function parseFlags(args: readonly string[], groups: FlagGroups): GivenFlags {
  const { flags, positionals } = readArguments(args, groups);
  if (positionals[0] !== undefined) throw new UsageError(`Unexpected argument '${positionals[0]}'`);
  return flags;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a duration: `500ms`, `90s`, `15m`, `2h`, `7d`.
 *
 * @param label the flag, for the error
 * @returns milliseconds
 * @throws UsageError when it is malformed
 */
export function parseDuration(text: string, label: string): number {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(amount) * (units[unit] ?? Number.NaN);
  if (amount !== "" && Number.isFinite(ms)) return ms;
  throw new UsageError(`${label} must be a duration such as 500ms, 90s, 15m, 2h or 7d, not ${JSON.stringify(text)}`);
}

/**
 * Reads a duration as gcloud does: a bare number is in seconds.
 *
 * @param label the flag, for the error
 * @returns milliseconds
 * @throws UsageError when it is malformed
 */
export function parseSeconds(text: string, label: string): number {
  return parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text, label);
}

/**
 * Reads the number of a port.
 *
 * @param label the flag, for the error
 * @throws UsageError when it is malformed
 */
export function parsePort(text: string, label: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`${label} must be an integer from 0 to 65535, not ${JSON.stringify(text)}`);
}
