// SPDX-License-Identifier: Apache-2.0
// `iamcreds auth print-identity-token`: an ID token of a service account.

import { withCaller } from "../../source/caller.js";
import type { Command } from "../../table/command.js";
import { askForIdentity } from "./identity-token.js";
import { account, identityFlags, printToken, tokenFlags } from "./token-flags.js";

/** `iamcreds auth print-identity-token`. */
export const printIdentityToken: Command = {
  text: `Prints an ID token for SA, signed by Google, for one audience: Cloud Run, IAP or a service of your own. It is valid for an hour.`,
  positionals: [account],
  hasTokenForms: true,
  flags: { Options: { ...identityFlags, ...tokenFlags } },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const { token, audience, expiresAt, principal } = await askForIdentity(given, caller);
      return printToken(given, host, {
        text: `${token}\n`,
        json: { token, expireTime: expiresAt, audience, principal },
        env: { GOOGLE_ID_TOKEN: token },
        headers: { authorization: `Bearer ${token}` },
        principal,
        expiresAt,
      });
    }),
};
