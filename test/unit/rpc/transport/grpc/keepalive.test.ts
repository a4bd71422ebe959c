// SPDX-License-Identifier: Apache-2.0
// When a silent connection is asked for a sign of life, and when it counts as dead.

import { expect, test } from "@jest/globals";
import { Keepalive } from "../../../../../src/rpc/transport/grpc/keepalive.js";
import type { KeepaliveSettings } from "../../../../../src/rpc/transport/keepalive-settings.js";
import { ManualClock } from "../../../../support/manual-clock.js";

function watch(settings: Partial<KeepaliveSettings> = {}, streamCount = 1) {
  const clock = new ManualClock();
  const connection = { chunksRead: 0, streamCount, pings: 0, ping: () => void connection.pings++ };
  let deaths = 0;
  const onDead = () => void deaths++;
  const told: string[] = [];
  const log = {
    asked: (ms: number) => void told.push(`asked after ${ms}`),
    unanswered: (ms: number) => void told.push(`unanswered after ${ms}`),
  };
  const keepalive = new Keepalive(connection, { settings: { intervalMs: 30_000, ...settings }, clock, log, onDead });
  return { clock, connection, keepalive, told, deaths: () => deaths };
}

test("asks after the interval of silence, and what is not answered in time is dead", async () => {
  const { clock, connection, deaths, told } = watch();
  await clock.advance(29_999);
  expect(connection.pings).toBe(0);
  await clock.advance(1);
  expect(connection.pings).toBe(1);
  await clock.advance(19_999);
  expect(deaths()).toBe(0);
  await clock.advance(1);
  expect(deaths()).toBe(1);
  expect(clock.waits).toEqual([]);
  expect(told).toEqual(["asked after 30000", "unanswered after 20000"]);
});

test("anything that is heard is a sign of life", async () => {
  const { clock, connection, deaths } = watch({ timeoutMs: 5_000 });
  for (let round = 0; round < 10; round++) {
    connection.chunksRead++;
    await clock.advance(30_000);
  }
  expect([connection.pings, deaths()]).toEqual([0, 0]);
  await clock.advance(30_000);
  expect(connection.pings).toBe(1);
  connection.chunksRead++;
  await clock.advance(5_000);
  expect(deaths()).toBe(0);
});

test("asks nothing without a call, unless it is told to", async () => {
  const idle = watch({}, 0);
  await idle.clock.advance(300_000);
  expect(idle.connection.pings).toBe(0);
  const told = watch({ withoutCalls: true }, 0);
  await told.clock.advance(30_000);
  expect(told.connection.pings).toBe(1);
});

test("a call after more than the interval of silence asks at once, so that a dead connection is found within the time-out", async () => {
  const { clock, connection, deaths, keepalive } = watch({}, 0);
  await clock.advance(100_000);
  keepalive.onCall();
  expect(connection.pings).toBe(1);
  connection.streamCount = 1;
  keepalive.onCall();
  expect(connection.pings).toBe(1);
  await clock.advance(20_000);
  expect(deaths()).toBe(1);
});

test("a call asks nothing when something was heard within the interval", async () => {
  const { clock, connection, keepalive } = watch({}, 0);
  await clock.advance(25_000);
  keepalive.onCall();
  connection.chunksRead++;
  await clock.advance(30_000);
  keepalive.onCall();
  expect(connection.pings).toBe(0);
});

test("keeps no process alive, and stops", () => {
  const { clock, keepalive } = watch();
  expect(clock.keepsAlive).toBe(false);
  keepalive.stop();
  expect(clock.waits).toEqual([]);
});
