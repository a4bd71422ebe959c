// SPDX-License-Identifier: Apache-2.0
// The completion script for zsh. Knows no command.

import { flagsOfKind, listFlagValues, type Place } from "./words.js";

// In single quotes; a colon in the word would end it.
const quote = (word: string, summary: string) => `'${`${word}:${summary}`.replaceAll("'", "'\\''")}'`;

/** The script. */
export function formatZsh(places: readonly Place[]): string {
  const flags = listFlagValues(places);
  const valued = [...flags].filter(([, { kind }]) => kind === "values");
  const paths = places.flatMap(({ path }) => (path === "" ? [] : [`"${path}"`]));
  const all = (names: readonly string[]) => (names.length === 0 ? "--no-such-flag" : names.join("|"));
  return `#compdef iamcreds
# zsh completion of iamcreds: source it after compinit, or put it as _iamcreds into a folder of $fpath.
_iamcreds_accounts() {
  [[ \${IAMCREDS_COMPLETE_ACCOUNTS-} = 1 ]] && compadd -- $(iamcreds completion --accounts 2>/dev/null)
}
_iamcreds() {
  local at="" word next prev=\${words[CURRENT-1]} i
  local -a entries
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if [[ $word = "--" ]]; then shift i words; (( CURRENT -= i )); _normal; return; fi
    next="\${at:+$at }$word"
    case "$next" in
      ${paths.join("|")}) at=$next ;;
    esac
  done
  if [[ $PREFIX = --*=* ]]; then prev=\${PREFIX%%=*}; compset -P '*='; fi
  case "$prev" in
${valued.map(([name, { values }]) => `    --${name}) compadd -- ${values.join(" ")}; return ;;\n`).join("")}    ${all(flagsOfKind(flags, "file"))}) _files; return ;;
    ${all(flagsOfKind(flags, "account"))}) _iamcreds_accounts; return ;;
    ${all(flagsOfKind(flags, "any"))}) return ;;
  esac
  case "$at" in
${places
  .map(({ path, words, flags: own, takes }) => {
    const entries = [
      ...words.map(({ word, summary }) => quote(word, summary)),
      ...Object.entries(own).map(([name, { summary }]) => quote(`--${name}`, summary)),
    ];
    const more = takes === "file" ? "_files; " : takes === "account" ? "_iamcreds_accounts; " : "";
    return `    "${path}") ${more}entries=(${entries.join(" ")}) ;;\n`;
  })
  .join("")}  esac
  _describe 'iamcreds' entries
}
if [ "$funcstack[1]" = "_iamcreds" ]; then _iamcreds "$@"; else compdef _iamcreds iamcreds; fi
`;
}
