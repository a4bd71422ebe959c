// SPDX-License-Identifier: Apache-2.0
// The total time of a call.

import { Deadline } from "../../../../src/rpc/retry/deadline.js";
import { ManualClock } from "../../../support/manual-clock.js";

test("counts from the start, up and down", () => {
  const clock = new ManualClock();
  clock.jump(1234);
  const deadline = new Deadline(clock, 100);
  clock.jump(40);
  expect([deadline.timeoutMs, deadline.elapsed(), deadline.remaining()]).toEqual([100, 40, 60]);
});

test("goes on counting below nothing", () => {
  const clock = new ManualClock();
  const deadline = new Deadline(clock, 100);
  clock.jump(150);
  expect(deadline.remaining()).toBe(-50);
});

test("is not moved by the wall clock", () => {
  const clock = new ManualClock();
  const deadline = new Deadline(clock, 100);
  clock.jumpWall(3_600_000);
  expect(deadline.remaining()).toBe(100);
});

test.each([
  [98.999, false],
  [99, false],
  [99.001, true],
  [100, true],
  [101, true],
])("of 100 ms, %d ms on, is spent: %p", (elapsed, isSpent) => {
  const clock = new ManualClock();
  const deadline = new Deadline(clock, 100);
  clock.jump(elapsed);
  expect(deadline.isSpent()).toBe(isSpent);
});

test("of Infinity is never spent", () => {
  const clock = new ManualClock();
  const deadline = new Deadline(clock, Number.POSITIVE_INFINITY);
  clock.jump(1e15);
  expect(deadline.remaining()).toBe(Number.POSITIVE_INFINITY);
  expect(deadline.isSpent()).toBe(false);
});
