// SPDX-License-Identifier: Apache-2.0
// What can be completed where, derived from the table of commands: all shells' scripts are made from it. Knows no shell.

import { type Entry, type Group, isGroup, listCommands, type Tree } from "../command.js";
import { flagsOf } from "../find-command.js";
import { type Flag, flattenFlags } from "../flags.js";

/** A word that is possible at a place, and its meaning. */
interface Word {
  readonly word: string;
  readonly summary: string;
}

/** What can follow a flag. */
export interface FlagValues {
  /** `none`: it takes no value. `any`: unknown. Required. */
  readonly kind: "none" | "values" | "file" | "account" | "any";
  /** The values, for that kind. Required. */
  readonly values: readonly string[];
}

/** A place on the command line, after the words of a command or group. */
export interface Place {
  /** `auth print-access-token`; empty: at the start. */
  readonly path: string;
  /** Words that can follow here. */
  readonly words: readonly Word[];
  /** Flags that can follow here, by name. */
  readonly flags: Readonly<Record<string, { readonly summary: string } & FlagValues>>;
  /** The positional arguments here. */
  readonly takes: "file" | "account" | "any" | "nothing";
}

const firstLine = (text: string) => text.split("\n", 1)[0]?.replace(/[;,]$/, "") ?? "";

function valuesOf({ value, values, isFile, isAccount }: Flag): FlagValues {
  if (value === undefined) return { kind: "none", values: [] };
  if (values !== undefined) return { kind: "values", values: values.filter((each) => !each.endsWith("(")) };
  return { kind: isFile ? "file" : isAccount ? "account" : "any", values: [] };
}

function commandPlace(path: string, entry: Entry, tree: Tree): Place {
  const command = entry.load();
  const flags = Object.entries(flattenFlags(flagsOf(command, () => tree.commonFlags())));
  const [first] = command.positionals ?? [];
  return {
    path,
    words: (first?.values ?? []).map((word) => ({ word, summary: "" })),
    flags: Object.fromEntries(
      flags.map(([name, flag]) => [name, { summary: firstLine(flag.text), ...valuesOf(flag) }]),
    ),
    takes: first === undefined ? "nothing" : first.isFile ? "file" : first.isAccount ? "account" : "any",
  };
}

function groupPlaces(entries: Group["entries"], before: readonly string[]): Place[] {
  const words = Object.entries(entries).map(([word, { summary }]) => ({ word, summary }));
  const own: Place = { path: before.join(" "), words, flags: {}, takes: "nothing" };
  const below = Object.entries(entries).flatMap(([word, node]) =>
    isGroup(node) ? groupPlaces(node.entries, [...before, word]) : [],
  );
  return [own, ...below];
}

/** All places of a table. Loads every command. */
export function listPlaces(tree: Tree): readonly Place[] {
  const commands = listCommands(tree.entries);
  const [start, ...groups] = groupPlaces(tree.entries, []);
  const aliases = Object.entries(tree.aliases);
  const first: Place = {
    path: "",
    words: [
      ...(start?.words ?? []),
      ...aliases.map(([word, path]) => ({ word, summary: path.join(" ") })),
      { word: "help", summary: "the help of a command" },
    ],
    flags: {},
    takes: "nothing",
  };
  const places = commands.map(([path, entry]) => commandPlace(path.join(" "), entry, tree));
  const short = aliases.flatMap(([word, path]) => {
    const place = places.find((each) => each.path === path.join(" "));
    return place === undefined ? [] : [{ ...place, path: word }];
  });
  return [first, ...groups, ...places, ...short];
}

/** The flags of all places: what follows one depends only on its name, since a name means the same everywhere. */
export function listFlagValues(places: readonly Place[]): ReadonlyMap<string, FlagValues> {
  return new Map(places.flatMap(({ flags }) => Object.entries(flags)));
}

/** The flags by what follows them. */
export function flagsOfKind(flags: ReadonlyMap<string, FlagValues>, kind: FlagValues["kind"]): string[] {
  return [...flags].flatMap(([name, values]) => (values.kind === kind ? [`--${name}`] : []));
}
