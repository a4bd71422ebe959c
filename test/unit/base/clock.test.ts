// SPDX-License-Identifier: Apache-2.0
// The machine's clock, and waits that something can end early.

import { sleep, systemClock, waitWithin } from "../../../src/base/clock.js";
import { runProgram } from "../../support/child-program.js";
import { ManualClock } from "../../support/manual-clock.js";
import { rejectionOf } from "../../support/rejection-of.js";

const NEVER = new Promise<never>(() => undefined);
const unlimited = { timeoutMs: Number.POSITIVE_INFINITY, onTimeout: () => new Error("time is up"), signals: [] };

describe("the machine's clock", () => {
  test("its monotonic scale does not go back", () => {
    const first = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(first);
  });

  test("its wall clock is the machine's", () => {
    const before = Date.now();
    const now = systemClock.wallNow();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  test("its chance lies from 0 to below 1 and varies", () => {
    const drawn = Array.from({ length: 50 }, () => systemClock.random());
    expect(drawn.every((each) => each >= 0 && each < 1)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(1);
  });

  test("calls back after the time, not before", async () => {
    const startedAt = performance.now();
    await new Promise<void>((resolve) => void systemClock.schedule(30, resolve));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(28);
  });

  test("does not call back what was taken back", async () => {
    let calls = 0;
    systemClock.schedule(1, () => calls++)();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toBe(0);
  });

  test.each([2 ** 31, Number.MAX_SAFE_INTEGER])("does not call back at once for %d ms", async (ms) => {
    let calls = 0;
    const takeBack = systemClock.schedule(ms, () => calls++);
    await new Promise((resolve) => setTimeout(resolve, 20));
    takeBack();
    expect(calls).toBe(0);
  });

  test("keeps the process running for a wait, and for none that need not", async () => {
    const { code, stdout } = await runProgram("test/unit/base/programs/timers.ts");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "the wait that keeps the process alive is over\n" });
  });

  test("calls back at once for less than nothing", async () => {
    await new Promise<void>((resolve) => void systemClock.schedule(-5, resolve));
  });
});

describe("a wait within limits", () => {
  test("gives what the promise gives, and leaves no timer behind", async () => {
    const clock = new ManualClock();
    await expect(waitWithin(clock, Promise.resolve(7), { ...unlimited, timeoutMs: 50 })).resolves.toBe(7);
    expect(clock.waits).toEqual([]);
  });

  test("rejects with the promise's own reason", async () => {
    const reason = new Error("mine");
    expect(await rejectionOf(waitWithin(new ManualClock(), Promise.reject(reason), unlimited))).toBe(reason);
  });

  test("rejects with what onTimeout made when the time is up, and not before", async () => {
    const clock = new ManualClock();
    let ended = false;
    const wait = rejectionOf(waitWithin(clock, NEVER, { ...unlimited, timeoutMs: 50 })).finally(() => {
      ended = true;
    });
    await clock.advance(49);
    expect(ended).toBe(false);
    await clock.advance(1);
    expect(await wait).toEqual(new Error("time is up"));
  });

  test("schedules nothing when there is no limit of time", () => {
    const clock = new ManualClock();
    void waitWithin(clock, NEVER, unlimited);
    expect(clock.waits).toEqual([]);
  });

  test.each(["first", "second"])("rejects with the reason of the %s signal, whatever it is", async (which) => {
    const controllers = { first: new AbortController(), second: new AbortController() };
    const signals = [controllers.first.signal, undefined, controllers.second.signal];
    const clock = new ManualClock();
    const wait = rejectionOf(waitWithin(clock, NEVER, { ...unlimited, timeoutMs: 50, signals }));
    controllers[which === "first" ? "first" : "second"].abort("enough");
    expect(await wait).toBe("enough");
    expect(clock.waits).toEqual([]);
  });

  test("rejects at once for a signal that has already aborted", async () => {
    const clock = new ManualClock();
    const wait = waitWithin(clock, NEVER, { ...unlimited, timeoutMs: 50, signals: [AbortSignal.abort("before")] });
    expect(await rejectionOf(wait)).toBe("before");
    expect(clock.waits).toEqual([]);
  });

  // Jest fails a test in which a rejection stays unhandled.
  test("a promise that rejects after the wait has ended is no unhandled rejection", async () => {
    let rejectLate = (_reason: Error): void => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      rejectLate = reject;
    });
    const wait = waitWithin(new ManualClock(), late, { ...unlimited, signals: [AbortSignal.abort("before")] });
    expect(await rejectionOf(wait)).toBe("before");
    rejectLate(new Error("late"));
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("a sleep", () => {
  test("lasts as long as it was told", async () => {
    const clock = new ManualClock();
    let awake = false;
    const slept = sleep(clock, 100, []).then(() => {
      awake = true;
    });
    await clock.advance(99);
    expect(awake).toBe(false);
    await clock.advance(1);
    await slept;
    expect(awake).toBe(true);
  });

  test("ends at once with the signal's reason, and leaves no timer behind", async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const slept = rejectionOf(sleep(clock, 100, [controller.signal]));
    controller.abort("wake up");
    expect(await slept).toBe("wake up");
    expect(clock.waits).toEqual([]);
  });
});
