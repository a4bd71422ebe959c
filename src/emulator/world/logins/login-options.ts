// SPDX-License-Identifier: Apache-2.0
// Decides which users, delegations and identity providers an emulator can be given, and says by name what is wrong with one.

import { anyText, listOf, text } from "../../../base/options/checks.js";
import { type Check, declare, type GivenOf, optional, required } from "../../../base/options/declaration.js";
import { digits, EMAIL, SCOPES } from "../names/name-checks.js";

/** A service account that may get tokens for users: domain-wide delegation. */
export const DELEGATION = declare({
  unknown: "is not a field of a delegation",
  fields: {
    /** The e-mail of the account. Required. */
    serviceAccount: required(EMAIL),
    /** The scopes that it may request. Required. */
    scopes: required(SCOPES),
  },
});

/** A service account that may get tokens for users: domain-wide delegation. */
export interface EmulatorDelegation extends GivenOf<typeof DELEGATION.fields> {}

/** A JSON Web Key Set (RFC 7517). */
export interface KeySet {
  /** The keys. Required. */
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

const KEY_SET: Check<KeySet> = {
  read(given, path, refuse) {
    const keys: unknown = typeof given === "object" && given !== null ? Reflect.get(given, "keys") : undefined;
    if (!Array.isArray(keys)) throw refuse({ path: `${path}.keys`, text: "must be an array" });
    return structuredClone(given as KeySet); // as: just checked
  },
  schema: () => ({
    type: "object",
    required: ["keys"],
    properties: { keys: { type: "array", items: { type: "object" } } },
  }),
};
const ID = text({ pattern: /^[a-z0-9-]{4,32}$/, expected: "4 to 32 lowercase letters, digits and hyphens" });

/** An OpenID Connect provider of a workload identity pool. */
export const IDENTITY_PROVIDER = declare({
  unknown: "is not a field of an identity provider",
  fields: {
    /** The number of the pool's project. Required. */
    projectNumber: required(digits(20)),
    /** The pool's id. Required. */
    pool: required(ID),
    /** The provider's id. Required. */
    provider: required(ID),
    /** The `iss` of its tokens. Default: the emulator's own provider, which issues subject tokens to anyone on this machine. */
    issuer: optional(text({ pattern: /^https?:\/\/\S+$/, expected: "a URL" })),
    /** Its public keys, a JSON Web Key Set (RFC 7517). Default: the emulator's own. */
    jwks: optional(KEY_SET),
    /** The `aud` that its tokens may have. Default: the provider's name after `https:`, as with Google. */
    allowedAudiences: optional(listOf(anyText)),
  },
  schema: { dependentRequired: { issuer: ["jwks"], jwks: ["issuer"] } },
  rule: ({ issuer, jwks }) =>
    (issuer === undefined) === (jwks === undefined)
      ? undefined
      : { path: "", text: "must have both issuer and jwks, or neither" },
});

/** An OpenID Connect provider of a workload identity pool. */
export interface EmulatorIdentityProvider extends GivenOf<typeof IDENTITY_PROVIDER.fields> {}

const SECRET = text({
  pattern: /^[\x21-\x7e]+$/,
  maxLength: 512,
  expected: "printable text without spaces, of at most 512 characters",
  isSecret: true,
});

/** A user who has logged in. Valid at this emulator only. */
export const REFRESH_TOKEN = declare({
  unknown: "is not a field of a refresh token",
  fields: {
    /** The user's e-mail. Required. */
    user: required(EMAIL),
    /** The client that the user logged in with. Required. */
    clientId: required(SECRET),
    /** The client's secret. Required. */
    clientSecret: required(SECRET),
    /** The token. Required. */
    refreshToken: required(SECRET),
    /** The scopes that the user granted. Required. */
    scopes: required(SCOPES),
  },
});

/** A user who has logged in. */
export interface EmulatorRefreshToken extends GivenOf<typeof REFRESH_TOKEN.fields> {}

/** The provider that always exists. Its tokens are the emulator's own. */
export const builtInProvider: EmulatorIdentityProvider = {
  projectNumber: "123456789012",
  pool: "emulator-pool",
  provider: "emulator-provider",
};

/** The pool of a provider, as policy members begin with it: `iam.googleapis.com/projects/…/workloadIdentityPools/…`. */
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
 * @param url the emulator's URL, without a trailing slash
 */
export function ownIssuer(url: string): string {
  return `${url}/emulator/v1/identity-provider`;
}
