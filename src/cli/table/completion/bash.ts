// SPDX-License-Identifier: Apache-2.0
// The completion script for bash. Knows no command.

import { flagsOfKind, listFlagValues, type Place } from "./words.js";

/** The script. */
export function formatBash(places: readonly Place[]): string {
  const flags = listFlagValues(places);
  const valued = [...flags].filter(([, { kind }]) => kind === "values");
  const paths = places.flatMap(({ path }) => (path === "" ? [] : [`"${path}"`]));
  const all = (names: readonly string[]) => (names.length === 0 ? "--no-such-flag" : names.join("|"));
  return `# bash completion of iamcreds: source it, or put it into bash-completion's folder.
_iamcreds_accounts() {
  [ "\${IAMCREDS_COMPLETE_ACCOUNTS-}" = 1 ] && iamcreds completion --accounts 2>/dev/null
}
_iamcreds() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path="" words="" takes="" word next i
  COMPREPLY=()
  if [ "$cur" = "=" ]; then cur=""; elif [ "$prev" = "=" ]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [ "$word" = "--" ]; then COMPREPLY=($(compgen -c -f -- "$cur")); return; fi
    next="\${path:+$path }$word"
    case "$next" in
      ${paths.join("|")}) path=$next ;;
    esac
  done
  case "$prev" in
${valued.map(([name, { values }]) => `    --${name}) COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$cur")); return ;;\n`).join("")}    ${all(flagsOfKind(flags, "file"))}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    ${all(flagsOfKind(flags, "account"))}) COMPREPLY=($(compgen -W "$(_iamcreds_accounts)" -- "$cur")); return ;;
    ${all(flagsOfKind(flags, "any"))}) return ;;
  esac
  case "$path" in
${places
  .map(({ path, words, flags: own, takes }) => {
    const list = [...words.map(({ word }) => word), ...Object.keys(own).map((name) => `--${name}`)];
    return `    "${path}") words="${list.join(" ")}" takes=${takes} ;;\n`;
  })
  .join("")}  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  case "$cur:$takes" in
    -*) ;;
    *:file) COMPREPLY+=($(compgen -f -- "$cur")) ;;
    *:account) COMPREPLY+=($(compgen -W "$(_iamcreds_accounts)" -- "$cur")) ;;
  esac
}
complete -F _iamcreds iamcreds
`;
}
