// SPDX-License-Identifier: Apache-2.0
// The metadata of a call as a server sees it.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type CallOptions, type ClientOptions, IAMCredentialsAsyncClient } from "../../src/index.js";
import { type RecordedCall, type RecordingServer, startRecordingServer } from "../support/recording-server.js";

let server: RecordingServer;
beforeAll(async () => {
  server = await startRecordingServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  server.calls.length = 0;
});

const NAME = "robot+1@some-project.iam.gserviceaccount.com";
const credentials = { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) };

/** One call by a client of its own, as the server saw it. */
async function callSeen(options: ClientOptions = {}, callOptions?: CallOptions): Promise<RecordedCall> {
  await using client = new IAMCredentialsAsyncClient({
    apiEndpoint: server.host,
    insecure: true,
    credentials,
    ...options,
  });
  await client.signBlob({ name: NAME, payload: Buffer.from("x") }, callOptions);
  const [call] = server.calls;
  if (call === undefined) throw new Error("the server saw no call");
  return call;
}

test("a call says where it goes, who calls and with what", async () => {
  const { metadata, method, request } = await callSeen();
  expect(method).toBe("SignBlob");
  expect(request.name).toBe(`projects/-/serviceAccounts/${NAME}`);
  expect(metadata.get("x-goog-request-params")).toEqual([
    "name=projects/-/serviceAccounts/robot%2B1%40some-project.iam.gserviceaccount.com",
  ]);
  expect(metadata.get("authorization")).toEqual(["Bearer some-token"]);
  expect(metadata.get("x-goog-user-project")).toEqual([]);
  const [clientHeader] = metadata.get("x-goog-api-client");
  expect(clientHeader).toMatch(/^gl-node\/\d+\.\d+\.\d+ grpc\/\d+\.\d+\.\d+ gax\/\S+ gapic\/\S+$/);
  expect(clientHeader).toContain(`gl-node/${process.versions.node} `);
});

describe("x-goog-api-client", () => {
  test("merges the caller's tokens, each once", async () => {
    const clientInfo = { userAgent: "my-service/1.2", clientLibraryVersion: "3.4" };
    const mine = `gl-node/${process.versions.node} extra/5`;
    const { metadata } = await callSeen({ clientInfo }, { metadata: { "X-Goog-Api-Client": mine } });
    expect(metadata.get("x-goog-api-client")).toHaveLength(1);
    const tokens = String(metadata.get("x-goog-api-client")[0]).split(" ");
    expect(tokens.map((token) => token.split("/")[0])).toEqual([
      "my-service",
      "gl-node",
      "grpc",
      "gax",
      "gapic",
      "gccl",
      "extra",
    ]);
  });

  test("is absent when the client was told to send none", async () => {
    const { metadata } = await callSeen({ clientInfo: false });
    expect(metadata.get("x-goog-api-client")).toEqual([]);
  });
});

describe("x-goog-user-project", () => {
  test("is the option, which stands over that of the credentials", async () => {
    const withProject = {
      getRequestMetadata: () => ({ authorization: "Bearer some-token", "x-goog-user-project": "theirs" }),
    };
    expect((await callSeen({ credentials: withProject })).metadata.get("x-goog-user-project")).toEqual(["theirs"]);
    server.calls.length = 0;
    const { metadata } = await callSeen({ credentials: withProject, quotaProjectId: "ours" });
    expect(metadata.get("x-goog-user-project")).toEqual(["ours"]);
  });

  test("is the caller's own above all", async () => {
    const own = { metadata: { "x-goog-user-project": "own" } };
    const { metadata } = await callSeen({ quotaProjectId: "ours" }, own);
    expect(metadata.get("x-goog-user-project")).toEqual(["own"]);
  });
});

describe("the caller's own metadata", () => {
  test("arrives, repeated keys in order, under lower-case keys", async () => {
    const metadata = [
      ["X-Trace", "a"],
      ["x-trace", "b"],
      ["x-other", "with blanks, and commas"],
    ] as const;
    const seen = (await callSeen({}, { metadata })).metadata;
    expect(seen.get("x-trace").join(", ")).toBe("a, b");
    expect(seen.get("x-other")).toEqual(["with blanks, and commas"]);
  });

  test("carries any bytes under keys that end in -bin", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const { metadata } = await callSeen({}, { metadata: { "x-raw-bin": bytes.subarray(3) } });
    expect(metadata.get("x-raw-bin")).toEqual([Buffer.from(bytes.subarray(3))]);
  });

  test("of callDefaults gives way to that of the call, key by key", async () => {
    const callDefaults = { metadata: { "x-one": "default", "x-two": "default" } };
    const { metadata } = await callSeen({ callDefaults }, { metadata: { "x-two": "call" } });
    expect([metadata.get("x-one"), metadata.get("x-two")]).toEqual([["default"], ["call"]]);
  });

  test("does not travel to the next call", async () => {
    await using client = new IAMCredentialsAsyncClient({ apiEndpoint: server.host, insecure: true, credentials });
    const request = { name: NAME, payload: Buffer.from("x") };
    await client.signBlob(request, { metadata: { "x-once": "1" } });
    await client.signBlob(request);
    expect(server.calls.map(({ metadata }) => metadata.get("x-once"))).toEqual([["1"], []]);
  });
});

describe("grpc-timeout", () => {
  test("is at most 20 s by default, so that a dead connection leaves time for another", async () => {
    const { timeoutMs } = await callSeen();
    expect(timeoutMs).toBeLessThanOrEqual(20_000);
    expect(timeoutMs).toBeGreaterThan(10_000);
  });

  test("is the whole of the time when nothing is repeated", async () => {
    const { timeoutMs } = await callSeen({}, { retry: false });
    expect(timeoutMs).toBeLessThanOrEqual(60_000);
    expect(timeoutMs).toBeGreaterThan(50_000);
  });

  test("is never more than what the caller gave", async () => {
    const { timeoutMs } = await callSeen({}, { timeout: 4_000 });
    expect(timeoutMs).toBeLessThanOrEqual(4_000);
    expect(timeoutMs).toBeGreaterThan(0);
  });

  test("is absent when there is no deadline", async () => {
    const { timeoutMs } = await callSeen({}, { timeout: Number.POSITIVE_INFINITY, retry: false });
    expect(timeoutMs).toBe(Number.POSITIVE_INFINITY);
  });
});

test("expireTime keeps its nanoseconds, and a Date cuts them", async () => {
  await using client = new IAMCredentialsAsyncClient({ apiEndpoint: server.host, insecure: true, credentials });
  const scope = ["https://www.googleapis.com/auth/cloud-platform"];
  const { accessToken, expireTime } = await client.generateAccessToken({ name: NAME, scope });
  expect(accessToken).toBe("canned-token");
  expect(expireTime).toMatchObject({ seconds: 1_700_000_000, nanos: 123_456_789 });
  expect(expireTime.toDate()).toEqual(new Date("2023-11-14T22:13:20.123Z"));
});

test("one client makes all its calls over one connection", async () => {
  await using client = new IAMCredentialsAsyncClient({ apiEndpoint: server.host, insecure: true, credentials });
  const request = { name: NAME, payload: Buffer.from("x") };
  await Promise.all(Array.from({ length: 50 }, () => client.signBlob(request)));
  expect(server.calls).toHaveLength(50);
  expect(server.peers).toHaveLength(1);
});
