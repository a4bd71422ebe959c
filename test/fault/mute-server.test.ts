// SPDX-License-Identifier: Apache-2.0
// A server that accepts connections and never speaks: neither a call nor a socket nor the process may outlive its time.

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { startProgram } from "../support/child-program.js";
import { overTransports } from "../support/over-transports.js";
import { plainClient, REQUEST } from "../support/plain-client.js";
import { type RawServer, startRawServer } from "../support/raw-server.js";
import { rpcErrorOf } from "../support/rejection-of.js";
import { waitUntil } from "../support/wait-until.js";

overTransports(() => {
  let mute: RawServer;
  beforeEach(async () => {
    mute = await startRawServer();
  });
  afterEach(() => mute[Symbol.asyncDispose]());

  test("a call ends with DEADLINE_EXCEEDED at its timeout, and says what its attempts met", async () => {
    await using client = plainClient(mute.host);
    const startedAt = performance.now();
    const error = await rpcErrorOf(client.signBlob(REQUEST, { timeout: 1_500, retry: { attemptTimeout: 300 } }));
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(error).toMatchObject({ code: 4, status: "DEADLINE_EXCEEDED" });
    expect(error.message).toMatch(
      /^IAMCredentials\.SignBlob: DEADLINE_EXCEEDED: the deadline of 1500 ms (passed|leaves no time for another attempt) after \d+ attempts.*; the last status was DEADLINE_EXCEEDED: /,
    );
  });

  test("a call that outlasts the patience with the connection tries another one", async () => {
    await using client = plainClient(mute.host);
    const error = await rpcErrorOf(client.signBlob(REQUEST, { timeout: 4_500, retry: { attemptTimeout: 500 } }));
    expect(error.code).toBe(4);
    expect(error.message).toMatch(
      /^IAMCredentials\.SignBlob: DEADLINE_EXCEEDED: the deadline of 4500 ms (passed|leaves no time for another attempt) after/,
    );
    expect(mute.accepted).toBeGreaterThanOrEqual(2);
  });

  // grpc-js alone does not end a connection attempt when its channel closes, but after 20 seconds.
  test("close leaves no socket to it", async () => {
    const client = plainClient(mute.host);
    await rpcErrorOf(client.signBlob(REQUEST, { timeout: 300 }));
    await client.close();
    await waitUntil("the socket is closed", () => mute.open === 0, 10_000);
  });

  // The same under TLS, where such a socket keeps the process alive.
  test("a process ends by itself after close", async () => {
    const child = startProgram("test/fault/programs/one-call-over-tls.ts", { TEST_HOST: mute.host });
    try {
      await child.says("closed after DEADLINE_EXCEEDED");
      const timeUp = sleep(10_000, "still running", { ref: false });
      expect(await Promise.race([child.ended, timeUp])).toMatchObject({ code: 0 });
    } finally {
      child.signal("SIGKILL");
    }
  });
});
