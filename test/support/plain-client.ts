// SPDX-License-Identifier: Apache-2.0
// A client over a plain connection, the request that tests of the connection make with it, and the error of an odd answer to it.

import { expect } from "@jest/globals";
import { type ClientOptions, IAMCredentialsAsyncClient } from "../../src/index.js";
import { type StreamHandler, startHttp2Server } from "./http2-server.js";
import { rpcErrorOf } from "./rejection-of.js";
import { transportOfTurn } from "./transport-of-turn.js";

/** A request that nobody here looks into. */
export const REQUEST = { name: "robot@some-project.iam.gserviceaccount.com", payload: Buffer.from("blob") };

/** A client to a host on this machine, with a token that is none. */
export function plainClient(host: string, options: ClientOptions = {}): IAMCredentialsAsyncClient {
  return new IAMCredentialsAsyncClient({
    apiEndpoint: host,
    insecure: true,
    transport: transportOfTurn(),
    credentials: { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) },
    ...options,
  });
}

/** The error of one attempt, over gRPC, at a server with this handler. */
export async function errorOfAnswer(handler: StreamHandler) {
  await using server = await startHttp2Server(handler);
  await using client = plainClient(server.host);
  const error = await rpcErrorOf(client.signBlob(REQUEST, { retry: false, timeout: 15_000 }));
  expect(error).toMatchObject({ attempts: 1, method: "IAMCredentials.SignBlob", transport: "grpc" });
  return { code: error.code, message: error.message.replace(/^IAMCredentials\.SignBlob: /, ""), error };
}
