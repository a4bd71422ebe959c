// SPDX-License-Identifier: Apache-2.0
// The delays between attempts, held against the sequence that Python's api_core gives.

import { Backoff } from "../../../../src/rpc/retry/backoff.js";
import { DEFAULT_RETRY, type RetryPolicy } from "../../../../src/rpc/retry/policy.js";
import { ManualClock } from "../../../support/manual-clock.js";

function delays(count: number, chances: readonly number[], policy: Partial<RetryPolicy> = {}): number[] {
  const backoff = new Backoff({ ...DEFAULT_RETRY, ...policy }, new ManualClock({ chances }));
  return Array.from({ length: count }, () => backoff.next());
}

test("the bounds grow by 1.3 from 100 ms to a minute and stay there", () => {
  const bounds = delays(28, [1]);
  const expected = [100, 130, 169, 219.7, 285.61, 371.293, 482.6809];
  for (const [index, bound] of expected.entries()) expect(bounds[index]).toBeCloseTo(bound, 6);
  expect(bounds[24]).toBeCloseTo(54_280.1, 1);
  expect(bounds.slice(25)).toEqual([60_000, 60_000, 60_000]);
});

test("each delay is drawn evenly from 0 to its bound", () => {
  const drawn = delays(3, [0, 0.5, 0.25]);
  expect(drawn[0]).toBe(0);
  expect(drawn[1]).toBeCloseTo(65, 6);
  expect(drawn[2]).toBeCloseTo(42.25, 6);
});

test("a small draw does not slow the growth of the bound", () => {
  expect(delays(3, [0, 0, 1])[2]).toBeCloseTo(169, 6);
});

test("the first bound is no greater than the greatest delay", () => {
  expect(delays(2, [1], { initialDelay: 500, maxDelay: 200 })).toEqual([200, 200]);
});

test("a multiplier of 1 keeps the bound", () => {
  expect(delays(3, [1], { multiplier: 1 })).toEqual([100, 100, 100]);
});

test("a first delay of 0 stays 0", () => {
  expect(delays(3, [1], { initialDelay: 0 })).toEqual([0, 0, 0]);
});
