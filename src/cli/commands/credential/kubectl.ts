// SPDX-License-Identifier: Apache-2.0
// `iamcreds credential kubectl`: what kubectl calls for a token. Source: Kubernetes, client.authentication.k8s.io/v1.

import { cacheFlag, isCached } from "../../cache/cache-flag.js";
import { takeToken } from "../../cache/take-token.js";
import type { Variables } from "../../host/host.js";
import { requireTarget, withCaller } from "../../source/caller.js";
import type { Command } from "../../table/command.js";
import { account } from "../auth/token-flags.js";

const DEFAULT_VERSION = "client.authentication.k8s.io/v1";
const VERSIONS = [DEFAULT_VERSION, "client.authentication.k8s.io/v1beta1"];

/** The version that kubectl speaks, as it says in a variable. */
function versionOf(variables: Variables): string {
  try {
    const { apiVersion } = Object(JSON.parse(variables["KUBERNETES_EXEC_INFO"] ?? "{}")) as { apiVersion?: unknown }; // as: checked below
    return VERSIONS.find((version) => version === apiVersion) ?? DEFAULT_VERSION;
  } catch {
    return DEFAULT_VERSION;
  }
}

/** `iamcreds credential kubectl`. */
export const kubectl: Command = {
  text: `Prints an ExecCredential with an access token for SA, for users[].user.exec in a kubeconfig. auth configure-kubectl sets this up.`,
  positionals: [account],
  flags: { Options: cacheFlag("file") },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const target = requireTarget(given, given.positionals[0]);
      const { value, expiresAt } = await takeToken(target, undefined, {
        given,
        host,
        caller,
        isCached: isCached(given, "file"),
      });
      // Kubernetes reads whole seconds only.
      const expirationTimestamp = new Date(Math.floor(expiresAt / 1000) * 1000).toISOString().replace(".000Z", "Z");
      const status = { token: value, expirationTimestamp };
      host.print(`${JSON.stringify({ apiVersion: versionOf(host.variables), kind: "ExecCredential", status })}\n`);
      return 0;
    }),
};
