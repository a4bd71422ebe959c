// SPDX-License-Identifier: Apache-2.0
// Finds the command that arguments name, and reads what it is given. Knows no command.

import type { Variables } from "../host/host.js";
import { UsageError } from "../host/output.js";
import { type Command, type Entry, type Given, type Group, isGroup, type Positional, type Tree } from "./command.js";
import { type Flag, type FlagGroups, flattenFlags, readArguments } from "./flags.js";

/** What the words at the start of the arguments name. */
export interface Found {
  /** The words of the tree, those of an alias replaced. */
  readonly path: readonly string[];
  /** The words as written. */
  readonly written: readonly string[];
  /** The command, the group, or nothing. */
  readonly node: Entry | Group | undefined;
  /** The word that names nothing, where there is one. */
  readonly unknown: string | undefined;
  /** The arguments before the words (flags only) and after them. */
  readonly args: readonly string[];
}

// gcloud takes flags before the words of a command, and scripts use that.
function splitLeadingFlags(args: readonly string[], common: () => FlagGroups): [string[], readonly string[]] {
  let index = 0;
  if (!args[0]?.startsWith("--") || args[0] === "--") return [[], args];
  const flags = flattenFlags(common());
  const byName = new Map<string, Flag>(
    Object.entries(flags).flatMap(([name, flag]) =>
      [name, ...(flag.aliases ?? [])].map((each) => [each, flag] as const),
    ),
  );
  while (args[index]?.startsWith("--") && args[index] !== "--") {
    const [name = "", value] = (args[index] ?? "").slice(2).split("=", 2);
    const flag = byName.get(name);
    if (flag === undefined) return [[], args];
    index += flag.value !== undefined && value === undefined ? 2 : 1;
  }
  return [args.slice(0, index), args.slice(index)];
}

/** Finds the command. */
export function findCommand(args: readonly string[], tree: Tree): Found {
  const [leading, words] = splitLeadingFlags(args, () => tree.commonFlags());
  let node: Entry | Group = { summary: "", entries: tree.entries };
  const path: string[] = [];
  const written: string[] = [];
  let rest = words;
  const alias = Object.hasOwn(tree.aliases, words[0] ?? "") ? tree.aliases[words[0] ?? ""] : undefined;
  const pending = alias === undefined ? [] : [...alias];
  if (alias !== undefined) {
    written.push(words[0] ?? "");
    rest = words.slice(1);
  }
  while (isGroup(node)) {
    const fromAlias = pending.shift();
    const word = fromAlias ?? rest[0];
    if (word === undefined || word.startsWith("-")) break;
    const next: Entry | Group | undefined = Object.hasOwn(node.entries, word) ? node.entries[word] : undefined;
    if (next === undefined) return { path, written, node, unknown: word, args: [] };
    node = next;
    path.push(word);
    if (fromAlias === undefined) {
      written.push(word);
      rest = rest.slice(1);
    }
  }
  return { path, written, node: path.length === 0 ? undefined : node, unknown: undefined, args: [...leading, ...rest] };
}

/** Prefixes of tokens; arguments are visible to everybody on the machine. */
const TOKEN = /^(ya29\.|eyJ[\w-]{10})/;

function refuseTokens(args: readonly string[]): void {
  const isSecret = args.some((arg) => TOKEN.test(arg) || TOKEN.test(arg.slice(arg.indexOf("=") + 1)));
  if (!isSecret) return;
  throw new UsageError(
    "a token must not be an argument, which everyone on this machine can see: pass it in a file or on standard input (-)",
  );
}

function checkPositionals(given: readonly string[], known: readonly Positional[]): void {
  const missing = known.find(({ isOptional }, index) => isOptional !== true && given[index] === undefined);
  if (missing !== undefined) throw new UsageError(`${missing.name} is missing`);
  const last = known.at(-1);
  const extra = last?.isList === true ? undefined : given[known.length];
  if (extra !== undefined) throw new UsageError(`Unexpected argument '${extra}'`);
  for (const [index, { name, values }] of known.entries()) {
    const value = given[index];
    if (value === undefined || values === undefined || values.includes(value)) continue;
    throw new UsageError(`${name} must be one of ${values.join(", ")}, not ${JSON.stringify(value)}`);
  }
}

// Checked before anything is sent: a change can't be undone because it could not be printed.
function checkFormat(format: string | undefined, hasTokenForms: boolean): void {
  if ((format === "env" || format === "header") && !hasTokenForms) {
    throw new UsageError(
      `--format ${format}: this command does not support that format; valid formats are text, json, ndjson, value(FIELD)`,
    );
  }
  if (format?.startsWith("value(") && !/^value\([^()]+\)$/.test(format)) {
    throw new UsageError(`--format must be value(FIELD) or value(FIELD,FIELD), not ${format}`);
  }
}

/** All flags that a command takes. */
export function flagsOf({ flags = {}, hasCommonFlags = true }: Command, common: () => FlagGroups): FlagGroups {
  return hasCommonFlags ? { ...flags, ...common() } : flags;
}

/**
 * Reads what a command is given.
 *
 * @throws UsageError naming what is wrong
 */
export function readGiven(command: Command, found: Found, common: () => FlagGroups, variables: Variables): Given {
  const { args } = found;
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  const rest = end < 0 ? undefined : args.slice(end + 1);
  refuseTokens(own);
  if (rest !== undefined && command.rest === undefined) throw new UsageError("nothing may follow --");
  const { flags, positionals } = readArguments(own, flagsOf(command, common), variables);
  checkPositionals(positionals, command.positionals ?? []);
  if (command.hasCommonFlags !== false) checkFormat(flags.text("format"), command.hasTokenForms === true);
  return { ...flags, path: found.path, args: own, positionals, rest };
}
