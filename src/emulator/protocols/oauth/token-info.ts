// SPDX-License-Identifier: Apache-2.0
// Decides what a token's holder may learn about it: tokeninfo, userinfo and revocation.

import { isSignedBy, parseCompactJws } from "../../world/keys/signed-jwt.js";
import { ServiceError } from "../../world/refusals/service-error.js";
import { GOOGLE_ISSUER } from "../../world/tokens/issue-token.js";
import { subjectOf } from "../../world/tokens/subject.js";
import { isInForce } from "../../world/tokens/token-force.js";
import type { TokenFacts } from "../../world/tokens/token-mint.js";
import { headerOf, jsonAnswer } from "../http/http-operation.js";
import { authenticate } from "../road/authenticate.js";
import { OAuthError } from "./oauth-error.js";
import type { Give, Grant, OAuthRequest, OAuthWorld } from "./oauth-grant.js";

const emailScopes = ["email", "https://www.googleapis.com/auth/userinfo.email"];
const profileScopes = ["openid", "profile", "https://www.googleapis.com/auth/userinfo.profile", ...emailScopes];
const USERINFO = { method: "openidconnect.userinfo", service: "openidconnect.googleapis.com" } as const;

const includesAny = (scopes: readonly string[] | "all", wanted: readonly string[]) =>
  scopes === "all" || wanted.some((scope) => scopes.includes(scope));

function invalidValue(): OAuthError {
  return new OAuthError("invalid_token", "Invalid Value");
}

/** The facts of a valid access token; undefined for any other text. */
export function openLiveToken(world: OAuthWorld, token: string): TokenFacts | undefined {
  const facts = world.tokens.open(token);
  if (facts === undefined || facts.expiresAt <= world.now() || !isInForce(world, facts)) return undefined;
  return world.logins.isRevoked(token, facts.grantId) ? undefined : facts;
}

function describeAccessToken(world: OAuthWorld, token: string, { notes }: OAuthRequest): Give {
  const facts = openLiveToken(world, token);
  if (facts === undefined) throw invalidValue();
  const { sub, email } = subjectOf(world, facts.principal);
  const document = {
    azp: sub,
    aud: sub,
    ...(includesAny(facts.scopes, profileScopes) ? { sub } : {}),
    scope: facts.scopes.join(" "),
    exp: String(Math.floor(facts.expiresAt / 1000)),
    expires_in: String(Math.floor((facts.expiresAt - world.now()) / 1000)),
    ...(email !== undefined && includesAny(facts.scopes, emailScopes) ? { email, email_verified: "true" } : {}),
    access_type: "online",
    ...(facts.accessBoundary === undefined ? {} : { access_boundary: facts.accessBoundary }), // our own name
  };
  notes.principal = facts.principal;
  return () => jsonAnswer(200, document);
}

/**
 * Introspection (RFC 7662), as the security token service does it: `gcloud auth login --cred-file` uses it to learn whose the token is.
 *
 * @throws OAuthError invalid_request when there is no token
 */
export const introspectToken: Grant = (world, { form, notes }) => {
  const facts = openLiveToken(world, form.demand("token"));
  if (facts === undefined) return () => jsonAnswer(200, { active: false });
  const { sub, email } = subjectOf(world, facts.principal);
  notes.principal = facts.principal;
  return () =>
    jsonAnswer(200, {
      active: true,
      scope: facts.scopes.join(" "),
      client_id: form.get("client_id") ?? sub,
      username: email ?? facts.principal,
      token_type: "Bearer",
      exp: Math.floor(facts.expiresAt / 1000),
      sub,
      iss: "https://sts.googleapis.com/",
    });
};

async function describeIdToken(world: OAuthWorld, token: string): Promise<Give> {
  const jws = parseCompactJws(token);
  const key = jws === undefined ? undefined : await world.googleKeys.findPublishedKey(jws.keyId);
  if (jws === undefined || key === undefined || !(await isSignedBy(jws, key.publicKey))) throw invalidValue();
  const { exp, iss } = jws.claims;
  if (iss !== GOOGLE_ISSUER || typeof exp !== "number" || exp <= world.now() / 1000) throw invalidValue();
  const claims = Object.entries(jws.claims).map(([name, value]) => {
    return [name, typeof value === "object" ? value : String(value)];
  });
  const document = { ...Object.fromEntries(claims), alg: "RS256", kid: jws.keyId, typ: "JWT" };
  return () => jsonAnswer(200, document);
}

/**
 * Tokeninfo: what an access or ID token says, its numbers and booleans as strings.
 *
 * @throws OAuthError invalid_token when it is not valid, invalid_request when there is none
 */
export const describeToken: Grant = (world, request) => {
  const { form } = request;
  const bearer = /^bearer +(\S+)$/i.exec(headerOf(request.request, "authorization") ?? "")?.[1];
  const accessToken = form.get("access_token") ?? bearer;
  const idToken = form.get("id_token");
  if (accessToken !== undefined) return describeAccessToken(world, accessToken, request);
  if (idToken !== undefined) return describeIdToken(world, idToken);
  throw new OAuthError("invalid_request", "either access_token, id_token, or token_handle required");
};

/**
 * Userinfo (OpenID Connect Core, 5.3).
 *
 * @param isOld whether to answer as versions 1 and 2, with `id` and `verified_email`
 * @returns the handler; throws OAuthError when the bearer is not valid
 */
export function describeUser(isOld: boolean): Grant {
  return async (world, { request, notes }) => {
    const caller = await authenticate(world, request.authorization, USERINFO, request.thumbprint).catch(
      (error: unknown) => {
        if (error instanceof ServiceError) return undefined;
        throw error;
      },
    );
    if (caller !== undefined) notes.principal = caller.principal;
    if (caller === undefined || !includesAny(caller.scopes, profileScopes)) {
      throw new OAuthError("invalid_request", "Invalid Credentials", 401);
    }
    const { sub, email } = subjectOf(world, caller.principal);
    const hasEmail = email !== undefined && includesAny(caller.scopes, emailScopes);
    const document = isOld
      ? { id: sub, ...(hasEmail ? { email, verified_email: true } : {}) }
      : { sub, ...(hasEmail ? { email, email_verified: true } : {}) };
    return () => jsonAnswer(200, document);
  };
}

/**
 * Revocation (RFC 7009), whoever's token it is: revoking a refresh token revokes its access tokens, and the other way
 * round, as with Google.
 *
 * @throws OAuthError when there is no token, or no valid one
 */
export const revokeToken: Grant = (world, { form, notes }) => {
  const token = form.demand("token");
  const facts = openLiveToken(world, token);
  const entry = world.logins.findRefreshToken(token);
  if (facts === undefined && entry === undefined) throw new OAuthError("invalid_token", "Token expired or revoked");
  const principal = facts?.principal ?? (entry === undefined ? undefined : `user:${entry.user}`);
  if (principal !== undefined) notes.principal = principal;
  return () => {
    world.logins.revoke(token);
    if (facts?.grantId !== undefined) world.logins.revokeGrant(facts.grantId);
    return jsonAnswer(200, {});
  };
};
