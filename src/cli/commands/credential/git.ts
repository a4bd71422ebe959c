// SPDX-License-Identifier: Apache-2.0
// `iamcreds credential git`: what git calls for a password. Source: git-credential(1), gitcredentials(7).

import { cacheFlag, isCached } from "../../cache/cache-flag.js";
import { takeToken } from "../../cache/take-token.js";
import { requireTarget, withCaller } from "../../source/caller.js";
import type { Command } from "../../table/command.js";

/** `iamcreds credential git`. */
export const git: Command = {
  text: `Answers git's credential helper protocol on standard input and output with an access token of the account that
--impersonate-service-account names (auth configure-git writes it into git's configuration).`,
  positionals: [{ name: "OPERATION" }],
  flags: { "The token": cacheFlag("file") },
  async run(given, host) {
    const lines = (await host.readInput()).toString("utf8").split("\n");
    const protocol = lines.find((line) => line.startsWith("protocol="));
    // Other operations and plaintext connections are not ours: git asks the next helper.
    if (given.positionals[0] !== "get" || (protocol !== undefined && protocol !== "protocol=https")) return 0;
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
