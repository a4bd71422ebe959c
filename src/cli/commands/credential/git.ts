// SPDX-License-Identifier: Apache-2.0
// `iamcreds credential git`: what git calls for a password. Source: git-credential(1), gitcredentials(7).

import { cacheFlag, isCached } from "../../cache/cache-flag.js";
import { takeToken } from "../../cache/take-token.js";
import { requireTarget, withCaller } from "../../source/caller.js";
import type { Command } from "../../table/command.js";

/** `iamcreds credential git`. */
export const git: Command = {
  text: `Implements git's credential helper protocol on standard input and output: get prints an access token for the account in
--impersonate-service-account. auth configure-git sets this up.`,
  positionals: [{ name: "OPERATION" }],
  flags: { Options: cacheFlag("file") },
  async run(given, host) {
    const lines = (await host.readInput()).toString("utf8").split("\n");
    // Other operations and plaintext connections are not ours: git asks the next helper.
    if (given.positionals[0] !== "get" || !lines.includes("protocol=https")) return 0;
    return withCaller(given, host, async (caller) => {
      const { value, expiresAt } = await takeToken(requireTarget(given), undefined, {
        given,
        host,
        caller,
        isCached: isCached(given, "file"),
      });
      const expiry = Math.floor(expiresAt / 1000);
      host.print(`username=oauth2accesstoken\npassword=${value}\npassword_expiry_utc=${expiry}\n`);
      return 0;
    });
  },
};
