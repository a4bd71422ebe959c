// SPDX-License-Identifier: Apache-2.0
// The OAuth endpoints of Google's hosts by their paths, on the emulator's one port. Decides no grant.

import { GOOGLE_ISSUER } from "../../world/tokens/issue-token.js";
import type { EmulatorState } from "../../world/world.js";
import { type HttpAnswer, type HttpOperation, type HttpRequest, jsonAnswer, pageAnswer } from "../http/exchange.js";
import { type Form, readForm } from "./form.js";
import { grantByJwt, JWT_BEARER } from "./jwt-bearer.js";
import { OAuthError, oauthErrorAnswer } from "./oauth-error.js";
import { grantByRefreshToken } from "./refresh-token.js";
import { exchangeToken } from "./token-exchange.js";
import { describeToken, describeUser, revokeToken } from "./token-info.js";

type Answerer = (state: EmulatorState, request: HttpRequest, form: Form) => Promise<HttpAnswer> | HttpAnswer;

interface Route {
  readonly name: string;
  readonly paths: readonly string[];
  readonly methods: readonly string[];
  readonly answer: Answerer;
}

// The grant as the draft had it. Go's package impersonate still sends it, and Google takes it.
function isDraftJwtBearer(grantType: string, form: Form): boolean {
  return grantType === "assertion" && form.get("assertion_type") === "http://oauth.net/grant_type/jwt/1.0/bearer";
}

const grantToken: Answerer = (state, request, form) => {
  const grantType = form.demand("grant_type");
  if (grantType === JWT_BEARER || isDraftJwtBearer(grantType, form)) return grantByJwt(state, form);
  if (grantType === "refresh_token") return grantByRefreshToken(state, request, form);
  throw new OAuthError("unsupported_grant_type", `Invalid grant_type: ${grantType.slice(0, 80)}`);
};

// What https://accounts.google.com/.well-known/openid-configuration has, as far as it is true here.
function describeProvider({ url }: EmulatorState): Record<string, unknown> {
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

const both = ["GET", "POST"] as const;

const routes: readonly Route[] = [
  {
    name: "oauth2.token",
    paths: ["/token", "/oauth2/v4/token", "/oauth2/v3/token", "/o/oauth2/token"],
    methods: ["POST"],
    answer: grantToken,
  },
  {
    name: "sts.token",
    paths: ["/v1/token"],
    methods: ["POST"],
    answer: (state, _, form) => exchangeToken(state, form),
  },
  { name: "sts.oauthtoken", paths: ["/v1/oauthtoken"], methods: ["POST"], answer: grantToken },
  {
    name: "oauth2.tokeninfo",
    paths: ["/tokeninfo", "/oauth2/v3/tokeninfo", "/oauth2/v2/tokeninfo", "/oauth2/v1/tokeninfo"],
    methods: both,
    answer: describeToken,
  },
  {
    name: "oauth2.userinfo",
    paths: ["/v1/userinfo", "/oauth2/v3/userinfo"],
    methods: both,
    answer: (state, request) => describeUser(state, request, false),
  },
  {
    name: "oauth2.userinfo",
    paths: ["/oauth2/v2/userinfo", "/oauth2/v1/userinfo", "/userinfo/v2/me"],
    methods: both,
    answer: (state, request) => describeUser(state, request, true),
  },
  {
    name: "oauth2.revoke",
    paths: ["/revoke", "/o/oauth2/revoke"],
    methods: both,
    answer: (state, _, form) => revokeToken(state, form),
  },
  {
    name: "oauth2.discovery",
    paths: ["/.well-known/openid-configuration"],
    methods: ["GET", "HEAD"],
    answer: (state) => jsonAnswer(200, describeProvider(state), { "cache-control": "public, max-age=3600" }),
  },
];

const refuse: HttpOperation["refuse"] = (code, status, message) =>
  jsonAnswer(code, { error: status.toLowerCase(), error_description: message });

/** The OAuth operation at a path; undefined when there is none. */
export function findOAuthOperation(state: EmulatorState, path: string): HttpOperation | undefined {
  const route = routes.find(({ paths }) => paths.includes(path));
  if (route === undefined) return undefined;
  return {
    name: route.name,
    service: route.name.startsWith("sts.") ? "sts.googleapis.com" : "oauth2.googleapis.com",
    refuse,
    async run(request) {
      if (!route.methods.includes(request.method)) {
        const text = `The request method ${request.method} is inappropriate for the URL.`;
        return pageAnswer(405, "Method Not Allowed", text);
      }
      try {
        return await route.answer(state, request, readForm(request));
      } catch (error) {
        if (error instanceof OAuthError) return oauthErrorAnswer(error);
        throw error;
      }
    },
  };
}
