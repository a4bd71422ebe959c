// SPDX-License-Identifier: Apache-2.0
// From arguments to an exit code: finds the command, prints help and version, and reports errors. A command is loaded when it is
// needed.

import { maskSecrets } from "../base/secrets/secret-text.js";
import { VERSION } from "../base/version.js";
import { errorAsJson, exitCodeOf, explain, formatWhy } from "./host/exit.js";
import type { Host } from "./host/host.js";
import { type ExitCode, messageOf, type Output } from "./host/output.js";
import { paint } from "./print/color.js";
import { type Entry, type Given, isGroup } from "./table/command.js";
import { type Found, findCommand, readGiven } from "./table/find-command.js";
import { formatCommandHelp, formatGroupHelp, formatProgramHelp } from "./table/help.js";
import { tree } from "./tree.js";

const isHelp = (arg: string | undefined): boolean => arg === "--help" || arg === "-h";

function explainUnknown({ written, unknown = "" }: Found, output: Output): ExitCode {
  const name = maskSecrets([...written, unknown].join(" "));
  const help = ["iamcreds", ...written, "--help"].join(" ");
  output.complain(`iamcreds: ${JSON.stringify(name)} is not a command. Try: ${help}\n`);
  return 2;
}

function help(words: readonly string[], output: Output): ExitCode {
  const found = findCommand(words, tree);
  const { node, path } = found;
  if (found.unknown !== undefined) return explainUnknown(found, output);
  if (node === undefined) output.print(formatProgramHelp(tree));
  else if (isGroup(node)) output.print(formatGroupHelp(path, node));
  else output.print(formatCommandHelp(path, node.load(), tree));
  return 0;
}

function explainFailure(error: unknown, found: Found, args: readonly string[], host: Host): void {
  const isJson = args.some(
    (arg, index) => arg === "--format=json" || (arg === "json" && args[index - 1] === "--format"),
  );
  const name = found.written.join(" ");
  if (isJson) host.complain(errorAsJson(error));
  else {
    const hint = Object(error).name === "UsageError" ? `Try: iamcreds ${name} --help\n` : "";
    const why = formatWhy(explain(error), (word) => paint(host, "errors", "strong", word));
    host.complain(`iamcreds ${name}: ${maskSecrets(messageOf(error))}\n${hint}${why}`);
  }
}

async function runCommand(found: Found, entry: Entry, host: Host): Promise<ExitCode> {
  const command = entry.load();
  try {
    const given: Given = readGiven(command, found, () => tree.commonFlags(), host.variables);
    return await command.run(given, host);
  } catch (error) {
    explainFailure(error, found, found.args, host);
    return command.failureCode ?? exitCodeOf(error);
  }
}

/** Whether help is requested: before `--`, after which comes another program's command. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).some(isHelp);
}

/** Runs the program with arguments and returns its exit code. */
export async function run(args: readonly string[], host: Host): Promise<ExitCode> {
  const [first, ...rest] = args;
  if (first === "--version" || first === "-v" || first === "version") {
    host.print(`${VERSION}\n`);
    return 0;
  }
  if (isHelp(first)) return help([], host);
  if (first === "help") return help(rest, host);
  const found = findCommand(args, tree);
  const { node } = found;
  if (found.unknown !== undefined) return explainUnknown(found, host);
  if (node === undefined && first?.startsWith("-")) return explainUnknown({ ...found, unknown: first }, host);
  if (asksForHelp(found.args)) return help(found.path, host);
  if (node === undefined || isGroup(node)) {
    host.complain(node === undefined ? formatProgramHelp(tree) : formatGroupHelp(found.path, node));
    return 2;
  }
  return runCommand(found, node, host);
}
