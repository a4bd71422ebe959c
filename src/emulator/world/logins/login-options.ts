// SPDX-License-Identifier: Apache-2.0
// Decides which users, delegations and identity providers an emulator can be given, and says by name what is wrong with one.

import { isEmail } from "../names/account-names.js";
import { isScope } from "../names/scopes.js";

/** A service account that may have users' tokens: domain-wide delegation. */
export interface EmulatorDelegation {
  /** The e-mail of the account. Required. */
  readonly serviceAccount: string;
  /** The scopes that it may ask for, each of them. Required. */
  readonly scopes: readonly string[];
}

/** An OpenID Connect provider of a workload identity pool. */
export interface EmulatorIdentityProvider {
  /** The number of the pool's project. Required. */
  readonly projectNumber: string;
  /** The pool's id. Required. */
  readonly pool: string;
  /** The provider's id. Required. */
  readonly provider: string;
  /** The `iss` of its tokens. Default: the emulator's own provider, which signs subject tokens for anybody on this machine. */
  readonly issuer?: string;
  /** Its public keys, a JSON Web Key Set (RFC 7517). Default: the emulator's own. */
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  /** The `aud` that its tokens may have. Default: the provider's name after `https:`, as with Google. */
  readonly allowedAudiences?: readonly string[];
}

/** A user who has logged in. */
export interface EmulatorRefreshToken {
  /** The user's e-mail. Required. */
  readonly user: string;
  /** The client that the user logged in with. Required. */
  readonly clientId: string;
  /** The client's secret. Required. */
  readonly clientSecret: string;
  /** The token. Required. */
  readonly refreshToken: string;
  /** What the user agreed to. Required. */
  readonly scopes: readonly string[];
}

/** The provider that is always there. Its tokens are the emulator's own. */
export const builtInProvider: EmulatorIdentityProvider = {
  projectNumber: "123456789012",
  pool: "emulator-pool",
  provider: "emulator-provider",
};

/** The pool of a provider, as members of policies begin with: `iam.googleapis.com/projects/…/workloadIdentityPools/…`. */
export function poolName({ projectNumber, pool }: EmulatorIdentityProvider): string {
  return `iam.googleapis.com/projects/${projectNumber}/locations/global/workloadIdentityPools/${pool}`;
}

/** The name of a provider, which is the audience of a token exchange: `//iam.googleapis.com/…/providers/…`. */
export function providerName(provider: EmulatorIdentityProvider): string {
  return `//${poolName(provider)}/providers/${provider.provider}`;
}

/**
 * The issuer of the emulator's own provider.
 *
 * @param url where the emulator is, without a slash at its end
 */
export function ownIssuer(url: string): string {
  return `${url}/emulator/v1/identity-provider`;
}

function fail(label: string, expected: string, given: unknown): never {
  throw new TypeError(`${label} must be ${expected}, not ${JSON.stringify(given)}`);
}

function requireText(value: unknown, pattern: RegExp, label: string, expected: string): void {
  if (typeof value !== "string" || !pattern.test(value)) fail(label, expected, value);
}

function requireScopes(scopes: unknown, label: string): void {
  if (!Array.isArray(scopes) || scopes.length === 0) fail(label, "an array of scopes, not empty", scopes);
  for (const [index, scope] of scopes.entries()) {
    if (typeof scope !== "string" || !isScope(scope)) fail(`${label}[${index}]`, "a scope", scope);
  }
}

/** Checks a delegation. @throws TypeError naming the field that is wrong */
export function requireDelegation(delegation: EmulatorDelegation, label: string): EmulatorDelegation {
  if (typeof delegation !== "object" || delegation === null) throw new TypeError(`${label} must be an object`);
  const { serviceAccount, scopes } = delegation;
  if (typeof serviceAccount !== "string" || !isEmail(serviceAccount)) {
    fail(`${label}.serviceAccount`, "an e-mail address", serviceAccount);
  }
  requireScopes(scopes, `${label}.scopes`);
  return { serviceAccount, scopes: [...scopes] };
}

/** Checks an identity provider. @throws TypeError naming the field that is wrong */
export function requireProvider(provider: EmulatorIdentityProvider, label: string): EmulatorIdentityProvider {
  if (typeof provider !== "object" || provider === null) throw new TypeError(`${label} must be an object`);
  const { projectNumber, pool, provider: id, issuer, jwks, allowedAudiences } = provider;
  requireText(projectNumber, /^[0-9]{1,20}$/, `${label}.projectNumber`, "digits");
  requireText(pool, /^[a-z0-9-]{4,32}$/, `${label}.pool`, "4 to 32 small letters, digits and hyphens");
  requireText(id, /^[a-z0-9-]{4,32}$/, `${label}.provider`, "4 to 32 small letters, digits and hyphens");
  if (issuer !== undefined) requireText(issuer, /^https?:\/\/\S+$/, `${label}.issuer`, "a URL");
  if ((issuer === undefined) !== (jwks === undefined))
    throw new TypeError(`${label} must have issuer and jwks, or neither`);
  if (jwks !== undefined && !Array.isArray(jwks?.keys)) throw new TypeError(`${label}.jwks.keys must be an array`);
  if (
    allowedAudiences !== undefined &&
    !(Array.isArray(allowedAudiences) && allowedAudiences.every((each) => typeof each === "string"))
  ) {
    throw new TypeError(`${label}.allowedAudiences must be an array of strings`);
  }
  return structuredClone(provider);
}

/** Checks a refresh token. The error never repeats it. @throws TypeError naming the field that is wrong */
export function requireRefreshToken(entry: EmulatorRefreshToken, label: string): EmulatorRefreshToken {
  if (typeof entry !== "object" || entry === null) throw new TypeError(`${label} must be an object`);
  const { user, scopes } = entry;
  if (typeof user !== "string" || !isEmail(user)) fail(`${label}.user`, "an e-mail address", user);
  for (const field of ["clientId", "clientSecret", "refreshToken"] as const) {
    const value = entry[field];
    if (typeof value !== "string" || !/^[\x21-\x7e]{1,512}$/.test(value)) {
      throw new TypeError(`${label}.${field} must be printable text without blanks, of at most 512 characters`);
    }
  }
  requireScopes(scopes, `${label}.scopes`);
  return structuredClone(entry);
}
