// SPDX-License-Identifier: Apache-2.0
// The emulator's identity provider, under /emulator/v1/identity-provider/: its discovery document, its keys and its subject
// tokens. Google has no such endpoints.

import { formatPublishedKeys } from "../../world/keys/key-pair.js";
import { signCompactJws } from "../../world/keys/signed-jwt.js";
import { ownIssuer, providerName } from "../../world/logins/login-options.js";
import { ServiceError } from "../../world/refusals/service-error.js";
import type { World } from "../../world/world.js";
import { type IncomingRequest, jsonAnswer, type OutgoingAnswer } from "../http/http-operation.js";
import type { OperationRow } from "../http/operation-table.js";
import { controlOperation } from "./control-operation.js";

type ProviderWorld = Pick<World, "logins" | "now" | "url">;

const SUBJECT_TOKEN_SECONDS = 3600;

function describeIssuer({ url }: ProviderWorld): OutgoingAnswer {
  const issuer = ownIssuer(url());
  return jsonAnswer(200, {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  });
}

async function publishKeys({ logins }: ProviderWorld): Promise<OutgoingAnswer> {
  return jsonAnswer(200, formatPublishedKeys("jwk", await logins.idpKeys.publishedKeys()));
}

// Where a URL-sourced external account gets its subject token.
async function signSubjectToken(world: ProviderWorld, { query }: IncomingRequest): Promise<OutgoingAnswer> {
  const audience = query.get("audience") ?? "";
  const subject = query.get("subject") ?? "";
  const provider = world.logins.findProvider(audience.replace(/^https:/, ""));
  if (provider === undefined || provider.jwks !== undefined) {
    const message = "audience must be the name of a provider whose tokens the emulator issues.";
    throw new ServiceError("INVALID_ARGUMENT", message);
  }
  if (!/^[\x21-\x7e]{1,127}$/.test(subject)) {
    throw new ServiceError("INVALID_ARGUMENT", "subject must be 1 to 127 characters.");
  }
  const iat = Math.floor(world.now() / 1000);
  const aud = provider.allowedAudiences?.[0] ?? `https:${providerName(provider)}`;
  const claims = { iss: ownIssuer(world.url()), sub: subject, aud, iat, exp: iat + SUBJECT_TOKEN_SECONDS };
  const token = await signCompactJws(JSON.stringify(claims), await world.logins.idpKeys.signingKey());
  return jsonAnswer(200, { token }, { "cache-control": "no-store" });
}

/** The endpoints of the identity provider: clients use them, without a key. */
export function identityProviderRows(world: ProviderWorld): OperationRow[] {
  const row = (
    path: string,
    name: string,
    run: (request: IncomingRequest) => Promise<OutgoingAnswer>,
  ): OperationRow => ["GET", `/emulator/v1/identity-provider/${path}`, controlOperation({ name, run })];
  return [
    row(".well-known/openid-configuration", "describeIssuer", async () => describeIssuer(world)),
    row("jwks", "publishKeys", () => publishKeys(world)),
    row("token", "signSubjectToken", (request) => signSubjectToken(world, request)),
  ];
}
