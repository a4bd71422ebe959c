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
import { parseJsonObject, signBytes, signCompactJws } from "../../world/keys/signed-jwt.js";
import { parseAccountName } from "../../world/names/account-names.js";
import { isScope } from "../../world/names/scopes.js";
import { memberOfAccount, requireChain } from "../../world/policy/permissions.js";
import {
  accountNotFound,
  invalidArgument,
  permissionDenied,
  preconditionFailed,
} from "../../world/refusals/service-error.js";
import type { EmulatorState, ServiceAccount } from "../../world/world.js";
import { readLifetimeSeconds, requireLifetimeWithin } from "./token-lifetime.js";

/** What every request of the service has. */
export interface AccountRequest {
  /** The account to act as. Required. */
  readonly name: string;
  /** The hops between caller and account. Required, may be empty. */
  readonly delegates: readonly string[];
}

/** What the log says of a request. */
export interface RequestTarget {
  /** The resource name of the account that is acted on; undefined when the request names none. */
  readonly name: string | undefined;
  /** The resource names of the hops between caller and account. */
  readonly delegates: readonly string[];
}

/** A method of a service: one row, the same for every face. */
export interface ServiceMethod<Request, Response> {
  /** The name in the proto. */
  readonly name: string;
  /** Tells the log on which account a request acts. */
  target(request: Request): RequestTarget;
  /**
   * Answers a request.
   *
   * @param principal who calls
   * @throws ServiceError when the request is malformed, the account unknown or the caller not permitted
   */
  run(state: EmulatorState, principal: string, request: Request): Promise<Response>;
}

const ID_TOKEN_SECONDS = 3600;
const MAX_JWT_AHEAD_SECONDS = 43_200;

function parseName(name: string): string {
  const identifier = parseAccountName(name);
  if (identifier === undefined) throw invalidArgument();
  return identifier;
}

function requireAccount(state: EmulatorState, identifier: string, permission: string): ServiceAccount {
  const account = state.findAccount(identifier);
  if (account !== undefined) return account;
  throw state.missingAccounts === "hidden" ? permissionDenied(permission) : accountNotFound(identifier);
}

const target = ({ name, delegates }: AccountRequest): RequestTarget => ({ name, delegates });

// The form of every name is checked before any is looked up, and all are looked up before permissions are.
function authorize(
  state: EmulatorState,
  principal: string,
  request: AccountRequest,
  permission: string,
): ServiceAccount {
  const identifier = parseName(request.name);
  const hops = request.delegates.map(parseName);
  const account = requireAccount(state, identifier, permission);
  const delegates = hops.map((hop) => requireAccount(state, hop, permission));
  requireChain(state, principal, delegates, account, permission);
  // What Google says of a disabled account was not found out.
  if ([account, ...delegates].some(({ disabled }) => disabled)) throw preconditionFailed();
  return account;
}

const generateAccessToken: ServiceMethod<GenerateAccessTokenRequest, GenerateAccessTokenResponse> = {
  name: "GenerateAccessToken",
  target,
  async run(state, principal, request) {
    if (request.scope.length === 0 || !request.scope.every(isScope)) throw invalidArgument();
    const lifetimeSeconds = readLifetimeSeconds(request.lifetime);
    const account = authorize(state, principal, request, "iam.serviceAccounts.getAccessToken");
    requireLifetimeWithin(lifetimeSeconds, state.hasExtendedLifetime(account));
    // Whole seconds, as seen from Google (google-api-go-client#1185).
    const expireSeconds = Math.floor(state.now() / 1000) + Math.ceil(lifetimeSeconds);
    const accessToken = state.tokens.seal({
      principal: memberOfAccount(account),
      scopes: request.scope,
      expiresAt: expireSeconds * 1000,
    });
    return { accessToken, expireTime: { seconds: String(expireSeconds), nanos: 0 } };
  },
};

/** A request for an ID token with what the REST API takes and the proto does not have. */
export interface IdTokenRequest extends GenerateIdTokenRequest {
  /** Whether the organization's number is claimed; null when there is none. Default: false. */
  readonly organizationNumberIncluded?: boolean;
  /** Whether `azp` is the account's e-mail in place of its unique id. Default: false. */
  readonly useEmailAzp?: boolean;
}

const generateIdToken: ServiceMethod<IdTokenRequest, GenerateIdTokenResponse> = {
  name: "GenerateIdToken",
  target,
  async run(state, principal, request) {
    if (request.audience === "") throw invalidArgument();
    const { email, uniqueId } = authorize(state, principal, request, "iam.serviceAccounts.getOpenIdToken");
    const key = await state.googleKeys.signingKey();
    const iat = Math.floor(state.now() / 1000);
    const claims = {
      aud: request.audience,
      azp: request.useEmailAzp ? email : uniqueId,
      ...(request.includeEmail ? { email, email_verified: true } : {}),
      exp: iat + ID_TOKEN_SECONDS,
      ...(request.organizationNumberIncluded
        ? { google: { organization_number: state.organizationNumber ?? null } }
        : {}),
      iat,
      iss: "https://accounts.google.com",
      sub: uniqueId,
    };
    return { token: await signCompactJws(JSON.stringify(claims), key) };
  },
};

// Whether Google refuses an empty payload was not found out; a signature of nothing is well defined, so it is given.
const signBlob: ServiceMethod<SignBlobRequest, SignBlobResponse> = {
  name: "SignBlob",
  target,
  async run(state, principal, request) {
    const account = authorize(state, principal, request, "iam.serviceAccounts.signBlob");
    const key = await account.keys.signingKey();
    return { keyId: key.keyId, signedBlob: await signBytes(request.payload, key) };
  },
};

/**
 * Checks the claims that a method is asked to sign.
 *
 * @throws ServiceError INVALID_ARGUMENT when they are no JSON object, or when their exp is no integer, past, or too far ahead
 */
export function requireSignableClaims(payload: string, nowSeconds: number): void {
  const claims = parseJsonObject(payload);
  if (claims === undefined) throw invalidArgument();
  if (!Object.hasOwn(claims, "exp")) return;
  const { exp } = claims;
  const isSignable = Number.isInteger(exp) && Number(exp) > nowSeconds;
  if (!isSignable || Number(exp) > nowSeconds + MAX_JWT_AHEAD_SECONDS) throw invalidArgument();
}

const signJwt: ServiceMethod<SignJwtRequest, SignJwtResponse> = {
  name: "SignJwt",
  target,
  async run(state, principal, request) {
    requireSignableClaims(request.payload, Math.floor(state.now() / 1000));
    const account = authorize(state, principal, request, "iam.serviceAccounts.signJwt");
    const key = await account.keys.signingKey();
    return { keyId: key.keyId, signedJwt: await signCompactJws(request.payload, key) };
  },
};

/** The methods of google.iam.credentials.v1.IAMCredentials. */
export const iamCredentialsMethods = { generateAccessToken, generateIdToken, signBlob, signJwt } as const;
