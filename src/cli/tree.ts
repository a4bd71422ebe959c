// SPDX-License-Identifier: Apache-2.0
// Which commands there are, by their words, and what loads each. A command is added by its line here and a file in commands/ that
// exports it.

import { commonFlags } from "./common-flags.js";
import type { Group, Tree } from "./table/command.js";

const emulator = (): typeof import("./commands/emulator.js") => require("./commands/emulator.js");
const completion = (): typeof import("./commands/completion/completion.js") =>
  require("./commands/completion/completion.js");

const entries: Group["entries"] = {
  emulator: {
    summary: "runs an emulator of the IAM credentials API and what belongs to it",
    load: () => emulator().emulatorCommand,
  },
  completion: { summary: "prints a completion script for a shell", load: () => completion().completionCommand(tree) },
};

/** The table of commands. */
export const tree: Tree = {
  entries,
  aliases: {},
  commonFlags: () => commonFlags,
};
