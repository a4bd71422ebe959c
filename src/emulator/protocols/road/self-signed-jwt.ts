// SPDX-License-Identifier: Apache-2.0
// Decides which self-signed JWT of a service account is accepted as a bearer (AIP-4111). Does not know what the caller wants.

import { memberOf } from "../../world/accounts/account-book.js";
import { isSignedBy, parseCompactJws } from "../../world/keys/signed-jwt.js";
import type { MethodIdentity } from "../../world/refusals/service-error.js";
import type { TokenFacts } from "../../world/tokens/token-mint.js";
import type { World } from "../../world/world.js";

const MAX_LIFETIME_SECONDS = 3600;
const CLOCK_SKEW_SECONDS = 10; // what google-auth allows; both ends are on one machine here

/** What an accepted JWT entitles its bearer to. A JWT made for an audience is not limited by scopes. */
type JwtFacts = Pick<TokenFacts, "principal"> & { readonly scopes: readonly string[] | "all" };

function isInTime(iat: unknown, exp: unknown, nowSeconds: number): boolean {
  if (typeof iat !== "number" || typeof exp !== "number") return false;
  return iat <= nowSeconds + CLOCK_SKEW_SECONDS && exp > nowSeconds && exp > iat && exp - iat <= MAX_LIFETIME_SECONDS;
}

function readEntitlement(aud: unknown, scope: unknown, api: MethodIdentity): readonly string[] | "all" | undefined {
  // Both at once is an assertion for a token endpoint, not a bearer. Whatever endpoint is called, clients write the
  // service's default host, with the slash (AIP-4111); over gRPC google-auth for Python adds the interface. Go writes an
  // empty audience beside a scope.
  const host = `https://${api.service}/`;
  const interfaceName = api.method.slice(0, api.method.lastIndexOf("."));
  if (aud !== undefined && aud !== "") return aud === host || aud === host + interfaceName ? "all" : undefined;
  return typeof scope === "string" && scope !== "" ? scope.split(" ") : undefined;
}

/**
 * Checks a self-signed JWT: RS256 with a key of the account that is issuer and subject, at most an hour long, not
 * expired, and made for this API or for scopes.
 *
 * @param api the called method, whose host and interface the JWT may be made for
 * @returns whose it is and what it entitles to; undefined when anything is wrong with it
 */
export async function readSelfSignedJwt(
  world: Pick<World, "accounts" | "now">,
  token: string,
  api: MethodIdentity,
): Promise<JwtFacts | undefined> {
  const jws = parseCompactJws(token);
  if (jws === undefined) return undefined;
  const { iss, sub, aud, scope, iat, exp } = jws.claims;
  const scopes = readEntitlement(aud, scope, api);
  if (typeof iss !== "string" || iss !== sub || scopes === undefined) return undefined;
  if (!isInTime(iat, exp, Math.floor(world.now() / 1000))) return undefined;
  const account = world.accounts.find(iss);
  if (account?.email !== iss) return undefined;
  const key = await account.keys.findPublishedKey(jws.keyId);
  if (key === undefined || !(await isSignedBy(jws, key.publicKey))) return undefined;
  return { principal: memberOf(account), scopes };
}
