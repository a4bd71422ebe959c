// SPDX-License-Identifier: Apache-2.0
// Calls under Jest's fake timers: what a test fakes is its own, and the timers, sockets and deadlines of the library and the emulator go on.

import { startEmulator } from "../../src/emulator/index.js";
import { IAMCredentialsClient } from "../../src/gapic/index.js";
import { IAMCredentialsAsyncClient } from "../../src/index.js";
import { answerJson, startHttpServer } from "../support/http-server.js";
import { startHttp2Server } from "../support/http2-server.js";
import { REQUEST } from "../support/plain-client.js";
import { rpcErrorOf } from "../support/rejection-of.js";

const credentials = { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) };
const open = (apiEndpoint: string, transport: string) =>
  new IAMCredentialsAsyncClient({ apiEndpoint, insecure: true, credentials, transport });

const ROBOT = "robot@my-project.iam.gserviceaccount.com";

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

it.each(["grpc", "rest"])("the emulator delays an answer over %s, and closes", async (transport) => {
  await using emulator = await startEmulator({ serviceAccounts: [ROBOT] });
  emulator.addFault({ delayMs: 50, times: 1 });
  await using client = new IAMCredentialsAsyncClient({ ...emulator.clientOptions("owner"), transport });
  expect((await client.signBlob({ ...REQUEST, name: ROBOT })).signedBlob).toHaveLength(256);
});

it("a callback of the drop-in is called", async () => {
  const client = new IAMCredentialsClient({
    credentials: { client_email: "unused@example.com", private_key: "no key" },
  });
  const told = await new Promise((resolve) => client.signBlob({ name: ROBOT }, resolve));
  expect(told).toMatchObject({ code: 2, message: expect.stringContaining("Getting metadata from plugin failed") });
  await client.close();
});
