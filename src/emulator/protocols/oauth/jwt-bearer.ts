// SPDX-License-Identifier: Apache-2.0
// Decides what a signed assertion of a service account gets at the token endpoint (RFC 7523, AIP-4112, AIP-4116): an access
// token, an ID token, or a user's token if domain-wide delegation allows it.

import { memberOf, type ServiceAccount } from "../../world/accounts/account-book.js";
import type { PublishedKey } from "../../world/keys/key-pair.js";
import { isSignedBy, type ParsedJws, parseSignedJwt } from "../../world/keys/signed-jwt.js";
import { isEmail } from "../../world/names/account-names.js";
import { isScope } from "../../world/names/scopes.js";
import { issueAccessToken, issueIdToken } from "../../world/tokens/issue-token.js";
import {
  accountNotFoundForGrant,
  clientUnauthorized,
  jwtSignatureInvalid,
  jwtTimesInvalid,
  OAuthError,
  scopeInvalid,
  tokenAnswer,
} from "./oauth-error.js";
import type { Grant, OAuthWorld } from "./oauth-grant.js";

/** The grant type. Source: RFC 7523, 2.1. */
export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

const MAX_LIFETIME_SECONDS = 3600;
const CLOCK_SKEW_SECONDS = 300; // Google's tolerance is not published; five minutes is its figure for ID tokens
const audiences = [
  "https://oauth2.googleapis.com/token",
  "https://www.googleapis.com/oauth2/v4/token",
  "https://www.googleapis.com/oauth2/v3/token",
  "https://accounts.google.com/o/oauth2/token",
];
/** The paths of the token endpoint. */
export const tokenPaths: readonly string[] = ["/token", "/oauth2/v4/token", "/oauth2/v3/token", "/o/oauth2/token"];

type AnyJws = Omit<ParsedJws, "keyId"> & { readonly keyId: string | undefined };

// google-auth-library for Node.js names no key: then any of the account's keys will do.
async function isSignedByAccount(account: ServiceAccount, jws: AnyJws): Promise<boolean> {
  const key = jws.keyId === undefined ? undefined : await account.keys.findPublishedKey(jws.keyId);
  const candidates: readonly PublishedKey[] =
    jws.keyId === undefined ? await account.keys.publishedKeys() : key === undefined ? [] : [key];
  for (const { publicKey } of candidates) if (await isSignedBy(jws, publicKey)) return true;
  return false;
}

function checkTimes(iat: unknown, exp: unknown, nowSeconds: number): void {
  const isInTime =
    typeof iat === "number" &&
    typeof exp === "number" &&
    iat <= nowSeconds + CLOCK_SKEW_SECONDS &&
    exp > nowSeconds &&
    exp > iat &&
    exp - iat <= MAX_LIFETIME_SECONDS;
  if (!isInTime) throw jwtTimesInvalid();
}

// The text is from memory.
function checkAudience(world: OAuthWorld, aud: unknown): void {
  const own = tokenPaths.map((path) => world.url() + path);
  if (typeof aud === "string" && (audiences.includes(aud) || own.includes(aud))) return;
  throw new OAuthError("invalid_grant", `Invalid JWT: Failed audience check. The right audience is ${audiences[0]}`);
}

async function verifyAssertion(
  world: OAuthWorld,
  assertion: string,
): Promise<{ account: ServiceAccount; claims: ParsedJws["claims"] }> {
  const jws = parseSignedJwt(assertion);
  if (jws === undefined) throw new OAuthError("invalid_grant", "Bad Request");
  const { iss, aud, iat, exp } = jws.claims;
  const account = typeof iss === "string" ? world.accounts.find(iss) : undefined;
  if (account === undefined || account.disabled) throw accountNotFoundForGrant();
  if (!(await isSignedByAccount(account, jws))) throw jwtSignatureInvalid();
  checkTimes(iat, exp, Math.floor(world.now() / 1000));
  checkAudience(world, aud);
  return { account, claims: jws.claims };
}

function requirePrincipal(world: OAuthWorld, account: ServiceAccount, sub: unknown, scopes: readonly string[]): string {
  if (sub === undefined || sub === account.email || sub === account.uniqueId) return memberOf(account);
  if (typeof sub !== "string" || !isEmail(sub)) throw new OAuthError("invalid_grant", "Invalid email or User ID");
  const allowed = world.logins.delegatedScopes(account.email);
  if (scopes.length === 0 || !scopes.every((scope) => allowed.has(scope))) throw clientUnauthorized();
  return `user:${sub}`;
}

/**
 * The jwt-bearer grant.
 *
 * @throws OAuthError when the assertion is malformed, forged, out of time, or asks for what its account may not have
 */
export const grantByJwt: Grant = async (world, { form, notes }) => {
  const { account, claims } = await verifyAssertion(world, form.demand("assertion"));
  const { scope, sub, target_audience: audience } = claims;
  const scopes = typeof scope === "string" ? scope.split(" ").filter((each) => each !== "") : [];
  // Libraries send scopes along with the audience, and get an ID token.
  if (typeof audience === "string" && audience !== "") {
    const principal = requirePrincipal(world, account, sub, []);
    notes.principal = principal;
    return async () => tokenAnswer({ id_token: await issueIdToken(world, principal, audience) });
  }
  if (scopes.length === 0 || !scopes.every(isScope)) throw scopeInvalid();
  const principal = requirePrincipal(world, account, sub, scopes);
  notes.principal = principal;
  return () => {
    const { accessToken, expiresIn } = issueAccessToken(world, { principal, scopes });
    return tokenAnswer({ access_token: accessToken, expires_in: expiresIn, token_type: "Bearer" });
  };
};
