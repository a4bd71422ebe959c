// SPDX-License-Identifier: Apache-2.0
// The rows of the service: what the protos cannot say about each RPC. The only file here that knows the generated rows.

import {
  IAMCredentialsNames,
  IAMCredentialsRows as rows,
} from "../../generated/google/iam/credentials/v1/iamcredentials.tables.js";
import { EMULATOR_VARIABLE } from "../base/environment.js";
import { Timestamp } from "../base/timestamp.js";
import type { ServiceDescription } from "../rpc/method/method.js";
import { rowFromStub } from "../rpc/method/row-from-stub.js";
import { DEFAULT_RETRY } from "../rpc/retry/policy.js";
import {
  type GenerateAccessTokenRequest,
  type GenerateIdTokenRequest,
  normalizeAccount,
  normalizeAudience,
  normalizeBytes,
  normalizeClaims,
  normalizeFlag,
  normalizeLifetime,
  normalizeScope,
  type SignBlobRequest,
  type SignJwtRequest,
} from "./requests.js";

/** An access token and when it ends. Source: google.iam.credentials.v1.GenerateAccessTokenResponse. */
export interface GenerateAccessTokenResponse {
  /** The bearer token. A secret. */
  readonly accessToken: string;
  /** When it expires, to the nanosecond; `toDate()` for a Date. */
  readonly expireTime: Timestamp;
}

/** An ID token. Source: google.iam.credentials.v1.GenerateIdTokenResponse. */
export interface GenerateIdTokenResponse {
  /** The token in JWS compact form. A secret. */
  readonly token: string;
}

/** A signature. Source: google.iam.credentials.v1.SignBlobResponse. */
export interface SignBlobResponse {
  /** Which of the account's keys signed. */
  readonly keyId: string;
  /** RSASSA-PKCS1-v1_5 with SHA-256 over the payload. */
  readonly signedBlob: Buffer;
}

/** A signed JSON Web Token. Source: google.iam.credentials.v1.SignJwtResponse. */
export interface SignJwtResponse {
  /** Which of the account's keys signed. */
  readonly keyId: string;
  /** The token in JWS compact form, RS256. A secret. */
  readonly signedJwt: string;
}

/** The service, for the runtime. */
export const IAM_CREDENTIALS: ServiceDescription = {
  ...IAMCredentialsNames,
  emulatorVariable: EMULATOR_VARIABLE,
  logName: "iam-credentials",
};

const retry = DEFAULT_RETRY; // Source: the service's published gRPC service config, which has one policy for all methods

/** RPC GenerateAccessToken. */
export const generateAccessToken = rowFromStub(rows.generateAccessToken, {
  retry,
  required: ["accessToken"],
  normalize(request: GenerateAccessTokenRequest) {
    const { name, delegates } = normalizeAccount(request, ["name", "delegates", "scope", "lifetime"]);
    return { name, delegates, scope: normalizeScope(request.scope), lifetime: normalizeLifetime(request.lifetime) };
  },
  respond: ({ accessToken, expireTime }): GenerateAccessTokenResponse => ({
    accessToken,
    expireTime: new Timestamp(Number(expireTime?.seconds ?? 0), expireTime?.nanos ?? 0),
  }),
});

/** RPC GenerateIdToken. */
export const generateIdToken = rowFromStub(rows.generateIdToken, {
  retry,
  required: ["token"],
  normalize(request: GenerateIdTokenRequest) {
    const { name, delegates } = normalizeAccount(request, ["name", "delegates", "audience", "includeEmail"]);
    const includeEmail = normalizeFlag(request.includeEmail, "includeEmail");
    return { name, delegates, audience: normalizeAudience(request.audience), includeEmail };
  },
  respond: (reply): GenerateIdTokenResponse => reply,
});

/** RPC SignBlob. */
export const signBlob = rowFromStub(rows.signBlob, {
  retry,
  required: ["signedBlob"],
  normalize(request: SignBlobRequest) {
    const { name, delegates } = normalizeAccount(request, ["name", "delegates", "payload"]);
    return { name, delegates, payload: normalizeBytes(request.payload, "payload") };
  },
  respond: (reply): SignBlobResponse => reply,
});

/** RPC SignJwt. */
export const signJwt = rowFromStub(rows.signJwt, {
  retry,
  required: ["signedJwt"],
  normalize(request: SignJwtRequest) {
    const { name, delegates } = normalizeAccount(request, ["name", "delegates", "payload"]);
    return { name, delegates, payload: normalizeClaims(request.payload) };
  },
  respond: (reply): SignJwtResponse => reply,
});
