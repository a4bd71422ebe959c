// SPDX-License-Identifier: Apache-2.0
// The caller's abort, at every await of a call: it rejects at once, with the signal's own reason.

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { TokenRequest } from "../../src/index.js";
import { runProgram } from "../support/child-program.js";
import { overTransports } from "../support/over-transports.js";
import { plainClient, REQUEST } from "../support/plain-client.js";
import { startRawServer } from "../support/raw-server.js";
import { never, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { rejectionOf } from "../support/rejection-of.js";
import { waitUntil } from "../support/wait-until.js";

overTransports((label) => {
  /** A call that does not end by the abort would take its 60 s. */
  const AT_ONCE_MS = 15_000;

  let server: RecordingServer;
  let controller: AbortController;
  const reason = { why: "the caller went away" };
  beforeEach(async () => {
    server = await startRecordingServer();
    controller = new AbortController();
  });
  afterEach(() => server.kill());

  /** Expects that a call rejects with the very reason, soon after the abort. */
  async function expectAborted(call: Promise<unknown>): Promise<void> {
    const startedAt = performance.now();
    const rejection = rejectionOf(call);
    controller.abort(reason);
    expect(await rejection).toBe(reason);
    expect(performance.now() - startedAt).toBeLessThan(AT_ONCE_MS);
  }

  describe("an abort", () => {
    test("before the call sends nothing", async () => {
      await using client = plainClient(server.host);
      controller.abort(reason);
      expect(await rejectionOf(client.signBlob(REQUEST, { signal: controller.signal }))).toBe(reason);
      expect(server.calls).toEqual([]);
    });

    test("in the same turn as the call ends it", async () => {
      await using client = plainClient(server.host);
      server.handler = never;
      await expectAborted(client.signBlob(REQUEST, { signal: controller.signal }));
    });

    test("while connecting ends the call", async () => {
      await using mute = await startRawServer();
      await using client = plainClient(mute.host);
      const call = client.signBlob(REQUEST, { signal: controller.signal });
      await waitUntil("the client connects", () => mute.accepted === 1);
      await expectAborted(call);
    });

    test("in flight ends the call, and the server sees the cancel", async () => {
      server.handler = never;
      await using client = plainClient(server.host);
      const call = client.signBlob(REQUEST, { signal: controller.signal });
      await waitUntil("the call has arrived", () => server.calls.length === 1);
      await expectAborted(call);
      await waitUntil("the server sees the cancel", () => server.calls[0]?.isCancelled === true);
      expect(server.calls).toHaveLength(1);
    });

    test("of one call in flight leaves the others alone", async () => {
      server.handler = async ({ number }) => (number === 1 ? never() : sleep(300));
      await using client = plainClient(server.host);
      const doomed = client.signBlob(REQUEST, { signal: controller.signal });
      await waitUntil("the call has arrived", () => server.calls.length === 1);
      const other = client.signBlob(REQUEST);
      await expectAborted(doomed);
      expect((await other).keyId).toBe("canned-key");
      // HTTP/1.1 has a connection for each call in flight.
      expect(server.peers).toHaveLength(label === "rest" ? 2 : 1);
    });

    test("between two attempts ends the sleep, and no attempt follows", async () => {
      server.handler = () => {
        throw { code: 14, details: "try again" };
      };
      const clock = {
        now: () => performance.now(),
        wallNow: Date.now,
        random: () => 0.999,
        schedule(ms: number, callback: () => void) {
          const timer = setTimeout(callback, ms);
          return () => clearTimeout(timer);
        },
      };
      await using client = plainClient(server.host, { clock });
      let failures = 0;
      const call = client.signBlob(REQUEST, {
        signal: controller.signal,
        retry: { initialDelay: 30_000 },
        onAttempt: () => failures++,
      });
      await waitUntil("the first attempt has failed", () => failures === 1);
      await sleep(20);
      await expectAborted(call);
      expect(server.calls).toHaveLength(1);
    });

    test("while waiting for a token ends the call, and the provider is told", async () => {
      let asked: TokenRequest | undefined;
      const credentials = {
        getRequestMetadata(request: TokenRequest) {
          asked = request;
          void request.signal;
          return never();
        },
      };
      await using client = plainClient(server.host, { credentials });
      const call = client.signBlob(REQUEST, { signal: controller.signal });
      await waitUntil("the provider is asked", () => asked !== undefined);
      await expectAborted(call);
      expect(asked?.signal.aborted).toBe(true);
      expect(server.calls).toEqual([]);
    });

    test("by the token provider itself, which answers all the same, ends the call", async () => {
      server.handler = never;
      const credentials = {
        getRequestMetadata() {
          controller.abort(reason);
          return { authorization: "Bearer some-token" };
        },
      };
      await using client = plainClient(server.host, { credentials });
      const startedAt = performance.now();
      const call = client.signBlob(REQUEST, { signal: controller.signal, timeout: 10_000, retry: false });
      expect(await rejectionOf(call)).toBe(reason);
      expect(performance.now() - startedAt).toBeLessThan(AT_ONCE_MS);
    });

    test("after the answer changes nothing", async () => {
      await using client = plainClient(server.host);
      const reply = await client.signBlob(REQUEST, { signal: controller.signal });
      controller.abort(reason);
      expect(reply.keyId).toBe("canned-key");
      expect((await client.signBlob(REQUEST)).keyId).toBe("canned-key");
    });

    test("by AbortSignal.timeout rejects with its TimeoutError", async () => {
      server.handler = never;
      await using client = plainClient(server.host);
      const signal = AbortSignal.timeout(100);
      const rejection = await rejectionOf(client.signBlob(REQUEST, { signal }));
      expect(rejection).toBe(signal.reason);
      expect(rejection).toMatchObject({ name: "TimeoutError" });
    });
  });

  test("a token provider that never answers does not outlive the deadline", async () => {
    const requests: TokenRequest[] = [];
    const credentials = {
      getRequestMetadata(request: TokenRequest) {
        requests.push(request);
        void request.signal;
        return never();
      },
    };
    await using client = plainClient(server.host, { credentials });
    const startedAt = performance.now();
    const rejection = await rejectionOf(client.signBlob(REQUEST, { timeout: 500 }));
    expect(performance.now() - startedAt).toBeLessThan(AT_ONCE_MS);
    expect(rejection).toMatchObject({
      code: 4,
      message: expect.stringMatching(/^IAMCredentials\.SignBlob: DEADLINE_EXCEEDED: .*the deadline of 500 ms passed/),
    });
    expect(requests.map(({ signal }) => signal.aborted)).toEqual([true]);
    expect(server.calls).toEqual([]);
  });

  test("500 calls with one signal listen to it but once, and Node warns of no leak", async () => {
    const { code, stdout, stderr } = await runProgram("test/fault/programs/shared-signal.ts", {
      TEST_HOST: server.host,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({ replies: 500, listenersInFlight: 1, aborted: 500 });
  });
});
