// SPDX-License-Identifier: Apache-2.0
// Properties of the backoff, of retry policies, and of the attempts within a deadline.

import { ConfigurationError, RpcError, type StatusName } from "../../src/index.js";
import { Backoff } from "../../src/rpc/retry/backoff.js";
import { Deadline } from "../../src/rpc/retry/deadline.js";
import { DEFAULT_RETRY, NO_RETRY, resolveRetryPolicy } from "../../src/rpc/retry/policy.js";
import { runWithRetry } from "../../src/rpc/retry/run-with-retry.js";
import { ManualClock } from "../support/manual-clock.js";
import { fc } from "../support/property.js";

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const delays = fc.record({
  initialDelay: fc.double({ min: 0, max: 1e6, noNaN: true }),
  maxDelay: fc.double({ min: 0, max: 1e6, noNaN: true }),
  multiplier: fc.double({ min: 1, max: 10, noNaN: true }),
});

test("every delay lies from 0 to its bound, and no bound above the greatest delay", () => {
  fc.assert(
    fc.property(delays, fc.array(chance, { minLength: 1, maxLength: 40 }), (policy, chances) => {
      const backoff = new Backoff({ ...DEFAULT_RETRY, ...policy }, new ManualClock({ chances }));
      let bound = Math.min(policy.initialDelay, policy.maxDelay);
      for (const drawn of chances) {
        const delay = backoff.next();
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(bound);
        expect(delay).toBeCloseTo(drawn * bound, 5);
        bound = Math.min(bound * policy.multiplier, policy.maxDelay);
      }
    }),
  );
});

const NAMES: readonly StatusName[] = ["UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED", "INTERNAL", "RESOURCE_EXHAUSTED"];
const KEYS = Object.keys(DEFAULT_RETRY).sort();
const number = fc.oneof(fc.double(), fc.integer());
const options = fc.record(
  {
    initialDelay: fc.oneof(number, fc.anything()),
    maxDelay: fc.oneof(number, fc.anything()),
    multiplier: fc.oneof(number, fc.anything()),
    codes: fc.oneof(fc.subarray([...NAMES]), fc.anything()),
    maxAttempts: fc.oneof(fc.nat(), number, fc.anything()),
    attemptTimeout: fc.oneof(number, fc.anything()),
  },
  { requiredKeys: [] },
);

test("whatever is given as retry, it is a whole and sound policy or a ConfigurationError", () => {
  const given = fc.oneof(options, fc.anything());
  fc.assert(
    fc.property(fc.constantFrom(DEFAULT_RETRY, NO_RETRY), given, (base, retry) => {
      try {
        const policy = resolveRetryPolicy(base, retry as never); // as: anything at all
        expect(Object.keys(policy).sort()).toEqual(KEYS);
        expect(Object.isFrozen(policy)).toBe(true);
        expect(policy.initialDelay >= 0 && policy.maxDelay >= 0 && policy.multiplier >= 1).toBe(true);
        expect(policy.maxAttempts >= 1 && policy.attemptTimeout > 0).toBe(true);
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        expect(error.message).toMatch(/^retry[.:]/);
      }
    }),
  );
});

test("no attempt begins past the deadline, none is given more than what is left, and no sleep passes it", async () => {
  const stage = fc.record({
    policy: fc.record({
      initialDelay: fc.integer({ min: 0, max: 5_000 }),
      maxDelay: fc.integer({ min: 0, max: 20_000 }),
      multiplier: fc.double({ min: 1, max: 3, noNaN: true }),
      attemptTimeout: fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.constant(Number.POSITIVE_INFINITY)),
      maxAttempts: fc.integer({ min: 1, max: 50 }),
    }),
    timeoutMs: fc.integer({ min: 1, max: 60_000 }),
    chances: fc.array(chance, { minLength: 1, maxLength: 10 }),
    durations: fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 10 }),
  });
  await fc.assert(
    fc.asyncProperty(stage, async ({ policy, timeoutMs, chances, durations }) => {
      const clock = new ManualClock({ chances });
      const plan = {
        policy: { ...DEFAULT_RETRY, ...policy },
        deadline: new Deadline(clock, timeoutMs),
        clock,
        signals: [],
      };
      let attempts = 0;
      const run = runWithRetry(plan, async (number, attemptMs) => {
        attempts = number;
        expect(clock.now()).toBeLessThanOrEqual(timeoutMs - 1);
        expect(attemptMs).toBeLessThanOrEqual(timeoutMs - clock.now());
        expect(attemptMs).toBeLessThanOrEqual(policy.attemptTimeout);
        const took = Math.min(attemptMs, durations[number % durations.length] ?? 0);
        clock.jump(took);
        const code = took === attemptMs ? 4 : 14;
        throw new RpcError({ code, text: "no", method: "S.M", transport: "t" });
      });
      await expect(clock.drive(run)).rejects.toThrow(/UNAVAILABLE|DEADLINE_EXCEEDED|the total deadline has passed/);
      expect(attempts).toBeLessThanOrEqual(policy.maxAttempts);
      expect(clock.now()).toBeLessThanOrEqual(timeoutMs);
    }),
    { numRuns: 60 },
  );
});
