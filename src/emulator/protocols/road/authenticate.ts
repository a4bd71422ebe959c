// SPDX-License-Identifier: Apache-2.0
// Decides who calls, from the authorization header, and the certificate if the bearer is bound to one. Does not know what callers may do.

import { OWNER } from "../../world/policy/permissions.js";
import {
  accountStateInvalid,
  credentialsInvalid,
  credentialsMissing,
  type MethodIdentity,
  scopeInsufficient,
  tokenTypeUnsupported,
} from "../../world/refusals/service-error.js";
import { isInForce } from "../../world/tokens/token-force.js";
import type { TokenFacts } from "../../world/tokens/token-mint.js";
import type { World } from "../../world/world.js";
import { readSelfSignedJwt } from "./self-signed-jwt.js";

/** What authentication needs from the world. */
export type AuthenticationWorld = Pick<World, "accounts" | "logins" | "now" | "settings" | "tokens">;

/** Who calls, and with what scopes. */
export interface Caller {
  /** An IAM member, or `owner`. Required. */
  readonly principal: string;
  /** The scopes of the bearer; `"all"` for a bearer without scopes. Required. */
  readonly scopes: readonly string[] | "all";
  /** Whether it has at most Cloud Storage permissions, since its token has an access boundary. Default: false. */
  readonly isConfined?: boolean;
}

type TokenCaller = Caller & Pick<TokenFacts, "accessBoundary" | "accountId" | "boundTo">;

async function readBearer(
  world: AuthenticationWorld,
  token: string,
  identity: MethodIdentity,
): Promise<TokenCaller | undefined> {
  if (token === OWNER) return world.settings.owner ? { principal: OWNER, scopes: "all" } : undefined;
  const facts = world.tokens.open(token);
  if (world.logins.isRevoked(token, facts?.grantId)) return undefined;
  if (facts !== undefined) return facts.expiresAt > world.now() ? facts : undefined;
  return readSelfSignedJwt(world, token, identity);
}

/**
 * Determines the caller from the values of its authorization header.
 *
 * @param authorization every value of the header, in the order of arrival
 * @param identity the method that is called, for the error
 * @param thumbprint the digest of the certificate that the peer presented. Default: none
 * @throws ServiceError UNAUTHENTICATED without a bearer, with one that is malformed, expired, forged or unknown, with one that is
 * bound to another certificate, and with one of an account that is disabled or deleted
 */
export async function authenticate(
  world: AuthenticationWorld,
  authorization: readonly string[],
  identity: MethodIdentity,
  thumbprint?: string,
): Promise<Caller> {
  const [header, ...others] = authorization;
  if (header === undefined) throw credentialsMissing(identity);
  // The scheme is case-insensitive (RFC 9110, 11.1); the token's alphabet is that of RFC 6750, 2.1, in any order, as each part
  // of a JWT may be padded.
  const token = /^bearer +([\w.~+/=-]+) *$/i.exec(header)?.[1];
  const caller = token === undefined || others.length > 0 ? undefined : await readBearer(world, token, identity);
  if (caller === undefined) throw credentialsInvalid();
  if (caller.boundTo !== undefined && caller.boundTo !== thumbprint) throw tokenTypeUnsupported(identity);
  if (!isInForce(world, caller)) throw accountStateInvalid(caller.principal, identity);
  const { principal, scopes, accessBoundary } = caller;
  return { principal, scopes, isConfined: accessBoundary !== undefined };
}

/**
 * Checks that the caller's bearer was made for this API.
 *
 * @param wanted the scopes, any one of which suffices
 * @throws ServiceError PERMISSION_DENIED when it has none of them
 */
export function checkApiScope(caller: Caller, wanted: readonly string[], identity: MethodIdentity): void {
  const { scopes } = caller;
  if (scopes !== "all" && !wanted.some((scope) => scopes.includes(scope))) throw scopeInsufficient(identity);
}
