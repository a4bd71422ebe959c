// SPDX-License-Identifier: Apache-2.0
// The method table of the service: one row per RPC. The only file here that knows the generated stubs.

import type * as wire from "../../generated/google/iam/credentials/v1/common.js";
import { IAMCredentialsService as stubs } from "../../generated/google/iam/credentials/v1/iamcredentials.js";
import { Timestamp } from "../base/timestamp.js";
import { type MessageFields, repeated } from "../messages/message-fields.js";
import type { MethodRow, ServiceDescription } from "../rpc/method.js";
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
  name: "IAMCredentials",
  hostPrefix: "iamcredentials",
  scopes: ["https://www.googleapis.com/auth/cloud-platform"],
  emulatorVariable: "IAM_CREDENTIALS_EMULATOR_HOST",
  logName: "iam-credentials",
};

/** What differs between the rows. */
interface RowParts<Request, Message, Reply, Response> {
  readonly rpc: string;
  readonly stub: {
    readonly path: string;
    requestSerialize(message: Message): Buffer;
    responseDeserialize(bytes: Buffer): Reply;
  };
  normalize(request: Request): Message;
  respond(reply: Reply): Response;
  /** Fields of the request, for REST. */
  readonly requestFields: MessageFields<Message>;
  /** Fields of the reply, for REST. */
  readonly replyFields: MessageFields<Reply>;
}

function row<Request, Message extends { name: string }, Reply, Response>(
  parts: RowParts<Request, Message, Reply, Response>,
): MethodRow<Request, Message, Reply, Response> {
  const action = parts.rpc.charAt(0).toLowerCase() + parts.rpc.slice(1);
  const template = `/v1/{name=projects/*/serviceAccounts/*}:${action}`;
  return {
    label: `${IAM_CREDENTIALS.name}.${parts.rpc}`,
    path: parts.stub.path,
    encode: parts.stub.requestSerialize,
    decode: parts.stub.responseDeserialize,
    http: {
      bindings: [{ verb: "post", template, body: "*" }],
      request: parts.requestFields,
      reply: parts.replyFields,
    },
    normalize: parts.normalize,
    respond: parts.respond,
    routing: (message) => [["name", message.name]],
    timeoutMs: 60_000,
    retry: DEFAULT_RETRY,
  };
}

const ACCESS_TOKEN_FIELDS = ["scope", "lifetime"];
const ID_TOKEN_FIELDS = ["audience", "includeEmail"];
const PAYLOAD_FIELDS = ["payload"];

/** What all requests have. */
const ACCOUNT_FIELDS = { name: "string", delegates: repeated("string") } as const;

/** RPC GenerateAccessToken. */
export const generateAccessToken = row({
  rpc: "GenerateAccessToken",
  stub: stubs.generateAccessToken,
  normalize(request: GenerateAccessTokenRequest): wire.GenerateAccessTokenRequest {
    const { name, delegates } = normalizeAccount(request, ACCESS_TOKEN_FIELDS);
    return { name, delegates, scope: normalizeScope(request.scope), lifetime: normalizeLifetime(request.lifetime) };
  },
  requestFields: { ...ACCOUNT_FIELDS, scope: repeated("string"), lifetime: "duration" },
  replyFields: { accessToken: "string", expireTime: "timestamp" },
  respond: ({ accessToken, expireTime }): GenerateAccessTokenResponse => ({
    accessToken,
    expireTime: new Timestamp(Number(expireTime?.seconds ?? 0), expireTime?.nanos ?? 0),
  }),
});

/** RPC GenerateIdToken. */
export const generateIdToken = row({
  rpc: "GenerateIdToken",
  stub: stubs.generateIdToken,
  normalize(request: GenerateIdTokenRequest): wire.GenerateIdTokenRequest {
    const { name, delegates } = normalizeAccount(request, ID_TOKEN_FIELDS);
    const includeEmail = normalizeFlag(request.includeEmail, "includeEmail");
    return { name, delegates, audience: normalizeAudience(request.audience), includeEmail };
  },
  requestFields: { ...ACCOUNT_FIELDS, audience: "string", includeEmail: "bool" },
  replyFields: { token: "string" },
  respond: (reply): GenerateIdTokenResponse => reply,
});

/** RPC SignBlob. */
export const signBlob = row({
  rpc: "SignBlob",
  stub: stubs.signBlob,
  normalize(request: SignBlobRequest): wire.SignBlobRequest {
    const { name, delegates } = normalizeAccount(request, PAYLOAD_FIELDS);
    return { name, delegates, payload: normalizeBytes(request.payload, "payload") };
  },
  requestFields: { ...ACCOUNT_FIELDS, payload: "bytes" },
  replyFields: { keyId: "string", signedBlob: "bytes" },
  respond: (reply): SignBlobResponse => reply,
});

/** RPC SignJwt. */
export const signJwt = row({
  rpc: "SignJwt",
  stub: stubs.signJwt,
  normalize(request: SignJwtRequest): wire.SignJwtRequest {
    const { name, delegates } = normalizeAccount(request, PAYLOAD_FIELDS);
    return { name, delegates, payload: normalizeClaims(request.payload) };
  },
  requestFields: { ...ACCOUNT_FIELDS, payload: "string" },
  replyFields: { keyId: "string", signedJwt: "string" },
  respond: (reply): SignJwtResponse => reply,
});
