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
} from "../../generated/google/iam/credentials/v1/common.js";
import { parseJsonObject, signBytes, signCompactJws } from "./jws.js";
import { readLifetimeSeconds, requireLifetimeWithin } from "./lifetime.js";
import { memberOfAccount, requireChain } from "./permissions.js";
import { parseAccountName } from "./resource-name.js";
import { isScope } from "./scopes.js";
import { accountNotFound, invalidArgument } from "./service-error.js";
import type { EmulatorState, ServiceAccount } from "./state.js";

/** What every request of the service has. */
export interface AccountRequest {
  /** The account to act as. Required. */
  readonly name: string;
  /** The hops between caller and account. Required, may be empty. */
  readonly delegates: readonly string[];
}

/** A method of the service: one row, the same for every face. */
export interface ServiceMethod<Request extends AccountRequest, Response> {
  /** The name in the proto. */
  readonly name: string;
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

function requireAccount(state: EmulatorState, identifier: string): ServiceAccount {
  const account = state.findAccount(identifier);
  if (account === undefined) throw accountNotFound(identifier);
  return account;
}

// The form of every name is checked before any is looked up, and all are looked up before permissions are.
function authorize(
  state: EmulatorState,
  principal: string,
  request: AccountRequest,
  permission: string,
): ServiceAccount {
  const identifier = parseName(request.name);
  const hops = request.delegates.map(parseName);
  const target = requireAccount(state, identifier);
  const delegates = hops.map((hop) => requireAccount(state, hop));
  requireChain(state, principal, delegates, target, permission);
  return target;
}

const generateAccessToken: ServiceMethod<GenerateAccessTokenRequest, GenerateAccessTokenResponse> = {
  name: "GenerateAccessToken",
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

const generateIdToken: ServiceMethod<GenerateIdTokenRequest, GenerateIdTokenResponse> = {
  name: "GenerateIdToken",
  async run(state, principal, request) {
    if (request.audience === "") throw invalidArgument();
    const { email, uniqueId } = authorize(state, principal, request, "iam.serviceAccounts.getOpenIdToken");
    const key = await state.googleKeys.signingKey();
    const iat = Math.floor(state.now() / 1000);
    const claims = {
      aud: request.audience,
      azp: uniqueId,
      ...(request.includeEmail ? { email, email_verified: true } : {}),
      exp: iat + ID_TOKEN_SECONDS,
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
  async run(state, principal, request) {
    const account = authorize(state, principal, request, "iam.serviceAccounts.signBlob");
    const key = await account.keys.signingKey();
    return { keyId: key.keyId, signedBlob: await signBytes(request.payload, key) };
  },
};

function requireSignableClaims(payload: string, nowSeconds: number): void {
  const claims = parseJsonObject(payload);
  if (claims === undefined) throw invalidArgument();
  if (!Object.hasOwn(claims, "exp")) return;
  const { exp } = claims;
  const isSignable = Number.isInteger(exp) && Number(exp) > nowSeconds;
  if (!isSignable || Number(exp) > nowSeconds + MAX_JWT_AHEAD_SECONDS) throw invalidArgument();
}

const signJwt: ServiceMethod<SignJwtRequest, SignJwtResponse> = {
  name: "SignJwt",
  async run(state, principal, request) {
    requireSignableClaims(request.payload, Math.floor(state.now() / 1000));
    const account = authorize(state, principal, request, "iam.serviceAccounts.signJwt");
    const key = await account.keys.signingKey();
    return { keyId: key.keyId, signedJwt: await signCompactJws(request.payload, key) };
  },
};

/** The methods of google.iam.credentials.v1.IAMCredentials. */
export const iamCredentialsMethods = { generateAccessToken, generateIdToken, signBlob, signJwt } as const;
