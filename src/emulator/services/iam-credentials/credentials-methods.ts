// SPDX-License-Identifier: Apache-2.0
// Decides what the four methods of IAMCredentials do to the state, in the order in which they check. Knows the messages,
// no wire, and takes the caller as given.

import type {
  GenerateAccessTokenRequest,
  GenerateAccessTokenResponse,
  GenerateIdTokenRequest,
  GenerateIdTokenResponse,
  SignBlobRequest,
  SignBlobResponse,
  SignJwtRequest,
  SignJwtResponse,
} from "../../../../generated/google/iam/credentials/v1/common.js";
import type { ServiceAccount } from "../../world/accounts/account-book.js";
import { memberOf } from "../../world/accounts/account-book.js";
import { signBytes, signCompactJws } from "../../world/keys/signed-jwt.js";
import { isAccountIdentifier, parseAccountName } from "../../world/names/account-names.js";
import { isScope } from "../../world/names/scopes.js";
import { checkChain } from "../../world/policy/permissions.js";
import {
  accountNotFound,
  invalidArgument,
  permissionDenied,
  preconditionFailed,
} from "../../world/refusals/service-error.js";
import type { RequestTarget, ServiceMethod, ServiceWorld } from "../method/service-method.js";
import { checkSignableClaims } from "../method/signable-claims.js";
import { checkLifetimeWithin, readLifetimeSeconds } from "./token-lifetime.js";

/** What every request of the service has. */
interface DelegatedRequest {
  /** The account to act as. Required. */
  readonly name: string;
  /** The hops between caller and account. Required, may be empty. */
  readonly delegates: readonly string[];
}

const ID_TOKEN_SECONDS = 3600;

function parseName(name: string): string {
  const parsed = parseAccountName(name);
  // The documentation says that a project id instead of the dash is invalid.
  if (parsed?.project !== "-") throw invalidArgument();
  return parsed.identifier;
}

// A delegate may be named by its e-mail or id alone: not documented, but gcloud sends no other form.
function nameOfHop(delegate: string): string {
  return isAccountIdentifier(delegate) ? `projects/-/serviceAccounts/${delegate}` : delegate;
}

function requireAccount(world: ServiceWorld, identifier: string, permission: string): ServiceAccount {
  const account = world.accounts.find(identifier);
  if (account !== undefined) return account;
  throw world.settings.missingAccounts === "permissionDenied"
    ? permissionDenied(permission)
    : accountNotFound(identifier);
}

const target = ({ name, delegates }: DelegatedRequest): RequestTarget => {
  return { name, delegates: delegates.map(nameOfHop) };
};

// The form of every name is checked before any is looked up, and all are looked up before permissions are.
function authorize(
  world: ServiceWorld,
  principal: string,
  request: DelegatedRequest,
  permission: string,
): ServiceAccount {
  const identifier = parseName(request.name);
  const hops = request.delegates.map((delegate) => parseName(nameOfHop(delegate)));
  const account = requireAccount(world, identifier, permission);
  const delegates = hops.map((hop) => requireAccount(world, hop, permission));
  checkChain(world, { principal, delegates, target: account, permission });
  // What Google says about a disabled account is unknown.
  if ([account, ...delegates].some(({ disabled }) => disabled)) throw preconditionFailed();
  return account;
}

const generateAccessToken: ServiceMethod<GenerateAccessTokenRequest, GenerateAccessTokenResponse> = {
  name: "GenerateAccessToken",
  target,
  async run(world, principal, request) {
    if (request.scope.length === 0 || !request.scope.every(isScope)) throw invalidArgument();
    const lifetimeSeconds = readLifetimeSeconds(request.lifetime);
    const account = authorize(world, principal, request, "iam.serviceAccounts.getAccessToken");
    checkLifetimeWithin(lifetimeSeconds, world.settings.extendedLifetimeAccounts.has(account.email));
    // Whole seconds, as Google sends (google-api-go-client#1185).
    const expireSeconds = Math.floor(world.now() / 1000) + Math.ceil(lifetimeSeconds);
    const accessToken = world.tokens.seal({
      principal: memberOf(account),
      scopes: request.scope,
      expiresAt: expireSeconds * 1000,
    });
    return { accessToken, expireTime: { seconds: String(expireSeconds), nanos: 0 } };
  },
};

/** A request for an ID token, with the fields that only the REST API has. */
interface IdTokenRequest extends GenerateIdTokenRequest {
  /** Whether the organization's number is claimed; null when there is none. Default: false. */
  readonly organizationNumberIncluded?: boolean;
  /** Whether `azp` is the account's e-mail instead of its unique id. Default: false. */
  readonly useEmailAzp?: boolean;
}

const generateIdToken: ServiceMethod<IdTokenRequest, GenerateIdTokenResponse> = {
  name: "GenerateIdToken",
  target,
  async run(world, principal, request) {
    if (request.audience === "") throw invalidArgument();
    const { email, uniqueId } = authorize(world, principal, request, "iam.serviceAccounts.getOpenIdToken");
    const key = await world.googleKeys.signingKey();
    const iat = Math.floor(world.now() / 1000);
    const claims = {
      aud: request.audience,
      azp: request.useEmailAzp ? email : uniqueId,
      ...(request.includeEmail ? { email, email_verified: true } : {}),
      exp: iat + ID_TOKEN_SECONDS,
      ...(request.organizationNumberIncluded
        ? { google: { organization_number: world.settings.organizationNumber ?? null } }
        : {}),
      iat,
      iss: "https://accounts.google.com",
      sub: uniqueId,
    };
    return { token: await signCompactJws(JSON.stringify(claims), key) };
  },
};

// Whether Google refuses an empty payload is unknown; a signature of nothing is well defined, so it is made.
const signBlob: ServiceMethod<SignBlobRequest, SignBlobResponse> = {
  name: "SignBlob",
  target,
  async run(world, principal, request) {
    const account = authorize(world, principal, request, "iam.serviceAccounts.signBlob");
    const key = await account.keys.signingKey();
    return { keyId: key.keyId, signedBlob: await signBytes(request.payload, key) };
  },
};

const signJwt: ServiceMethod<SignJwtRequest, SignJwtResponse> = {
  name: "SignJwt",
  target,
  async run(world, principal, request) {
    checkSignableClaims(request.payload, Math.floor(world.now() / 1000));
    const account = authorize(world, principal, request, "iam.serviceAccounts.signJwt");
    const key = await account.keys.signingKey();
    return { keyId: key.keyId, signedJwt: await signCompactJws(request.payload, key) };
  },
};

/** The methods of google.iam.credentials.v1.IAMCredentials. */
export const iamCredentialsMethods = { generateAccessToken, generateIdToken, signBlob, signJwt } as const;
