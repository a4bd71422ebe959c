// SPDX-License-Identifier: Apache-2.0
// The OAuth endpoints of Google's hosts by their paths, on the emulator's one port. Decides no grant.

import { GOOGLE_ISSUER } from "../../world/tokens/issue-token.js";
import { httpOperation, jsonAnswer } from "../http/http-operation.js";
import type { OperationRow } from "../http/operation-table.js";
import { grantByJwt, JWT_BEARER, tokenPaths } from "./jwt-bearer.js";
import { OAuthError, oauthErrorAnswer } from "./oauth-error.js";
import { type Form, readForm } from "./oauth-form.js";
import type { Give, Grant, OAuthWorld } from "./oauth-grant.js";
import { grantByRefreshToken } from "./refresh-token.js";
import { exchangeToken } from "./token-exchange.js";
import { describeToken, describeUser, introspectToken, revokeToken } from "./token-info.js";

// The grant type of the draft of RFC 7523. Go's package impersonate still sends it, and Google takes it.
function isDraftJwtBearer(grantType: string, form: Form): boolean {
  return grantType === "assertion" && form.get("assertion_type") === "http://oauth.net/grant_type/jwt/1.0/bearer";
}

const grantToken: Grant = (world, request) => {
  const { form } = request;
  const grantType = form.demand("grant_type");
  if (grantType === JWT_BEARER || isDraftJwtBearer(grantType, form)) return grantByJwt(world, request);
  if (grantType === "refresh_token") return grantByRefreshToken(world, request);
  throw new OAuthError("unsupported_grant_type", `Invalid grant_type: ${grantType.slice(0, 80)}`);
};

// The parts of https://accounts.google.com/.well-known/openid-configuration that are true here.
function describeProvider(url: string): Record<string, unknown> {
  return {
    issuer: GOOGLE_ISSUER,
    token_endpoint: `${url}/token`,
    userinfo_endpoint: `${url}/v1/userinfo`,
    revocation_endpoint: `${url}/revoke`,
    jwks_uri: `${url}/oauth2/v3/certs`,
    response_types_supported: ["token", "id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid", "email", "profile"],
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
    claims_supported: ["aud", "email", "email_verified", "exp", "iat", "iss", "sub"],
    grant_types_supported: ["refresh_token", JWT_BEARER],
  };
}

const describeDiscovery: Grant = (world) => () =>
  jsonAnswer(200, describeProvider(world.url()), { "cache-control": "public, max-age=3600" });

/** The OAuth endpoints. */
export function oauthRows(world: OAuthWorld): OperationRow[] {
  const operation = (name: string, grant: Grant) =>
    httpOperation<Give>({
      name,
      service: name.startsWith("sts.") ? "sts.googleapis.com" : "oauth2.googleapis.com",
      identify: async (request, notes) => grant(world, { request, form: readForm(request), notes }),
      run: async (_request, give) => give(),
      refuse: oauthErrorAnswer,
    });
  const rows = (methods: string, name: string, paths: readonly string[], grant: Grant): OperationRow[] => {
    const shared = operation(name, grant);
    return paths.map((path) => [methods, path, shared]);
  };
  const tokenInfoPaths = ["/tokeninfo", "/oauth2/v3/tokeninfo", "/oauth2/v2/tokeninfo", "/oauth2/v1/tokeninfo"];
  const oldUserInfoPaths = ["/oauth2/v2/userinfo", "/oauth2/v1/userinfo", "/userinfo/v2/me"];
  return [
    ...rows("POST", "oauth2.token", tokenPaths, grantToken),
    ...rows("POST", "sts.token", ["/v1/token"], exchangeToken),
    ...rows("POST", "sts.oauthtoken", ["/v1/oauthtoken"], grantToken),
    ...rows("POST", "sts.introspect", ["/v1/introspect"], introspectToken),
    ...rows("GET|POST", "oauth2.tokeninfo", tokenInfoPaths, describeToken),
    ...rows("GET|POST", "oauth2.userinfo", ["/v1/userinfo", "/oauth2/v3/userinfo"], describeUser(false)),
    ...rows("GET|POST", "oauth2.userinfo", oldUserInfoPaths, describeUser(true)),
    ...rows("GET|POST", "oauth2.revoke", ["/revoke", "/o/oauth2/revoke"], revokeToken),
    ...rows("GET|HEAD", "oauth2.discovery", ["/.well-known/openid-configuration"], describeDiscovery),
  ];
}
