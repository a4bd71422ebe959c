// SPDX-License-Identifier: Apache-2.0
// Decides what a refresh token gets at the token endpoint (RFC 6749, 6).

import type { EmulatorRefreshToken } from "../../world/logins/login-options.js";
import { issueAccessToken, issueIdToken } from "../../world/tokens/issue-token.js";
import { headerOf, type IncomingRequest } from "../http/http-operation.js";
import { OAuthError, scopeInvalid, tokenAnswer } from "./oauth-error.js";
import type { Form } from "./oauth-form.js";
import type { Grant, OAuthWorld } from "./oauth-grant.js";

// RFC 6749, 2.3.1: either in the form or as HTTP Basic.
function readClient(request: IncomingRequest, form: Form): { id: string | undefined; secret: string | undefined } {
  const basic = /^basic +([A-Za-z0-9+/=]+)$/i.exec(headerOf(request, "authorization") ?? "")?.[1];
  if (basic === undefined) return { id: form.get("client_id"), secret: form.get("client_secret") };
  const text = Buffer.from(basic, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? { id: text, secret: undefined } : { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}

function requireEntry(world: OAuthWorld, request: IncomingRequest, form: Form): EmulatorRefreshToken {
  const { id, secret } = readClient(request, form);
  if (id === undefined) throw new OAuthError("invalid_request", "Could not determine client ID from request.");
  if (!world.logins.hasClient(id)) throw new OAuthError("invalid_client", "The OAuth client was not found.", 401);
  const refreshToken = form.demand("refresh_token");
  if (world.logins.isRevoked(refreshToken)) throw new OAuthError("invalid_grant", "Token has been expired or revoked.");
  const entry = world.logins.findRefreshToken(refreshToken);
  if (entry === undefined) throw new OAuthError("invalid_grant", "Bad Request");
  if (entry.clientId !== id) throw new OAuthError("unauthorized_client", "Unauthorized", 401);
  if (entry.clientSecret !== secret)
    throw new OAuthError("invalid_client", "The provided client secret is invalid.", 401);
  return entry;
}

/**
 * The refresh_token grant: an access token, with an ID token too when the user agreed to `openid`, or an ID token alone when
 * `target_audience` asks for one.
 *
 * @throws OAuthError when the client or token is unknown, or the user did not agree to a requested scope
 */
export const grantByRefreshToken: Grant = (world, { request, form, notes }) => {
  const entry = requireEntry(world, request, form);
  const principal = `user:${entry.user}`;
  notes.principal = principal;
  const azp = { azp: entry.clientId };
  const audience = form.get("target_audience");
  if (audience !== undefined) {
    return async () => tokenAnswer({ id_token: await issueIdToken(world, principal, audience, azp) });
  }
  const scopes = form.get("scope")?.split(" ") ?? entry.scopes;
  if (!scopes.every((scope) => entry.scopes.includes(scope))) throw scopeInvalid();
  return async () => {
    const grantId = world.logins.grantIdOf(entry.refreshToken);
    const { accessToken, expiresIn } = issueAccessToken(world, { principal, scopes, grantId });
    const idToken = scopes.includes("openid")
      ? { id_token: await issueIdToken(world, principal, entry.clientId, azp) }
      : {};
    const scope = scopes.join(" ");
    return tokenAnswer({ access_token: accessToken, expires_in: expiresIn, scope, token_type: "Bearer", ...idToken });
  };
};
