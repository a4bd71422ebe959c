// SPDX-License-Identifier: Apache-2.0
// The service's rows as the drop-in has them: the same stubs and HTTP rules, requests taken leniently, answers as they are on the
// wire, no routing header (the client writes it into the caller's headers, where tests of its users look for it).

import * as methods from "../iam-credentials/methods.js";
import type { MethodRow } from "../rpc/method.js";
import { accessTokenRequestFrom, idTokenRequestFrom, signBlobRequestFrom, signJwtRequestFrom } from "./requests.js";

/** A row whose types are gone: what comes in is anything, and what goes out is a plain object. */
export type LenientRow = MethodRow<Readonly<Record<string, unknown>>, unknown, unknown, object>;

/** The method names, in the order in which they stand in the proto. */
export type MethodName = "generateAccessToken" | "generateIdToken" | "signBlob" | "signJwt";

function lenient<Request, Message, Reply extends object, Response>(
  row: MethodRow<Request, Message, Reply, Response>,
  normalize: (request: Readonly<Record<string, unknown>>) => Message,
  respond: (reply: Reply) => object = (reply) => reply,
): LenientRow {
  const made = { ...row, normalize, respond, routing: () => [] };
  return made as unknown as LenientRow; // as: message and reply come from and go to the same row
}

/** The rows by method name. */
export const ROWS: Readonly<Record<MethodName, LenientRow>> = {
  generateAccessToken: lenient(methods.generateAccessToken, accessTokenRequestFrom, (reply) => ({
    accessToken: reply.accessToken,
    expireTime: reply.expireTime ?? null,
  })),
  generateIdToken: lenient(methods.generateIdToken, idTokenRequestFrom),
  signBlob: lenient(methods.signBlob, signBlobRequestFrom),
  signJwt: lenient(methods.signJwt, signJwtRequestFrom),
};

/** The method names. */
export const METHOD_NAMES: readonly MethodName[] = ["generateAccessToken", "generateIdToken", "signBlob", "signJwt"];
