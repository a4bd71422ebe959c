// SPDX-License-Identifier: Apache-2.0
// A grpc-js channel of the caller's: used as it is, never closed, never replaced.

import { Channel, credentials } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { IAMCredentialsAsyncClient } from "../../src/index.js";
import { REQUEST } from "../support/plain-client.js";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { rpcErrorOf } from "../support/rejection-of.js";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.js";

const READY = 2;
const SHUTDOWN = 4;

let server: RecordingServer;
let proxy: TcpProxy;
let channel: Channel;
beforeEach(async () => {
  server = await startRecordingServer();
  proxy = await startTcpProxy(server.port);
  channel = new Channel(proxy.host, credentials.createInsecure(), {});
});
afterEach(async () => {
  channel.close();
  await proxy[Symbol.asyncDispose]();
  server.kill();
});

describe("the caller's own channel", () => {
  test("carries the calls of several clients over one connection, and outlives them", async () => {
    for (let round = 0; round < 3; round++) {
      await using client = new IAMCredentialsAsyncClient({ channel });
      expect((await client.signBlob(REQUEST)).signedBlob).toEqual(REQUEST.payload);
    }
    expect(proxy.accepted).toBe(1);
    expect(proxy.open).toBe(1);
    expect(channel.getConnectivityState(false)).toBe(READY);
  });

  test("brings its own authorization unless credentials are given", async () => {
    await using bare = new IAMCredentialsAsyncClient({ channel });
    await bare.signBlob(REQUEST);
    const bearer = { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) };
    await using given = new IAMCredentialsAsyncClient({
      channel,
      credentials: bearer,
      apiEndpoint: proxy.host,
      insecure: true,
    });
    await given.signBlob(REQUEST);
    expect(server.calls.map(({ metadata }) => metadata.get("authorization"))).toEqual([[], ["Bearer some-token"]]);
  });

  test("is not replaced when it falls silent", async () => {
    await using client = new IAMCredentialsAsyncClient({ channel });
    await client.signBlob(REQUEST);
    proxy.silence();
    const retry = { attemptTimeout: 100, initialDelay: 1, maxAttempts: 2 };
    const error = await rpcErrorOf(client.signBlob(REQUEST, { retry }));
    expect(error).toMatchObject({ code: 4, attempts: 2 });
    expect(error.message).toMatch(/^IAMCredentials\.SignBlob: DEADLINE_EXCEEDED: Deadline exceeded/);
    expect(proxy.accepted).toBe(1);
    expect(channel.getConnectivityState(false)).toBe(READY);
  });

  test("that is closed gives a clear error of ours rather than a hang", async () => {
    channel.close();
    expect(channel.getConnectivityState(false)).toBe(SHUTDOWN);
    await using client = new IAMCredentialsAsyncClient({ channel });
    const error = await rpcErrorOf(client.signBlob(REQUEST, { timeout: 10_000 }));
    expect(error.message).toBe("IAMCredentials.SignBlob: CANCELLED: the given channel is closed");
    expect(error).toMatchObject({ code: 1, attempts: 1, cause: new Error("Channel has been shut down") });
  });
});
