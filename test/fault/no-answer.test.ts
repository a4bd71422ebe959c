// SPDX-License-Identifier: Apache-2.0
// Servers that do not answer, or not any more: each call ends as promised, within its time.

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { overTransports } from "../support/over-transports.js";
import { plainClient, REQUEST } from "../support/plain-client.js";
import { freeHost } from "../support/raw-server.js";
import { never, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { rpcErrorOf } from "../support/rejection-of.js";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.js";
import { waitUntil } from "../support/wait-until.js";

overTransports((label) => {
  /** Far more than any of these calls may take, and far less than the default deadline. */
  const GENEROUS_MS = 15_000;

  let server: RecordingServer;
  let proxy: TcpProxy;
  let restarted: RecordingServer | undefined;
  beforeEach(async () => {
    restarted = undefined;
    server = await startRecordingServer();
    proxy = await startTcpProxy(() => (restarted ?? server).port);
  });
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    restarted?.kill();
    server.kill();
  });

  /** An error with the time that it took to come. */
  async function timedRpcErrorOf(call: () => Promise<unknown>) {
    const startedAt = performance.now();
    const error = await rpcErrorOf(call());
    return { error, tookMs: performance.now() - startedAt };
  }

  describe("a server that never answers", () => {
    test("ends with DEADLINE_EXCEEDED at the timeout, and sees the cancel", async () => {
      server.handler = never;
      await using client = plainClient(server.host);
      const { error, tookMs } = await timedRpcErrorOf(() => client.signBlob(REQUEST, { timeout: 1_000 }));
      expect(error.message).toBe(
        "IAMCredentials.SignBlob: DEADLINE_EXCEEDED: the deadline of 1000 ms passed after 1 attempt",
      );
      expect(error).toMatchObject({ code: 4, attempts: 1, cause: { code: 4 } });
      expect(tookMs).toBeGreaterThan(950);
      expect(tookMs).toBeLessThan(GENEROUS_MS);
      await waitUntil("the server sees the cancel", () => server.calls[0]?.isCancelled === true);
    });

    test("is asked again after each attempt's own time, and the last status is named", async () => {
      server.handler = never;
      await using client = plainClient(server.host);
      const retry = { attemptTimeout: 200, initialDelay: 1, maxDelay: 1 };
      const { error, tookMs } = await timedRpcErrorOf(() => client.signBlob(REQUEST, { timeout: 1_500, retry }));
      expect(error.message).toMatch(
        /DEADLINE_EXCEEDED: the deadline of 1500 ms (passed|leaves no time for another attempt) after \d+ attempts( in \d+ ms)?; the last status was /,
      );
      expect(error.code).toBe(4);
      expect(error.attempts).toBeGreaterThanOrEqual(2);
      expect(server.calls.length).toBeLessThanOrEqual(error.attempts);
      expect(tookMs).toBeLessThan(GENEROUS_MS);
    });

    test("is asked no more often than maxAttempts says, and the last error is what the caller gets", async () => {
      await using client = plainClient(server.host);
      await client.signBlob(REQUEST); // connects, so that each attempt arrives in its time
      server.handler = never;
      const retry = { attemptTimeout: 300, initialDelay: 1, maxAttempts: 3 };
      const error = await rpcErrorOf(client.signBlob(REQUEST, { retry }));
      expect(error).toMatchObject({ code: 4, attempts: 3 });
      expect(error.message).toMatch(
        /^IAMCredentials\.SignBlob: DEADLINE_EXCEEDED: (Deadline exceeded|no response from 127\.0\.0\.1:\d+ within 300 ms|no complete response from 127\.0\.0\.1:\d+ after 300 ms)/,
      );
      expect(server.calls).toHaveLength(1 + 3);
    });
  });

  describe("nobody listening", () => {
    test("is UNAVAILABLE and says that the connection was refused", async () => {
      await using client = plainClient(await freeHost());
      const { error, tookMs } = await timedRpcErrorOf(() => client.signBlob(REQUEST, { retry: false }));
      expect(error).toMatchObject({ code: 14, status: "UNAVAILABLE", attempts: 1 });
      expect(error.message).toMatch(/^IAMCredentials\.SignBlob: UNAVAILABLE: .*ECONNREFUSED/);
      expect(tookMs).toBeLessThan(GENEROUS_MS);
    });

    test("is retried until the deadline is spent, and the message says why in the end", async () => {
      await using client = plainClient(await freeHost());
      const { error, tookMs } = await timedRpcErrorOf(() => client.signBlob(REQUEST, { timeout: 500 }));
      expect(error.message).toMatch(
        /^IAMCredentials\.SignBlob: DEADLINE_EXCEEDED: the deadline of 500 ms (passed|leaves no time for another attempt) after \d+ attempts?( in \d+ ms)?; the last status was UNAVAILABLE: .*ECONNREFUSED/,
      );
      expect(error).toMatchObject({ code: 4, cause: { code: 14 } });
      expect(tookMs).toBeLessThan(GENEROUS_MS);
    });

    test("until 0.5 s later is a success", async () => {
      const host = await freeHost();
      await using client = plainClient(host);
      const call = client.signBlob(REQUEST, { timeout: 15_000 });
      await sleep(500);
      await using late = await startRecordingServer({ port: Number(host.split(":")[1]) });
      expect((await call).keyId).toBe("canned-key");
      expect(late.calls).toHaveLength(1);
    });
  });

  describe("a connection reset in the middle of a call", () => {
    const stallFirst = async ({ number }: { number: number }) => {
      if (number === 1) await never();
    };

    test("is repeated with success", async () => {
      server.handler = stallFirst;
      await using client = plainClient(proxy.host);
      const call = client.signBlob(REQUEST);
      await waitUntil("the call has arrived", () => server.calls.length === 1);
      proxy.reset();
      expect((await call).signedBlob).toEqual(REQUEST.payload);
      expect(server.calls).toHaveLength(2);
    });

    test("is UNAVAILABLE when it may not be repeated", async () => {
      server.handler = stallFirst;
      await using client = plainClient(proxy.host);
      const call = rpcErrorOf(client.signBlob(REQUEST, { retry: false }));
      await waitUntil("the call has arrived", () => server.calls.length === 1);
      proxy.reset();
      const error = await call;
      expect(error).toMatchObject({ code: 14, attempts: 1 });
      expect(error.message).toMatch(/^IAMCredentials\.SignBlob: UNAVAILABLE: .*(ECONNRESET|Connection dropped)/);
    });
  });

  describe("a server that is killed and started again", () => {
    /** What a killed process leaves of its connections: the kernel resets them. */
    const kill = () => {
      proxy.refusesNew = true;
      proxy.reset();
    };
    const startAgain = async () => {
      restarted = await startRecordingServer();
      proxy.refusesNew = false;
      return restarted;
    };

    test("between two calls costs the caller nothing", async () => {
      await using client = plainClient(proxy.host);
      await client.signBlob(REQUEST);
      kill();
      const again = await startAgain();
      expect((await client.signBlob(REQUEST)).keyId).toBe("canned-key");
      expect(again.calls).toHaveLength(1);
    });

    test("under a call, and is back 0.5 s later, answers that call", async () => {
      server.handler = never;
      await using client = plainClient(proxy.host);
      const call = client.signBlob(REQUEST, { timeout: 15_000 });
      await waitUntil("the call has arrived", () => server.calls.length === 1);
      kill();
      await sleep(500);
      const again = await startAgain();
      expect((await call).keyId).toBe("canned-key");
      expect(again.calls).toHaveLength(1);
    });
  });

  test("UNAVAILABLE of the server is retried, and the caller hears of each attempt", async () => {
    server.handler = ({ number }) => {
      if (number < 3) throw { code: 14, details: "try again" };
    };
    await using client = plainClient(server.host);
    const seen: unknown[] = [];
    await client.signBlob(REQUEST, { onAttempt: ({ attempt, error }) => seen.push([attempt, error && String(error)]) });
    expect(seen).toEqual([
      [1, "RpcError: IAMCredentials.SignBlob: UNAVAILABLE: try again"],
      [2, "RpcError: IAMCredentials.SignBlob: UNAVAILABLE: try again"],
      [3, undefined],
    ]);
  });

  // HTTP has no field that tells a server the deadline.
  if (label === "rest") return;
  test("each attempt takes its timeout from what is left of the call's", async () => {
    server.handler = async ({ number }) => {
      if (number === 1) await sleep(400);
      if (number < 3) throw { code: 14, details: "try again" };
    };
    await using client = plainClient(server.host);
    await client.signBlob(REQUEST, { timeout: 10_000, retry: { initialDelay: 1 } });
    const [first = 0, second = 0, third = 0] = server.calls.map((call) => call.timeoutMs);
    expect(first).toBeLessThanOrEqual(10_000);
    expect(second).toBeLessThanOrEqual(first - 300);
    expect(third).toBeLessThanOrEqual(second);
  });
});
