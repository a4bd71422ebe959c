// SPDX-License-Identifier: Apache-2.0
// Decides what a token of a foreign identity provider gets at the security token service (RFC 8693). The only attribute
// mapping is google.subject=assertion.sub; there are no attribute conditions.

import { createPublicKey, type KeyObject } from "node:crypto";
import { isSignedBy, parseSignedJwt } from "../../world/keys/signed-jwt.js";
import { type EmulatorIdentityProvider, ownIssuer, poolName, providerName } from "../../world/logins/login-options.js";
import { isScope } from "../../world/names/scopes.js";
import { issueAccessToken } from "../../world/tokens/issue-token.js";
import type { CallNotes } from "../road/operation.js";
import { readAccessBoundary } from "./access-boundary.js";
import { OAuthError, tokenAnswer } from "./oauth-error.js";
import type { Give, Grant, OAuthWorld } from "./oauth-grant.js";
import { openLiveToken } from "./token-info.js";

const GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const subjectTokenTypes = ["urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token"];
const CLOCK_SKEW_SECONDS = 60;

function invalid(message: string): OAuthError {
  return new OAuthError("invalid_request", message);
}

async function providerKeys(
  world: OAuthWorld,
  provider: EmulatorIdentityProvider,
  keyId: string | undefined,
): Promise<readonly KeyObject[]> {
  if (provider.jwks === undefined) {
    return (await world.logins.idpKeys.publishedKeys()).map(({ publicKey }) => publicKey);
  }
  const candidates = provider.jwks.keys.filter(({ kid }) => keyId === undefined || kid === undefined || kid === keyId);
  return candidates.flatMap((key) => {
    try {
      return [createPublicKey({ key: { ...key }, format: "jwk" })];
    } catch {
      return []; // of an unknown type
    }
  });
}

function requireClaims(
  world: OAuthWorld,
  provider: EmulatorIdentityProvider,
  claims: Readonly<Record<string, unknown>>,
): string {
  const { iss, aud, exp, iat, sub } = claims;
  const issuer = provider.issuer ?? ownIssuer(world.url());
  if (iss !== issuer) {
    throw new OAuthError(
      "invalid_grant",
      `The issuer in ID Token ${String(iss).slice(0, 200)} does not match the expected ones: ${issuer}`,
    );
  }
  const allowed = provider.allowedAudiences ?? [`https:${providerName(provider)}`, providerName(provider)];
  const given = Array.isArray(aud) ? aud : [aud];
  if (!given.some((each) => allowed.includes(each))) {
    throw new OAuthError("invalid_grant", "The audience in ID Token does not match the expected audience.");
  }
  const now = Math.floor(world.now() / 1000);
  if (typeof exp !== "number" || exp <= now - CLOCK_SKEW_SECONDS) {
    throw new OAuthError("invalid_grant", `ID Token issued at ${String(iat).slice(0, 20)} is stale to sign-in.`);
  }
  if (typeof iat !== "number" || iat > now + CLOCK_SKEW_SECONDS) {
    throw new OAuthError("invalid_grant", "ID Token is not yet valid.");
  }
  if (typeof sub !== "string" || !/^[\x21-\x7e]{1,127}$/.test(sub)) {
    throw new OAuthError("invalid_grant", "The mapped attribute google.subject must be 1 to 127 characters.");
  }
  return sub;
}

// A credential access boundary: the same token with fewer permissions.
function confineToken(world: OAuthWorld, token: string, options: string, notes: CallNotes): Give {
  const accessBoundary = readAccessBoundary(options);
  const facts = openLiveToken(world, token);
  if (facts === undefined) throw new OAuthError("invalid_grant", "The subject token is expired or malformed."); // memory
  if (facts.accessBoundary !== undefined) throw invalid("The subject token already has an access boundary."); // our own text
  notes.principal = facts.principal;
  return () =>
    tokenAnswer({
      access_token: world.tokens.seal({ ...facts, accessBoundary }),
      issued_token_type: ACCESS_TOKEN,
      token_type: "Bearer",
      expires_in: Math.floor((facts.expiresAt - world.now()) / 1000),
    });
}

/**
 * The token exchange of an external account, or of an access token for one with fewer permissions.
 *
 * @throws OAuthError naming the parameter that is wrong, or what is wrong with the subject token. The texts about tokens are
 * from memory
 */
export const exchangeToken: Grant = async (world, { form, notes }) => {
  const grantType = form.demand("grant_type");
  if (grantType !== GRANT)
    throw new OAuthError("unsupported_grant_type", `Unsupported grant type: ${grantType.slice(0, 80)}`);
  const requested = form.get("requested_token_type") ?? ACCESS_TOKEN;
  if (requested !== ACCESS_TOKEN) throw invalid(`Invalid requested token type: ${requested.slice(0, 80)}`);
  const options = form.get("options");
  if (options !== undefined && form.get("subject_token_type") === ACCESS_TOKEN) {
    return confineToken(world, form.demand("subject_token"), options, notes);
  }
  const provider = world.logins.findProvider(form.demand("audience"));
  if (provider === undefined)
    throw new OAuthError(
      "invalid_target",
      'The target service indicated by the "audience" parameters is invalid. This might either be because the pool or provider is disabled or deleted or because it doesn\'t exist.',
    );
  const scopes = form.demand("scope").split(" ");
  if (!scopes.every(isScope)) throw new OAuthError("invalid_scope", "Invalid scope.");
  const subjectToken = form.demand("subject_token");
  const type = form.demand("subject_token_type");
  if (!subjectTokenTypes.includes(type)) throw invalid(`Unsupported subject token type: ${type.slice(0, 80)}`);
  const jws = parseSignedJwt(subjectToken);
  if (jws === undefined) throw invalid("Unable to parse the ID Token.");
  const sub = requireClaims(world, provider, jws.claims);
  const keys = await providerKeys(world, provider, jws.keyId);
  const verdicts = await Promise.all(keys.map((key) => isSignedBy(jws, key).catch(() => false)));
  if (!verdicts.includes(true)) throw new OAuthError("invalid_grant", "Error verifying ID Token: invalid signature.");
  const principal = `principal://${poolName(provider)}/subject/${sub}`;
  notes.principal = principal;
  return () => {
    const { accessToken, expiresIn } = issueAccessToken(world, { principal, scopes });
    return tokenAnswer({
      access_token: accessToken,
      issued_token_type: ACCESS_TOKEN,
      token_type: "Bearer",
      expires_in: expiresIn,
    });
  };
};
