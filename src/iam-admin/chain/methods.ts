// SPDX-License-Identifier: Apache-2.0
// Rows of the IAM Service Account Credentials API, as far as finding out who may do what takes them: its requests are made here and
// by nobody else, so they are messages already, and what comes back of a trial is thrown away.

import type * as wire from "../../../generated/google/iam/credentials/v1/common.js";
import { IAMCredentialsService as stubs } from "../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { repeated } from "../../messages/message-fields.js";
import type { ServiceDescription } from "../../rpc/method.js";
import { DEFAULT_RETRY } from "../../rpc/retry/policy.js";
import { rowOf, via } from "../../rpc/table-rows.js";

/** The other API, for the runtime. */
export const CREDENTIALS_SERVICE: ServiceDescription = {
  name: "IAMCredentials",
  hostPrefix: "iamcredentials",
  scopes: ["https://www.googleapis.com/auth/cloud-platform"],
  emulatorVariable: "IAM_CREDENTIALS_EMULATOR_HOST",
  logName: "iam-credentials",
};

const ACCOUNT_FIELDS = { name: "string", delegates: repeated("string") } as const;

/** Where a method is found over HTTP. */
function at(action: string) {
  const retry = DEFAULT_RETRY;
  return { bindings: via("post", "*")(`/v1/{name=projects/*/serviceAccounts/*}:${action}`), retry } as const;
}

/** RPC GenerateAccessToken. */
export const generateAccessToken = rowOf<wire.GenerateAccessTokenRequest, { readonly accessToken: string }>()(
  stubs.generateAccessToken,
  {
    ...at("generateAccessToken"),
    request: { ...ACCOUNT_FIELDS, scope: repeated("string"), lifetime: "duration" },
    reply: { accessToken: "string", expireTime: "timestamp" },
  },
);

/** RPC GenerateIdToken. */
export const generateIdToken = rowOf<wire.GenerateIdTokenRequest, unknown>()(stubs.generateIdToken, {
  ...at("generateIdToken"),
  request: { ...ACCOUNT_FIELDS, audience: "string", includeEmail: "bool" },
  reply: { token: "string" },
});

/** RPC SignBlob. */
export const signBlob = rowOf<wire.SignBlobRequest, unknown>()(stubs.signBlob, {
  ...at("signBlob"),
  request: { ...ACCOUNT_FIELDS, payload: "bytes" },
  reply: { keyId: "string", signedBlob: "bytes" },
});

/** RPC SignJwt. */
export const signJwt = rowOf<wire.SignJwtRequest, unknown>()(stubs.signJwt, {
  ...at("signJwt"),
  request: { ...ACCOUNT_FIELDS, payload: "string" },
  reply: { keyId: "string", signedJwt: "string" },
});
