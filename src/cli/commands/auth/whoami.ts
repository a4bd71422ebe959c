// SPDX-License-Identifier: Apache-2.0
// `iamcreds auth whoami`: who the source credentials are, where they come from, when their token expires and what it is good for.

import type { Host } from "../../host/host.js";
import { printResult } from "../../print/result.js";
import { type Caller, readTarget, withCaller } from "../../source/caller.js";
import { ownHeaders } from "../../source/own-token.js";
import { askTokenInfo, type TokenInfo } from "../../source/read-token-info.js";
import type { Command } from "../../table/command.js";

type Document = Readonly<Record<string, unknown>>;

/** The account that a credentials file names, if it names one. */
function principalOfFile(document: Document | undefined): string | undefined {
  const { client_email: email, service_account_impersonation_url: url } = document ?? {};
  if (typeof email === "string") return email;
  return typeof url === "string" ? /serviceAccounts\/([^/:]+):/.exec(url)?.[1] : undefined;
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function expiryOf(info: TokenInfo | undefined): Date | undefined {
  const seconds = Number(info?.["exp"]);
  return Number.isFinite(seconds) ? new Date(seconds * 1000) : undefined;
}

async function describe(caller: Caller, host: Host): Promise<object> {
  const { label, document } = caller.source;
  const headers = await ownHeaders(caller.sourceOptions, caller.call);
  const token = (headers["authorization"] ?? "").replace(/^Bearer /, "");
  const isOwner = label === "the emulator's owner";
  const info = isOwner ? undefined : await askTokenInfo(token, host, caller.call.signal);
  return {
    principal: isOwner
      ? "owner"
      : (text(info?.["email"]) ?? principalOfFile(document) ?? text(info?.["sub"]) ?? text(info?.["azp"]) ?? "unknown"),
    source: label,
    type: text(document?.["type"]),
    expireTime: expiryOf(info),
    scopes: text(info?.["scope"])?.split(" "),
    quotaProject: headers["x-goog-user-project"],
  };
}

/** `iamcreds auth whoami`. */
export const whoami: Command = {
  text: `Shows whose the source credentials are, where they were found, when their token expires and which scopes it has, according to Google's
tokeninfo endpoint. With --impersonate-service-account it also shows which account the other commands would act as.`,
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const target = readTarget(given);
      const actsAs = target === undefined ? undefined : [...target.delegates, target.account];
      printResult(given, host, { json: { ...(await describe(caller, host)), actsAs } });
      return 0;
    }),
};
