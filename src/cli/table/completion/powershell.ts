// SPDX-License-Identifier: Apache-2.0
// The completion script for PowerShell. Knows no command.

import { flagsOfKind, listFlagValues, type Place } from "./words.js";

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
const list = (texts: readonly string[]) => `@(${texts.map(quote).join(", ")})`;

/** The script. */
export function formatPowershell(places: readonly Place[]): string {
  const flags = listFlagValues(places);
  const valued = [...flags].filter(([, { kind }]) => kind === "values");
  const words = places.map(({ path, words: own, flags: named }) => {
    const all = [...own.map(({ word }) => word), ...Object.keys(named).map((name) => `--${name}`)];
    return `        ${quote(path)} = ${list(all)}`;
  });
  return `# PowerShell completion of iamcreds: add it to $PROFILE.
Register-ArgumentCompleter -Native -CommandName iamcreds -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @{
${words.join("\n")}
    }
    $values = @{
${valued.map(([name, { values }]) => `        ${quote(`--${name}`)} = ${list(values)}`).join("\n")}
    }
    $files = ${list(flagsOfKind(flags, "file"))}
    $accounts = ${list(flagsOfKind(flags, "account"))}
    $free = ${list(flagsOfKind(flags, "any"))}
    $given = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
    $at = ''
    foreach ($word in $given) {
        $next = "$at $word".Trim()
        if ($words.ContainsKey($next)) { $at = $next }
    }
    $previous = if ($given.Count -gt 0) { $given[-1] } else { '' }
    if ($files -contains $previous -or $free -contains $previous) { return }
    $found = if ($values.ContainsKey($previous)) { $values[$previous] }
        elseif ($accounts -contains $previous) { if ($env:IAMCREDS_COMPLETE_ACCOUNTS -eq '1') { iamcreds completion --accounts 2>$null } }
        else { $words[$at] }
    $found | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`;
}
