// SPDX-License-Identifier: Apache-2.0
// What a command is, and a tree of them: the one table that parsing, help, completion and the reference pages are made from. Knows no
// command.

import type { Host } from "../host/host.js";
import type { ExitCode } from "../host/output.js";
import type { FlagGroups, GivenFlags } from "./flags.js";

/** A positional argument. */
export interface Positional {
  /** Its name in the help: `SA`. Required. */
  readonly name: string;
  /** Whether it can be left out. Default: false. */
  readonly isOptional?: boolean;
  /** Whether it can be repeated; then it is the last. Default: false. */
  readonly isList?: boolean;
  /** Whether it is a path. Default: false. */
  readonly isFile?: boolean;
  /** Whether it is a service account. Default: false. */
  readonly isAccount?: boolean;
  /** The values that it takes. Default: any. */
  readonly values?: readonly string[];
}

/** What a command was given. */
export interface Given extends GivenFlags {
  /** The words that name the command, those of an alias replaced: `["auth", "print-access-token"]`. */
  readonly path: readonly string[];
  /** What follows them, as written. */
  readonly args: readonly string[];
  /** The positional arguments, in order. */
  readonly positionals: readonly string[];
  /** What follows `--`; undefined: there was none. */
  readonly rest: readonly string[] | undefined;
}

/** A command. */
export interface Command {
  /** What it does, as sentences for its help. Required. */
  readonly text: string;
  /** Its positional arguments, in order. Default: nothing. */
  readonly positionals?: readonly Positional[];
  /** What follows `--`, as the help calls it: `COMMAND [ARG…]`. Default: nothing is allowed. */
  readonly rest?: string;
  /** Its flags, under their headings. Default: none. */
  readonly flags?: FlagGroups;
  /** Whether it takes the flags of all commands that call Google. Default: true. */
  readonly hasCommonFlags?: boolean;
  /** Whether its result has the formats `env` and `header`, as tokens do. Default: false. */
  readonly hasTokenForms?: boolean;
  /** Its exit code when it throws, whatever it throws. Default: as exit.ts has it. */
  readonly failureCode?: ExitCode;
  /** Lines for the end of its help. Default: the exit codes of all commands. */
  readonly epilogue?: string;
  /**
   * Runs the command.
   *
   * @throws UsageError when what was given is wrong; any other error when it could not do what it was asked to
   */
  run(given: Given, host: Host): Promise<ExitCode>;
}

/** A command in the tree, not loaded yet. */
export interface Entry {
  /** What it does, in a few words, for the list of commands. Required. */
  readonly summary: string;
  /** Loads it. Required. */
  load(): Command;
}

/** Commands that start with the same words. */
export interface Group {
  /** What they are about, for the list of commands. Required. */
  readonly summary: string;
  /** By the next word. Required. */
  readonly entries: Readonly<Record<string, Entry | Group>>;
}

/** All commands. */
export interface Tree {
  /** By their first word. Required. */
  readonly entries: Group["entries"];
  /** Short names, and the words that they stand for. Required. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  /** The flags of every command that calls Google. */
  commonFlags(): FlagGroups;
}

/** Whether a node of the tree is a group. */
export function isGroup(node: Entry | Group): node is Group {
  return "entries" in node;
}

/** Every command of the tree with its words, in the tree's order. */
export function listCommands(
  entries: Group["entries"],
  before: readonly string[] = [],
): (readonly [string[], Entry])[] {
  return Object.entries(entries).flatMap(([word, node]) => {
    const path = [...before, word];
    return isGroup(node) ? listCommands(node.entries, path) : [[path, node] as const];
  });
}
