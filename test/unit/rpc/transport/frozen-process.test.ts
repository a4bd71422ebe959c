// SPDX-License-Identifier: Apache-2.0
// Whether the process stood still, told by two clocks.

import { FrozenProcessWatch } from "../../../../src/rpc/transport/frozen-process.js";
import { ManualClock } from "../../../support/manual-clock.js";

function stage() {
  const clock = new ManualClock();
  return { clock, watch: new FrozenProcessWatch(clock) };
}

test("a process that runs was not frozen, however long", async () => {
  const { clock, watch } = stage();
  await clock.advance(120_000);
  expect(watch.takeWasFrozen()).toBe(false);
});

test.each([
  [10_000, false],
  [10_001, true],
  [3_600_000, true],
])("a gap of %d ms on both clocks (a stopped process) says frozen: %p", (gap, expected) => {
  const { clock, watch } = stage();
  clock.jump(gap);
  expect(watch.takeWasFrozen()).toBe(expected);
});

test.each([
  [10_000, false],
  [10_001, true],
])("a gap of %d ms on the wall clock alone (a suspended machine) says frozen: %p", (gap, expected) => {
  const { clock, watch } = stage();
  clock.jumpWall(gap);
  expect(watch.takeWasFrozen()).toBe(expected);
});

test("a wall clock that is set back says nothing", () => {
  const { clock, watch } = stage();
  clock.jumpWall(-3_600_000);
  expect(watch.takeWasFrozen()).toBe(false);
});

test("a freeze is told once", () => {
  const { clock, watch } = stage();
  clock.jump(20_000);
  expect([watch.takeWasFrozen(), watch.takeWasFrozen()]).toEqual([true, false]);
});

test("a freeze that a heartbeat saw first is remembered until it is asked for", async () => {
  const { clock, watch } = stage();
  clock.jump(20_000);
  await clock.advance(60_000);
  expect([watch.takeWasFrozen(), watch.takeWasFrozen()]).toEqual([true, false]);
});

test("its heartbeat does not keep the process alive", async () => {
  const { clock } = stage();
  expect([clock.waits, clock.keepsAlive]).toEqual([[2_000], false]);
  await clock.advance(2_000);
  expect([clock.waits, clock.keepsAlive]).toEqual([[2_000], false]);
});

test.each([0, 5_000])("leaves nothing scheduled when it stops after %d ms", async (ms) => {
  const { clock, watch } = stage();
  await clock.advance(ms);
  watch.stop();
  expect(clock.waits).toEqual([]);
});
