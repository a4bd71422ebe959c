// SPDX-License-Identifier: Apache-2.0
// `iamcreds auth print-headers`: the headers that authorize a request, for `curl -H @-`, so that no token appears in arguments.

import { printResult } from "../../print/result.js";
import { type Caller, readTarget, withCaller } from "../../source/caller.js";
import { ownHeaders } from "../../source/own-token.js";
import type { Command, Given } from "../../table/command.js";
import { askForIdentity } from "./identity-token.js";
import { account, identityFlags } from "./token-flags.js";

async function headersOf(given: Given, caller: Caller): Promise<Readonly<Record<string, string>>> {
  if (given.text("audiences") !== undefined) {
    return { authorization: `Bearer ${(await askForIdentity(given, caller)).token}` };
  }
  const target = readTarget(given, given.positionals[0]);
  if (target === undefined) return ownHeaders(caller.sourceOptions, caller.call);
  return Object.fromEntries(await caller.impersonate(target).getRequestHeaders(undefined, caller.call));
}

/** `iamcreds auth print-headers`. */
export const printHeaders: Command = {
  text: `Prints the headers that authorize a request as SA, or as the source credentials if no account is named: with an access token, or
given --audiences with an ID token. \`iamcreds headers SA | curl -H @- URL\` keeps the token off the command line, which ps shows.`,
  positionals: [account],
  hasTokenForms: true,
  flags: { Options: identityFlags },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const headers = await headersOf(given, caller);
      const text = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`);
      printResult(given, host, { text: text.join(""), json: headers, headers });
      return 0;
    }),
};
