// SPDX-License-Identifier: Apache-2.0
// The service's rows as the drop-in has them: the same stubs and HTTP rules, requests taken leniently, answers as they are on the
// wire, no routing header (the client writes it into the caller's headers, where tests of its users look for it).

import { IAMCredentialsRows as rows } from "../../../generated/google/iam/credentials/v1/iamcredentials.tables.js";
import type { MethodRow } from "../../rpc/method/method.js";
import { rowFromStub } from "../../rpc/method/row-from-stub.js";
import { DEFAULT_RETRY } from "../../rpc/retry/policy.js";
import { accessTokenRequestFrom, idTokenRequestFrom, signBlobRequestFrom, signJwtRequestFrom } from "./requests.js";

/** A row without its types: anything comes in, and a plain object goes out. */
export type LenientRow = MethodRow<Readonly<Record<string, unknown>>, unknown, unknown, object>;

/** The method names, in the order of the proto. */
export type MethodName = "generateAccessToken" | "generateIdToken" | "signBlob" | "signJwt";

const shared = { retry: DEFAULT_RETRY, routing: () => [] } as const;

/** The rows by method name. */
export const ROWS: Readonly<Record<MethodName, LenientRow>> = {
  generateAccessToken: rowFromStub(rows.generateAccessToken, {
    ...shared,
    normalize: accessTokenRequestFrom,
    respond: ({ accessToken, expireTime }) => ({ accessToken, expireTime: expireTime ?? null }),
  }),
  generateIdToken: rowFromStub(rows.generateIdToken, { ...shared, normalize: idTokenRequestFrom }),
  signBlob: rowFromStub(rows.signBlob, { ...shared, normalize: signBlobRequestFrom }),
  signJwt: rowFromStub(rows.signJwt, { ...shared, normalize: signJwtRequestFrom }),
};

/** The method names. */
export const METHOD_NAMES: readonly MethodName[] = ["generateAccessToken", "generateIdToken", "signBlob", "signJwt"];
