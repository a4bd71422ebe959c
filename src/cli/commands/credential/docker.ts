// SPDX-License-Identifier: Apache-2.0
// `iamcreds credential docker`, and the program docker-credential-iamcreds: what docker calls for a password. Source: docker's
// credential helper protocol.

import { cacheFlag, isCached } from "../../cache/cache-flag.js";
import { takeToken } from "../../cache/take-token.js";
import type { Host } from "../../host/host.js";
import type { ExitCode } from "../../host/output.js";
import { readTarget, type Target, withCaller } from "../../source/caller.js";
import type { Command, Given } from "../../table/command.js";
import { readAccounts, registryHost } from "../configure/docker-accounts.js";

const USERNAME = "oauth2accesstoken";
const OPERATIONS = ["get", "list", "store", "erase"];

/** The account of a registry; the one on the command line is for registries that are not configured. */
function targetFor(server: string, given: Given, host: Host): Target | undefined {
  return readAccounts(host.variables)[registryHost(server)] ?? readTarget(given);
}

async function get(given: Given, host: Host): Promise<ExitCode> {
  const server = (await host.readInput()).toString("utf8").trim();
  const target = targetFor(server, given, host);
  if (target === undefined) {
    host.print("credentials not found in native keychain\n"); // docker looks for exactly this text on standard output
    return 1;
  }
  return withCaller(given, host, async (caller) => {
    const { value } = await takeToken(target, undefined, { given, host, caller, isCached: isCached(given, "file") });
    host.print(`${JSON.stringify({ ServerURL: server, Username: USERNAME, Secret: value })}\n`);
    return 0;
  });
}

/** `iamcreds credential docker`. */
export const docker: Command = {
  text: `Implements docker's credential helper protocol: get prints an access token for the account that auth configure-docker recorded for
the registry named on standard input. docker runs it as docker-credential-iamcreds.`,
  positionals: [{ name: "OPERATION", values: OPERATIONS }],
  flags: { Options: cacheFlag("file") },
  async run(given, host) {
    const [operation] = given.positionals;
    if (operation === "get") return get(given, host);
    if (operation === "list") {
      const servers = Object.keys(readAccounts(host.variables)).map((server) => [`https://${server}`, USERNAME]);
      host.print(`${JSON.stringify(Object.fromEntries(servers))}\n`);
      return 0;
    }
    await host.readInput(); // accepted but not stored: the tokens are not docker's
    return 0;
  },
};
