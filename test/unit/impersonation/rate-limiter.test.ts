// SPDX-License-Identifier: Apache-2.0
// How many turns are given in a minute, on a clock that moves by hand.

import { RateLimiter } from "../../../src/impersonation/rate-limiter.js";
import { ConfigurationError } from "../../../src/index.js";
import { ManualClock } from "../../support/manual-clock.js";
import { rejectionOf } from "../../support/rejection-of.js";

test("a thousand turns at once pass without waiting at 60,000 a minute; what comes then is spaced by a millisecond", async () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter(60_000, clock, "rateLimit");
  const turns = Array.from({ length: 1_100 }, () => limiter.take(undefined));
  expect(turns.filter((turn) => turn === undefined).length).toBe(1_001);
  let passed = 0;
  for (const turn of turns) void turn?.then(() => passed++);
  await clock.advance(50);
  expect(passed).toBe(50);
  await clock.advance(49);
  expect(passed).toBe(99);
});

test("never more than the limit and one second's worth pass in any minute", async () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter(600, clock, "rateLimit");
  let passed = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      await limiter.take(undefined);
      passed++;
    }
  };
  // Each worker asks again as soon as it has passed.
  for (let index = 0; index < 20; index++) void worker();
  await clock.advance(60_000);
  expect(passed).toBeGreaterThanOrEqual(600);
  expect(passed).toBeLessThanOrEqual(611);
});

test("a wait ends with the reason of its signal", async () => {
  const limiter = new RateLimiter(1, new ManualClock(), "rateLimit");
  limiter.take(undefined);
  const controller = new AbortController();
  limiter.take(undefined);
  const turn = limiter.take(controller.signal);
  const reason = new Error("enough");
  controller.abort(reason);
  expect(await rejectionOf(Promise.resolve(turn))).toBe(reason);
});

test("Infinity is no limit; nothing else but a number above 0 is one", () => {
  const limiter = new RateLimiter(Number.POSITIVE_INFINITY, new ManualClock(), "rateLimit");
  for (let turn = 0; turn < 10_000; turn++) expect(limiter.take(undefined)).toBeUndefined();
  expect(() => new RateLimiter(0, new ManualClock(), "rateLimit")).toThrow(
    new ConfigurationError("rateLimit: must be a positive number per minute, or false for no limit"),
  );
});
