// SPDX-License-Identifier: Apache-2.0
// Decides what is told of a token to whoever has it: tokeninfo, userinfo and revocation.

import { isSignedBy, parseCompactJws } from "../../world/keys/signed-jwt.js";
import { ServiceError } from "../../world/refusals/service-error.js";
import { GOOGLE_ISSUER } from "../../world/tokens/issue-token.js";
import { subjectOf } from "../../world/tokens/subject.js";
import type { TokenFacts } from "../../world/tokens/token-mint.js";
import type { EmulatorState } from "../../world/world.js";
import { type HttpAnswer, type HttpRequest, headerOf, jsonAnswer } from "../http/exchange.js";
import { authenticate, isInForce } from "../road/authenticate.js";
import type { Form } from "./form.js";
import { OAuthError } from "./oauth-error.js";

const emailScopes = ["email", "https://www.googleapis.com/auth/userinfo.email"];
const profileScopes = ["openid", "profile", "https://www.googleapis.com/auth/userinfo.profile", ...emailScopes];
const USERINFO = { method: "openidconnect.userinfo", service: "openidconnect.googleapis.com" } as const;

const includesAny = (scopes: readonly string[] | "all", wanted: readonly string[]) =>
  scopes === "all" || wanted.some((scope) => scopes.includes(scope));

function invalidValue(): OAuthError {
  return new OAuthError("invalid_token", "Invalid Value");
}

/** The facts of an access token that still counts; undefined for any other text. */
export function openLiveToken(state: EmulatorState, token: string): TokenFacts | undefined {
  const facts = state.tokens.open(token);
  if (facts === undefined || facts.expiresAt <= state.now() || !isInForce(state, facts)) return undefined;
  return state.oauth.isRevoked(token, facts.grantId) ? undefined : facts;
}

function describeAccessToken(state: EmulatorState, token: string): HttpAnswer {
  const facts = openLiveToken(state, token);
  if (facts === undefined) throw invalidValue();
  const { sub, email } = subjectOf(state, facts.principal);
  const document = {
    azp: sub,
    aud: sub,
    ...(includesAny(facts.scopes, profileScopes) ? { sub } : {}),
    scope: facts.scopes.join(" "),
    exp: String(Math.floor(facts.expiresAt / 1000)),
    expires_in: String(Math.floor((facts.expiresAt - state.now()) / 1000)),
    ...(email !== undefined && includesAny(facts.scopes, emailScopes) ? { email, email_verified: "true" } : {}),
    access_type: "online",
  };
  return { ...jsonAnswer(200, document), principal: facts.principal };
}

async function describeIdToken(state: EmulatorState, token: string): Promise<HttpAnswer> {
  const jws = parseCompactJws(token);
  const key = jws === undefined ? undefined : await state.googleKeys.findPublishedKey(jws.keyId);
  if (jws === undefined || key === undefined || !(await isSignedBy(jws, key.publicKey))) throw invalidValue();
  const { exp, iss } = jws.claims;
  if (iss !== GOOGLE_ISSUER || typeof exp !== "number" || exp <= state.now() / 1000) throw invalidValue();
  const claims = Object.entries(jws.claims).map(([name, value]) => {
    return [name, typeof value === "object" ? value : String(value)];
  });
  return jsonAnswer(200, { ...Object.fromEntries(claims), alg: "RS256", kid: jws.keyId, typ: "JWT" });
}

/**
 * Answers tokeninfo: what an access or ID token says, its numbers and booleans as strings.
 *
 * @throws OAuthError invalid_token when it does not count, invalid_request when there is none
 */
export function describeToken(
  state: EmulatorState,
  request: HttpRequest,
  form: Form,
): Promise<HttpAnswer> | HttpAnswer {
  const bearer = /^bearer +(\S+)$/i.exec(headerOf(request, "authorization") ?? "")?.[1];
  const accessToken = form.get("access_token") ?? bearer;
  const idToken = form.get("id_token");
  if (accessToken !== undefined) return describeAccessToken(state, accessToken);
  if (idToken !== undefined) return describeIdToken(state, idToken);
  throw new OAuthError("invalid_request", "either access_token, id_token, or token_handle required");
}

/**
 * Answers userinfo (OpenID Connect Core, 5.3).
 *
 * @param isOld whether the answer is that of version 1 and 2, with `id` and `verified_email`
 * @throws OAuthError when the bearer does not count
 */
export async function describeUser(state: EmulatorState, request: HttpRequest, isOld: boolean): Promise<HttpAnswer> {
  const authorization = headerOf(request, "authorization");
  try {
    const caller = await authenticate(state, authorization === undefined ? [] : [authorization], USERINFO);
    if (!includesAny(caller.scopes, profileScopes)) throw new ServiceError("UNAUTHENTICATED", "");
    const { sub, email } = subjectOf(state, caller.principal);
    const hasEmail = email !== undefined && includesAny(caller.scopes, emailScopes);
    const told = isOld
      ? { id: sub, ...(hasEmail ? { email, verified_email: true } : {}) }
      : { sub, ...(hasEmail ? { email, email_verified: true } : {}) };
    return { ...jsonAnswer(200, told), principal: caller.principal };
  } catch (error) {
    if (error instanceof ServiceError) throw new OAuthError("invalid_request", "Invalid Credentials", 401);
    throw error;
  }
}

/**
 * Answers a revocation (RFC 7009). Whose token it was, no longer matters: a refresh token takes its access tokens along, and the
 * other way round, as with Google.
 *
 * @throws OAuthError when there is no token, or none that counts
 */
export function revokeToken(state: EmulatorState, form: Form): HttpAnswer {
  const token = form.demand("token");
  const facts = openLiveToken(state, token);
  const entry = state.oauth.findRefreshToken(token);
  if (facts === undefined && entry === undefined) throw new OAuthError("invalid_token", "Token expired or revoked");
  state.oauth.revoke(token);
  if (facts?.grantId !== undefined) state.oauth.revokeGrant(facts.grantId);
  const principal = facts?.principal ?? (entry === undefined ? undefined : `user:${entry.user}`);
  return { ...jsonAnswer(200, {}), principal };
}
