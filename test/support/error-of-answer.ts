// SPDX-License-Identifier: Apache-2.0
// The error of a call that a server of HTTP/2 answers oddly.

import { expect } from "@jest/globals";
import { type StreamHandler, startHttp2Server } from "./http2-server.js";
import { plainClient, REQUEST } from "./plain-client.js";
import { rpcErrorOf } from "./rejection-of.js";

/** The error of one attempt, over gRPC, at a server with this handler. */
export async function errorOfAnswer(handler: StreamHandler) {
  await using server = await startHttp2Server(handler);
  await using client = plainClient(server.host);
  const error = await rpcErrorOf(client.signBlob(REQUEST, { retry: false, timeout: 15_000 }));
  expect(error).toMatchObject({ attempts: 1, method: "IAMCredentials.SignBlob", transport: "grpc" });
  return { code: error.code, message: error.message.replace(/^IAMCredentials\.SignBlob: /, ""), error };
}
