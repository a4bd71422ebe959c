// SPDX-License-Identifier: Apache-2.0
// The help of the program, of a group and of a command, as text made from the table. Knows no command.

import type { Command, Group, Positional, Tree } from "./command.js";
import { flagsOf } from "./find-command.js";
import { formatFlags } from "./flags.js";

const CODES =
  "Exit codes: 0 success, 1 failure, 2 bad arguments, 4 no usable credentials, 5 refused by the API, 6 retry later.\n";

const WIDTH = 100;

function formatPositional({ name, isOptional, isList }: Positional): string {
  const text = `${name}${isList ? "…" : ""}`;
  return isOptional ? `[${text}]` : text;
}

function formatEntries(entries: Group["entries"]): string {
  const width = Math.max(...Object.keys(entries).map((word) => word.length)) + 2;
  return Object.entries(entries)
    .map(([word, node]) => `  ${word.padEnd(width)}${node.summary}`)
    .join("\n");
}

/** The help of the whole program. */
export function formatProgramHelp({ entries, aliases }: Tree): string {
  const width = Math.max(...Object.keys(aliases).map((word) => word.length)) + 2;
  const short = Object.entries(aliases).map(([word, path]) => `  ${word.padEnd(width)}${path.join(" ")}`);
  return `Usage: iamcreds <command> [options]

Commands:
${formatEntries(entries)}
${short.length === 0 ? "" : `\nAliases:\n${short.join("\n")}\n`}
Options:
  --help      print this help, or that of a command
  --version   print the version

${CODES}`;
}

/** The help of a group. */
export function formatGroupHelp(path: readonly string[], { summary, entries }: Group): string {
  const words = path.join(" ");
  return `Usage: iamcreds ${words} <command> [options]

${summary}.

Commands:
${formatEntries(entries)}

Try: iamcreds ${words} <command> --help
`;
}

/** Breaks a text into lines that fit a terminal, regardless of its own line breaks. */
function wrap(text: string): string {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const last = lines.length - 1;
    const longer = lines[last] === "" ? word : `${lines[last]} ${word}`;
    if (longer.length <= WIDTH) lines[last] = longer;
    else lines.push(word);
  }
  return lines.join("\n");
}

/** The help of a command. */
export function formatCommandHelp(path: readonly string[], command: Command, tree: Tree): string {
  const { text, positionals = [], rest, epilogue = CODES } = command;
  const words = [
    ...path,
    ...positionals.map(formatPositional),
    "[options]",
    ...(rest === undefined ? [] : ["--", rest]),
  ];
  const alias = Object.entries(tree.aliases).find(([, target]) => target.join(" ") === path.join(" "))?.[0];
  const flags = flagsOf(command, () => tree.commonFlags());
  return `Usage: iamcreds ${words.join(" ")}
${alias === undefined ? "" : `Alias: iamcreds ${alias}\n`}
${text
  .split(/\n{2,}/)
  .map(wrap)
  .join("\n\n")}

${Object.keys(flags).length === 0 ? "" : `${formatFlags(flags)}\n`}${epilogue}`;
}
