// SPDX-License-Identifier: Apache-2.0
// `iamcreds completion`: prints a script for a shell, made of the table of commands.

import { UsageError } from "../../host/output.js";
import type { Command, Tree } from "../../table/command.js";
import { formatBash } from "../../table/completion/bash.js";
import { formatFish } from "../../table/completion/fish.js";
import { formatPowershell } from "../../table/completion/powershell.js";
import { listPlaces, type Place } from "../../table/completion/words.js";
import { formatZsh } from "../../table/completion/zsh.js";
import { listAccountNames } from "./list-account-names.js";

const formats: Readonly<Record<string, (places: readonly Place[]) => string>> = {
  bash: formatBash,
  zsh: formatZsh,
  fish: formatFish,
  powershell: formatPowershell,
};

/** `iamcreds completion`, for a table of commands. */
export function completionCommand(tree: Tree): Command {
  return {
    text: `Prints a completion script: \`source <(iamcreds completion bash)\`. If IAMCREDS_COMPLETE_ACCOUNTS=1 is set, the
scripts also complete service accounts: they query the IAM API for at most a second and cache the answer for five minutes.`,
    positionals: [{ name: "SHELL", values: Object.keys(formats), isOptional: true }],
    flags: {
      Options: {
        accounts: { text: "print the service accounts of the project; for the scripts" },
      },
    },
    hasCommonFlags: false,
    async run(given, host) {
      const [shell] = given.positionals;
      if (given.has("accounts")) {
        const emails = await listAccountNames(host, tree.commonFlags());
        host.print(emails.map((email) => `${email}\n`).join(""));
        return 0;
      }
      if (shell === undefined) throw new UsageError(`SHELL is missing: ${Object.keys(formats).join(", ")}`);
      host.print(formats[shell]?.(listPlaces(tree)) ?? "");
      return 0;
    },
  };
}
