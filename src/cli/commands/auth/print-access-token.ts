// SPDX-License-Identifier: Apache-2.0
// `iamcreds auth print-access-token`: an access token of a service account, or of the source credentials themselves.

import { cacheFlag, isCached } from "../../cache/cache-flag.js";
import { takeToken } from "../../cache/take-token.js";
import type { Host } from "../../host/host.js";
import { UsageError } from "../../host/output.js";
import { type Caller, readTarget, withCaller } from "../../source/caller.js";
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

async function askFor(given: Given, host: Host, caller: Caller, named: string | undefined): Promise<AccessToken> {
  const target = readTarget(given, named ?? given.positionals[0]);
  if (target === undefined) {
    const { authorization = "" } = await ownHeaders(caller.sourceOptions, caller.call);
    const accessToken = authorization.replace(/^Bearer /, "");
    return { accessToken, expiresAt: undefined, principal: undefined, scopes: undefined };
  }
  const { value, expiresAt } = await takeToken(target, undefined, {
    given,
    host,
    caller,
    isCached: isCached(given, "off"),
  });
  const { targetPrincipal: principal, scopes } = caller.impersonate(target);
  return { accessToken: value, expiresAt: new Date(expiresAt), principal, scopes };
}

/** The account that Terraform's data source `external` asks for on standard input. @throws UsageError when it asks for none */
async function readQuery(given: Given, host: Host): Promise<string | undefined> {
  if (!given.has("external-query")) return undefined;
  try {
    const { service_account: named } = Object(JSON.parse((await host.readInput()).toString("utf8"))) as Record<
      string,
      unknown
    >; // as: checked below
    if (typeof named === "string" && named !== "") return named;
  } catch {
    // Reported below.
  }
  throw new UsageError('--external-query: standard input must be {"service_account": "…"}, as Terraform writes it');
}

/** `iamcreds auth print-access-token`. */
export const printAccessToken: Command = {
  text: `Prints an access token for SA, or for the source credentials themselves if no account is named. It is valid for an hour or for
--lifetime, which can be up to 12h where the organization policy constraint
iam.allowServiceAccountCredentialLifetimeExtension allows it.`,
  positionals: [account],
  hasTokenForms: true,
  flags: {
    Options: {
      ...tokenFlags,
      ...cacheFlag("off"),
      "external-query": {
        text: 'for Terraform\'s external data source: read the account from\n{"service_account": …} on standard input',
      },
    },
  },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const named = await readQuery(given, host);
      const { accessToken, expiresAt, principal, scopes } = await askFor(given, host, caller, named);
      return printToken(given, host, {
        text: `${accessToken}\n`,
        // Flat and of strings: what Terraform's data source reads.
        json: { accessToken, expireTime: expiresAt, principal, scopes: scopes?.join(" ") },
        env: { GOOGLE_OAUTH_ACCESS_TOKEN: accessToken, CLOUDSDK_AUTH_ACCESS_TOKEN: accessToken },
        headers: { authorization: `Bearer ${accessToken}` },
        principal,
        expiresAt,
      });
    }),
};
