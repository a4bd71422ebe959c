// SPDX-License-Identifier: Apache-2.0
// A token of an account as the flags say, from the cache if --cache says so: decides what distinguishes two tokens. Prints nothing.

import { createHash } from "node:crypto";
import type { Host } from "../host/host.js";
import { openMinter } from "../session/open-minter.js";
import { type Caller, readLifetime, readScopes, type Target } from "../source/caller.js";
import { emulatorHost } from "../source/emulator-host.js";
import type { Given } from "../table/command.js";
import { type Token, takeCached } from "./cached-token.js";
import { cacheFolder, FileTokenStore } from "./file-token-store.js";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Variables that choose the caller where no file says who it is, or the universe: what one caller minted is not for another. */
const CALLER_VARIABLES = [
  "GCE_METADATA_HOST",
  "GCE_METADATA_ROOT",
  "CLOUDSDK_CONFIG",
  "CLOUDSDK_ACTIVE_CONFIG_NAME",
  "CLOUDSDK_CORE_ACCOUNT",
  "GOOGLE_CLOUD_UNIVERSE_DOMAIN",
] as const;

interface TokenRequest {
  readonly given: Given;
  readonly host: Host;
  readonly caller: Caller;
}

function keyOf(target: Target, audience: string | undefined, { given, host, caller }: TokenRequest): string {
  const { source } = caller;
  return sha256(
    JSON.stringify([
      source.label,
      sha256(JSON.stringify(source.document ?? null)),
      target.account,
      target.delegates,
      audience === undefined ? (readScopes(given) ?? null) : { audience },
      readLifetime(given) ?? null,
      given.text("subject") ?? null,
      given.text("universe-domain") ?? null,
      given.text("endpoint") ?? emulatorHost(host.variables) ?? null,
      CALLER_VARIABLES.map((name) => host.variables[name] || null),
    ]),
  );
}

/**
 * A token of an account.
 *
 * @param audience the audience of an ID token; undefined: an access token
 * @param isCached whether the file cache is used. Not with a bare token as the source: it does not say whose it is
 */
export function takeToken(
  target: Target,
  audience: string | undefined,
  { given, host, caller, isCached }: TokenRequest & { readonly isCached: boolean },
): Promise<Token> {
  const minter = openMinter(target, given, host, caller);
  const { signal } = caller.call;
  const mint = () =>
    audience === undefined ? minter.accessToken(undefined, signal) : minter.idToken(audience, signal);
  const isNamed = given.text("access-token-file") === undefined && given.text("source") !== "-";
  if (!isCached || !isNamed) return mint();
  const store = new FileTokenStore(cacheFolder(host.variables), host.clock);
  return takeCached({ store, key: keyOf(target, audience, { given, host, caller }), clock: host.clock, signal, mint });
}
