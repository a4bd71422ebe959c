// SPDX-License-Identifier: Apache-2.0
// Calls under Jest's fake timers: what a test fakes is its own, and the library's timers, sockets and deadlines go on.

import { IAMCredentialsAsyncClient } from "../../src/index.js";
import { answerJson, startHttpServer } from "../support/http-server.js";
import { startHttp2Server } from "../support/http2-server.js";
import { REQUEST } from "../support/plain-client.js";
import { rpcErrorOf } from "../support/rejection-of.js";

const credentials = { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) };
const open = (apiEndpoint: string, transport: string) =>
  new IAMCredentialsAsyncClient({ apiEndpoint, insecure: true, credentials, transport });

/** SignBlobResponse { key_id: "k", signed_blob: "x" }. */
const REPLY = Buffer.from([0, 0, 0, 0, 6, 0x0a, 1, 0x6b, 0x22, 1, 0x78]);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it("a call over gRPC is answered, and one that is not ends at its deadline", async () => {
  await using server = await startHttp2Server((stream, _, number) => {
    if (number > 1) return;
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(REPLY);
  });
  await using client = open(server.host, "grpc");
  expect(await client.signBlob(REQUEST)).toMatchObject({ keyId: "k" });
  expect((await rpcErrorOf(client.signBlob(REQUEST, { timeout: 200 }))).status).toBe("DEADLINE_EXCEEDED");
});

it("a call over REST is answered, and one that is not ends at its deadline", async () => {
  await using server = await startHttpServer((request, response) => {
    if (server.requests.length === 1) answerJson({ keyId: "k", signedBlob: "eA==" })(request, response);
  });
  await using client = open(server.host, "rest");
  expect(await client.signBlob(REQUEST)).toMatchObject({ keyId: "k" });
  expect((await rpcErrorOf(client.signBlob(REQUEST, { timeout: 200 }))).status).toBe("DEADLINE_EXCEEDED");
});
