// SPDX-License-Identifier: Apache-2.0
// `iamcreds auth print-access-token`: an access token of a service account, or of the source credentials themselves.

import { type Caller, readTarget, withCaller } from "../../caller.js";
import { ownHeaders } from "../../source/own-token.js";
import type { Command, Given } from "../../table/command.js";
import { account, printToken, tokenFlags } from "./token-flags.js";

/** A token, and what is known of it. */
interface AccessToken {
  readonly accessToken: string;
  readonly expiresAt: Date | undefined;
  readonly principal: string | undefined;
  readonly scopes: readonly string[] | undefined;
}

async function askFor(given: Given, caller: Caller): Promise<AccessToken> {
  const target = readTarget(given, given.positionals[0]);
  if (target === undefined) {
    const { authorization = "" } = await ownHeaders(caller.sourceOptions, caller.call);
    return {
      accessToken: authorization.replace(/^Bearer /, ""),
      expiresAt: undefined,
      principal: undefined,
      scopes: undefined,
    };
  }
  const credentials = caller.impersonate(target);
  const { token } = await credentials.getAccessToken(caller.call);
  const { targetPrincipal: principal, scopes, expiry: expiresAt } = credentials;
  return { accessToken: token, expiresAt, principal, scopes };
}

/** `iamcreds auth print-access-token`. */
export const printAccessToken: Command = {
  text: `Prints an access token of SA, or of the source credentials themselves when no account is named. It is good for an hour, or for
--lifetime: up to 12h where the organization's policy constraints/iam.allowServiceAccountCredentialLifetimeExtension allows it.`,
  positionals: [account],
  hasTokenForms: true,
  flags: { "The token": tokenFlags },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const { accessToken, expiresAt, principal, scopes } = await askFor(given, caller);
      return printToken(given, host, {
        text: `${accessToken}\n`,
        json: { accessToken, expireTime: expiresAt, principal, scopes },
        env: { GOOGLE_OAUTH_ACCESS_TOKEN: accessToken, CLOUDSDK_AUTH_ACCESS_TOKEN: accessToken },
        headers: { authorization: `Bearer ${accessToken}` },
        principal,
        expiresAt,
      });
    }),
};
