// SPDX-License-Identifier: Apache-2.0
// The end of a client: calls in flight, sockets, timers.

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ClientClosedError, IAMCredentialsAsyncClient } from "../../src/index.js";
import { runProgram } from "../support/child-program.js";
import { overTransports } from "../support/over-transports.js";
import { plainClient, REQUEST } from "../support/plain-client.js";
import { startRawServer } from "../support/raw-server.js";
import { never, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { rejectionOf } from "../support/rejection-of.js";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.js";
import { durationOf, waitUntil } from "../support/wait-until.js";

overTransports(() => {
  const GENEROUS_MS = 15_000;

  let server: RecordingServer;
  let proxy: TcpProxy;
  beforeEach(async () => {
    server = await startRecordingServer();
    proxy = await startTcpProxy(server.port);
  });
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    server.kill();
  });

  const closedInFlight = new ClientClosedError("IAMCredentials: the client was closed while the call was in flight");

  describe("close", () => {
    test("lets calls in flight end within the grace period", async () => {
      server.handler = () => sleep(300);
      const client = plainClient(proxy.host);
      const calls = Array.from({ length: 5 }, () => client.signBlob(REQUEST));
      await waitUntil("the calls have arrived", () => server.calls.length === 5);
      await client.close();
      expect(server.calls.map(({ isCancelled }) => isCancelled)).toEqual(Array(5).fill(false));
      expect(await Promise.all(calls)).toHaveLength(5);
      await waitUntil("the socket is closed", () => proxy.open === 0);
    });

    test("ends what is left after the grace period with ClientClosedError, and the server sees the cancel", async () => {
      server.handler = never;
      const client = plainClient(proxy.host);
      const call = rejectionOf(client.signBlob(REQUEST));
      await waitUntil("the call has arrived", () => server.calls.length === 1);
      const tookMs = await durationOf(client.close({ gracePeriod: 200 }));
      expect(await call).toEqual(closedInFlight);
      expect(await call).toBeInstanceOf(ClientClosedError);
      expect(tookMs).toBeGreaterThan(150);
      expect(tookMs).toBeLessThan(GENEROUS_MS);
      await waitUntil("the server sees the cancel", () => server.calls[0]?.isCancelled === true);
      await waitUntil("the socket is closed", () => proxy.open === 0);
    });

    test("ends a call that waits for its next attempt", async () => {
      server.handler = () => {
        throw { code: 14, details: "try again" };
      };
      const client = plainClient(proxy.host);
      const call = rejectionOf(client.signBlob(REQUEST, { retry: { initialDelay: 60_000 } }));
      await waitUntil("the first attempt has failed", () => server.calls.length >= 1);
      await sleep(50);
      await client.close({ gracePeriod: 0 });
      expect(await call).toEqual(closedInFlight);
    });

    test("ends a call that waits for a token", async () => {
      const client = plainClient(proxy.host, { credentials: { getRequestMetadata: never } });
      const call = rejectionOf(client.signBlob(REQUEST));
      await client.close({ gracePeriod: 0 });
      expect(await call).toEqual(closedInFlight);
      expect(proxy.accepted).toBe(0);
    });

    test("ends a call that waits for the connection", async () => {
      await using mute = await startRawServer();
      const client = plainClient(mute.host);
      const call = rejectionOf(client.signBlob(REQUEST));
      await waitUntil("the client connects", () => mute.accepted === 1);
      await client.close({ gracePeriod: 0 });
      expect(await call).toEqual(closedInFlight);
    });

    test("is final: later calls are refused, sending nothing, and a second close is no error", async () => {
      const client = plainClient(proxy.host);
      await client.close();
      await client.close();
      expect(await rejectionOf(client.signBlob(REQUEST))).toEqual(
        new ClientClosedError("IAMCredentials.SignBlob: the client is closed"),
      );
      expect(proxy.accepted).toBe(0);
    });

    test("refuses new calls while it waits for the old ones", async () => {
      server.handler = () => sleep(200);
      const client = plainClient(proxy.host);
      const call = client.signBlob(REQUEST);
      await waitUntil("the call has arrived", () => server.calls.length === 1);
      const closed = client.close();
      expect(await rejectionOf(client.signBlob(REQUEST))).toBeInstanceOf(ClientClosedError);
      expect((await call).keyId).toBe("canned-key");
      await closed;
    });

    test("is what `await using` does", async () => {
      let escaped: IAMCredentialsAsyncClient;
      {
        await using client = plainClient(proxy.host);
        escaped = client;
        await client.signBlob(REQUEST);
        expect(proxy.open).toBe(1);
      }
      expect(await rejectionOf(escaped.signBlob(REQUEST))).toBeInstanceOf(ClientClosedError);
      await waitUntil("the socket is closed", () => proxy.open === 0);
    });

    test("of one client ends its calls on a transport that it shares, and leaves the transport to the other", async () => {
      await using owner = plainClient(proxy.host);
      const guest = new IAMCredentialsAsyncClient({ transport: owner.transport });
      server.handler = ({ number }) => (number === 1 ? never() : undefined);
      const call = rejectionOf(guest.signBlob(REQUEST, { timeout: 60_000 }));
      await waitUntil("the call has arrived", () => server.calls.length === 1);
      const startedAt = performance.now();
      await guest.close({ gracePeriod: 0 });
      expect(await call).toEqual(closedInFlight);
      expect(performance.now() - startedAt).toBeLessThan(GENEROUS_MS);
      expect((await owner.signBlob(REQUEST)).keyId).toBe("canned-key");
    });
  });

  test("100 clients, opened, used and closed, leave no socket", async () => {
    let most = 0;
    for (let round = 0; round < 100; round++) {
      await using client = plainClient(proxy.host);
      await client.signBlob(REQUEST);
      most = Math.max(most, proxy.open);
    }
    await waitUntil("all sockets are closed", () => proxy.open === 0);
    expect(proxy.accepted).toBe(100);
    expect(most).toBeLessThan(20);
  });

  describe("a process", () => {
    test("ends by itself after close, with no socket and no timer left", async () => {
      const outcome = await runProgram("test/fault/programs/ends-by-itself.ts", { TEST_HOST: proxy.host });
      expect(outcome).toEqual({ code: 0, stdout: "closed: []\n", stderr: "" });
    });

    test("ends by itself even when nobody closed the client", async () => {
      const env = { TEST_HOST: proxy.host, TEST_LEAVE_OPEN: "1" };
      const outcome = await runProgram("test/fault/programs/ends-by-itself.ts", env);
      expect(outcome).toMatchObject({ code: 0, stderr: "" });
    });
  });
});
