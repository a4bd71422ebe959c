// SPDX-License-Identifier: Apache-2.0
// The completion script for fish. Knows no command.

import type { FlagValues, Place } from "./words.js";

const quote = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function formatValues({ kind, values }: FlagValues): string {
  if (kind === "none") return "";
  if (kind === "values") return ` -x -a ${quote(values.join(" "))}`;
  if (kind === "file") return " -r -F";
  return kind === "account" ? " -x -a '(__iamcreds_accounts)'" : " -x";
}

/** The script. */
export function formatFish(places: readonly Place[]): string {
  const paths = places.flatMap(({ path }) => (path === "" ? [] : [quote(path)]));
  const lines = places.flatMap(({ path, words, flags, takes }) => {
    const start = `complete -c iamcreds -n ${quote(`__iamcreds_at ${quote(path)}`)}`;
    return [
      ...words.map(({ word, summary }) => `${start} -a ${quote(word)} -d ${quote(summary)}`),
      ...Object.entries(flags).map(
        ([name, flag]) => `${start} -l ${name}${formatValues(flag)} -d ${quote(flag.summary)}`,
      ),
      ...(takes === "file" ? [`${start} -F`] : []),
      ...(takes === "account" ? [`${start} -a '(__iamcreds_accounts)'`] : []),
    ];
  });
  return `# fish completion of iamcreds: put it as iamcreds.fish into ~/.config/fish/completions.
function __iamcreds_accounts
    test "$IAMCREDS_COMPLETE_ACCOUNTS" = 1; and iamcreds completion --accounts 2>/dev/null
end
function __iamcreds_at
    set -l at ""
    for word in (commandline -opc)[2..-1]
        set -l next (string trim "$at $word")
        if contains -- $next ${paths.join(" ")}
            set at $next
        end
    end
    test "$at" = "$argv[1]"
end
complete -c iamcreds -f
${lines.join("\n")}
`;
}
