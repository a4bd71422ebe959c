// SPDX-License-Identifier: Apache-2.0
// `iamcreds completion`: prints a script for a shell, made of the table of commands.

import type { Command, Tree } from "../../table/command.js";
import { formatBash } from "../../table/completion/bash.js";
import { formatFish } from "../../table/completion/fish.js";
import { formatPowershell } from "../../table/completion/powershell.js";
import { listPlaces, type Place } from "../../table/completion/words.js";
import { formatZsh } from "../../table/completion/zsh.js";

const formats: Readonly<Record<string, (places: readonly Place[]) => string>> = {
  bash: formatBash,
  zsh: formatZsh,
  fish: formatFish,
  powershell: formatPowershell,
};

/** `iamcreds completion`, for a table of commands. */
export function completionCommand(tree: Tree): Command {
  return {
    text: `Prints a completion script: \`source <(iamcreds completion bash)\`. With IAMCREDS_COMPLETE_ACCOUNTS=1 in the environment the
scripts complete service accounts too, which asks the IAM API for a second at most and remembers the answer for five minutes.`,
    positionals: [{ name: "SHELL", values: Object.keys(formats) }],
    hasCommonFlags: false,
    async run({ positionals: [shell = ""] }, host) {
      host.print(formats[shell]?.(listPlaces(tree)) ?? "");
      return 0;
    },
  };
}
