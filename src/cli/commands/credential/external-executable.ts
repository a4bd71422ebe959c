// SPDX-License-Identifier: Apache-2.0
// `iamcreds credential external-executable`: an ID token as the subject token of a workload pool, for Google's libraries. Source:
// AIP-4117, executable-sourced credentials.

import { cacheFlag, isCached } from "../../cache/cache-flag.js";
import { takeToken } from "../../cache/take-token.js";
import { messageOf, UsageError } from "../../host/output.js";
import { requireTarget, withCaller } from "../../source/caller.js";
import type { Command } from "../../table/command.js";
import { account, identityFlags } from "../auth/token-flags.js";

/** `iamcreds credential external-executable`. */
export const externalExecutable: Command = {
  text: `Prints an ID token for SA in the format that Google's auth libraries expect of an executable: as the subject token for a workload
identity pool (credential_source.executable, with GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1). The default audience is the pool's, which
the library passes in GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE.`,
  positionals: [account],
  flags: {
    Options: { ...(identityFlags["audiences"] && { audiences: identityFlags["audiences"] }), ...cacheFlag("file") },
  },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const audience = given.text("audiences") ?? host.variables["GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE"];
      if (audience === undefined)
        throw new UsageError("--audiences is missing, and GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE is not set");
      const target = requireTarget(given, given.positionals[0]);
      try {
        const { value, expiresAt } = await takeToken(target, audience, {
          given,
          host,
          caller,
          isCached: isCached(given, "file"),
        });
        const token = { token_type: "urn:ietf:params:oauth:token-type:id_token", id_token: value };
        host.print(
          `${JSON.stringify({ version: 1, success: true, ...token, expiration_time: Math.floor(expiresAt / 1000) })}\n`,
        );
        return 0;
      } catch (error) {
        // The library reads the reason from standard output.
        const { status, name } = Object(error) as { status?: unknown; name?: unknown }; // as: any value has properties after Object()
        host.print(
          `${JSON.stringify({ version: 1, success: false, code: String(status ?? name), message: messageOf(error) })}\n`,
        );
        throw error;
      }
    }),
};
