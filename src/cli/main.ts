#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The program iamcreds: finds the command, tells help and version, and makes an exit code of how it ended. A command is loaded
// when it is asked for.

import { VERSION } from "../base/version.js";
import type * as EmulatorCommand from "./commands/emulator.js";
import { type Command, type ExitCode, messageOf, type Output, UsageError } from "./output.js";

const commands: Readonly<Record<string, { readonly summary: string; load(): Command }>> = {
  emulator: {
    summary: "runs an emulator of the IAM credentials API and what belongs to it",
    load: () => (require("./commands/emulator.js") as typeof EmulatorCommand).emulatorCommand, // its own type
  },
};

const help = `Usage: iamcreds <command> [options]

Commands:
${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`)
  .join("\n")}

Options:
  --help      this text, or after a command the command's
  --version   the version

Exit codes: 0 done, 1 failed, 2 the arguments are wrong.
`;

const output: Output = {
  print: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
};

async function run(args: readonly string[]): Promise<ExitCode> {
  const [name = "", ...rest] = args;
  const isHelp = (arg: string | undefined) => arg === "--help" || arg === "-h";
  if (name === "--version") output.print(`${VERSION}\n`);
  else if (isHelp(name)) output.print(help);
  if (name === "--version" || isHelp(name)) return 0;
  if (name === "") {
    output.complain(help);
    return 2;
  }
  const command = Object.hasOwn(commands, name) ? commands[name]?.load() : undefined;
  if (command === undefined) {
    output.complain(`iamcreds: ${JSON.stringify(name)} is no command. Try: iamcreds --help\n`);
    return 2;
  }
  if (rest.some(isHelp)) {
    output.print(command.help);
    return 0;
  }
  try {
    return await command.run(rest, output);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const hint = isUsage ? `Try: iamcreds ${name} --help\n` : "";
    output.complain(`iamcreds ${name}: ${messageOf(error)}\n${hint}`);
    return isUsage ? 2 : 1;
  }
}

// Whoever read the output may be gone by now: that is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
