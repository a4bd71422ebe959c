// SPDX-License-Identifier: Apache-2.0
// Connections that are dead without knowing it: the next attempt goes over a new one, and nobody healthy pays for that.

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { AttemptReport, Clock } from "../../src/index.js";
import { startProgram } from "../support/child-program.js";
import { overTransports } from "../support/over-transports.js";
import { plainClient, REQUEST } from "../support/plain-client.js";
import { never, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { rpcErrorOf } from "../support/rejection-of.js";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.js";
import { waitUntil } from "../support/wait-until.js";

overTransports((label) => {
  // HTTP/1.1 has a connection for each call in flight.
  const sharesConnections = label !== "rest";
  let server: RecordingServer;
  let proxy: TcpProxy;
  beforeEach(async () => {
    server = await startRecordingServer();
    proxy = await startTcpProxy(server.port);
  });
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  // Long enough for the attempt over the new connection, on a busy machine too.
  const retry = { attemptTimeout: 1_000, initialDelay: 10 };

  describe("an established connection that goes silent", () => {
    test("costs one attempt, and the second one succeeds over a new connection", async () => {
      await using client = plainClient(proxy.host);
      await client.signBlob(REQUEST);
      proxy.silence();
      const reports: AttemptReport[] = [];
      const startedAt = performance.now();
      const onAttempt = (report: AttemptReport) => reports.push(report);
      const { signedBlob } = await client.signBlob(REQUEST, { retry, onAttempt });
      expect(signedBlob).toEqual(REQUEST.payload);
      expect(performance.now() - startedAt).toBeLessThan(15_000);
      expect(reports.map(({ attempt, error }) => [attempt, error === undefined])).toEqual([
        [1, false],
        [2, true],
      ]);
      expect(reports[0]?.error).toMatchObject({ code: 4, status: "DEADLINE_EXCEEDED" });
      expect(proxy.accepted).toBe(2);
    });

    if (sharesConnections)
      test("is left by all calls in flight for one and the same new connection", async () => {
        let isOpen = false;
        const client = plainClient(proxy.host);
        server.handler = async () => {
          if (!isOpen) await never();
        };
        // Long enough for all of them to arrive.
        const patient = { ...retry, attemptTimeout: 2_500 };
        const calls = Array.from({ length: 100 }, () => client.signBlob(REQUEST, { retry: patient }));
        await waitUntil("100 calls are in flight", () => server.calls.length === 100);
        isOpen = true;
        proxy.silence();
        const replies = await Promise.all(calls);
        expect(replies).toHaveLength(100);
        expect(proxy.accepted).toBe(2);
        await client.close();
        await waitUntil("both connections are closed", () => proxy.open === 0);
      });

    test("is closed when nothing is in flight on it any more", async () => {
      await using client = plainClient(proxy.host);
      await client.signBlob(REQUEST);
      proxy.silence();
      await client.signBlob(REQUEST, { retry });
      await waitUntil("the silent connection is closed", () => proxy.open === 1);
      await client.signBlob(REQUEST);
      expect(proxy.accepted).toBe(2);
    });

    test("ends a call that is not repeated with DEADLINE_EXCEEDED, and the next call finds a new connection", async () => {
      await using client = plainClient(proxy.host);
      await client.signBlob(REQUEST);
      proxy.silence();
      const error = await rpcErrorOf(client.signBlob(REQUEST, { retry: false, timeout: 300 }));
      expect(error).toMatchObject({ code: 4, attempts: 1 });
      expect(error.message).toBe(
        "IAMCredentials.SignBlob: DEADLINE_EXCEEDED: the deadline of 300 ms passed after 1 attempt",
      );
      await client.signBlob(REQUEST, { retry: false, timeout: 15_000 });
      expect(proxy.accepted).toBe(2);
    });

    test("over and over ends at the deadline of the call, over more connections than one", async () => {
      await using client = plainClient(proxy.host);
      await client.signBlob(REQUEST);
      proxy.silence();
      proxy.silencesNew = true;
      const brief = { ...retry, attemptTimeout: 300 };
      const startedAt = performance.now();
      const error = await rpcErrorOf(client.signBlob(REQUEST, { retry: brief, timeout: 2_000 }));
      expect(performance.now() - startedAt).toBeLessThan(15_000);
      expect(error).toMatchObject({ code: 4, status: "DEADLINE_EXCEEDED" });
      expect(error.message).toMatch(
        /^IAMCredentials\.SignBlob: DEADLINE_EXCEEDED: the deadline of 2000 ms passed after \d+ attempts; the last status was DEADLINE_EXCEEDED: /,
      );
      expect(error.attempts).toBeGreaterThanOrEqual(2);
      expect(proxy.accepted).toBeGreaterThanOrEqual(2);
    });
  });

  if (sharesConnections)
    test("a healthy slow call on the old connection is not cancelled by the replacement", async () => {
      await using client = plainClient(proxy.host);
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      server.handler = async ({ number }) => {
        if (number === 1) await released;
        // Every attempt until then: on a slow machine the server says by itself that the time is up, and then its connection is not silent.
        else if (proxy.accepted === 1) await never();
      };
      const slow = client.signBlob(REQUEST, { retry: false });
      await waitUntil("the slow call has arrived", () => server.calls.length === 1);
      // Long enough to be sent, on a machine that stands still for a second.
      await client.signBlob(REQUEST, { retry: { ...retry, attemptTimeout: 2_500 } });
      expect(proxy.accepted).toBe(2);
      expect(proxy.open).toBe(2);
      release();
      expect((await slow).signedBlob).toEqual(REQUEST.payload);
      const cancelled = server.calls.map((call) => call.isCancelled);
      expect([cancelled[0], new Set(cancelled.slice(1, -1)), cancelled.at(-1)]).toEqual([
        false,
        new Set([true]),
        false,
      ]);
    });

  describe("a process that stood still", () => {
    test("opens a new connection for its next call when the wall clock has jumped", async () => {
      let aheadMs = 0;
      const clock: Clock = {
        now: () => performance.now(),
        wallNow: () => Date.now() + aheadMs,
        random: Math.random,
        schedule(ms, callback) {
          const timer = setTimeout(callback, ms);
          timer.unref();
          return () => clearTimeout(timer);
        },
      };
      await using client = plainClient(proxy.host, { clock });
      await client.signBlob(REQUEST);
      await client.signBlob(REQUEST);
      expect(proxy.accepted).toBe(1);
      aheadMs = 3_600_000;
      proxy.silence();
      await client.signBlob(REQUEST, { retry: false, timeout: 15_000 });
      expect(proxy.accepted).toBe(2);
      await client.signBlob(REQUEST);
      expect(proxy.accepted).toBe(2);
    });

    // Over REST a connection is left after 55 seconds without a call, whether the process stood still or not.
    if (sharesConnections)
      test("by SIGSTOP for 12 seconds of its clock does not lose an attempt to its old connection", async () => {
        const child = startProgram("test/fault/programs/calls-on-demand.ts", { TEST_HOST: proxy.host });
        try {
          await child.says("call 1: 1 attempt");
          child.signal("SIGSTOP");
          await sleep(2_400); // the clock of the program is five times as fast
          proxy.silence();
          child.signal("SIGCONT");
          child.tell("call");
          await child.says("call 2: 1 attempt");
          expect(proxy.accepted).toBe(2);
          child.tell("end");
          expect(await child.ended).toMatchObject({ code: 0, stderr: "" });
        } finally {
          child.signal("SIGKILL");
        }
      }, 60_000);
  });
});
