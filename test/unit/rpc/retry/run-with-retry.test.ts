// SPDX-License-Identifier: Apache-2.0
// Attempts, delays between them, and when to give up.

import { RpcError, Status, type StatusName } from "../../../../src/index.js";
import { Deadline } from "../../../../src/rpc/retry/deadline.js";
import { DEFAULT_RETRY, NO_RETRY, type RetryPolicy } from "../../../../src/rpc/retry/policy.js";
import { DeadlineSpent, type RetryPlan, runWithRetry } from "../../../../src/rpc/retry/run-with-retry.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { rejectionOf } from "../../../support/rejection-of.js";

function errorOf(status: StatusName): RpcError {
  return new RpcError({ code: Status[status], text: "no", method: "S.M", transport: "t" });
}

interface Attempt {
  readonly number: number;
  readonly timeoutMs: number;
  readonly at: number;
}

/** A plan on a manual clock, and the attempts that ran under it. */
function stage(policy: Partial<RetryPolicy> = {}, timeoutMs = 60_000, chances: readonly number[] = [0.5]) {
  const clock = new ManualClock({ chances });
  const attempts: Attempt[] = [];
  const failures: [number, unknown, number | undefined][] = [];
  const plan: RetryPlan = {
    policy: { ...DEFAULT_RETRY, ...policy },
    deadline: new Deadline(clock, timeoutMs),
    clock,
    signals: [],
    onFailure: (...failure) => failures.push(failure),
  };
  /** Runs scenes, one per attempt, the last for all that follow; text is a status, anything else the result. */
  const run = (scenes: readonly (StatusName | (() => unknown))[], over: Partial<RetryPlan> = {}) =>
    runWithRetry({ ...plan, ...over }, async (number, attemptMs) => {
      attempts.push({ number, timeoutMs: attemptMs, at: clock.now() });
      const scene = scenes[Math.min(number, scenes.length) - 1];
      if (typeof scene === "string") throw errorOf(scene);
      return scene?.();
    });
  return { clock, attempts, failures, plan, run };
}

test("gives what the first attempt gives", async () => {
  const { run, attempts } = stage();
  await expect(run([() => 7])).resolves.toBe(7);
  expect(attempts).toEqual([{ number: 1, timeoutMs: 20_000, at: 0 }]);
});

test("numbers the attempts from 1 and waits half of each bound between them", async () => {
  const { run, attempts, clock, failures } = stage();
  await expect(clock.drive(run(["UNAVAILABLE", "DEADLINE_EXCEEDED", () => "done"]))).resolves.toBe("done");
  expect(attempts.map(({ number, at }) => [number, at])).toEqual([
    [1, 0],
    [2, 50],
    [3, 115],
  ]);
  expect(failures.map(([number, , delay]) => [number, delay])).toEqual([
    [1, 50],
    [2, 65],
  ]);
});

test.each(["INTERNAL", "PERMISSION_DENIED", "CANCELLED", "UNKNOWN", "RESOURCE_EXHAUSTED"] as const)(
  "%s is thrown as it came, after one attempt",
  async (status) => {
    const { run, attempts, failures } = stage();
    const error = errorOf(status);
    const reason = await rejectionOf(
      run([
        () => {
          throw error;
        },
      ]),
    );
    expect(reason).toBe(error);
    expect(attempts).toHaveLength(1);
    expect(failures).toEqual([[1, error, undefined]]);
  },
);

test("what is no RpcError is thrown as it came, whatever it looks like", async () => {
  const { run } = stage();
  const fake = { status: "UNAVAILABLE", code: 14 };
  const reason = await rejectionOf(
    run([
      () => {
        throw fake;
      },
    ]),
  );
  expect(reason).toBe(fake);
});

test("maxAttempts counts the first, and the last error is thrown as it came", async () => {
  const { run, attempts, clock } = stage({ maxAttempts: 3 });
  const reason = await rejectionOf(clock.drive(run(["UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE", () => 7])));
  expect(reason).toBeInstanceOf(RpcError);
  expect((reason as RpcError).status).toBe("UNAVAILABLE"); // as: the line above says so
  expect(attempts).toHaveLength(3);
});

test("no retry is one attempt with all the time there is", async () => {
  const { run, attempts } = stage(NO_RETRY, 45_000);
  await rejectionOf(run(["UNAVAILABLE"]));
  expect(attempts).toEqual([{ number: 1, timeoutMs: 45_000, at: 0 }]);
});

describe("the time of an attempt", () => {
  test("is the policy's while the whole leaves as much", async () => {
    const { run, attempts } = stage({ attemptTimeout: 5_000 }, 60_000);
    await run([() => 7]);
    expect(attempts[0]?.timeoutMs).toBe(5_000);
  });

  test("is never more than what is left of the whole", async () => {
    const { run, attempts, clock } = stage({ attemptTimeout: 5_000 }, 12_000, [0]);
    const slow = () => {
      clock.jump(5_000);
      throw errorOf("DEADLINE_EXCEEDED");
    };
    await clock.drive(run([slow, slow, () => 7]));
    expect(attempts.map((each) => each.timeoutMs)).toEqual([5_000, 5_000, 2_000]);
  });

  test("is without end when nothing limits it", async () => {
    const { run, attempts } = stage({ attemptTimeout: Number.POSITIVE_INFINITY }, Number.POSITIVE_INFINITY);
    await run([() => 7]);
    expect(attempts[0]?.timeoutMs).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the total deadline", () => {
  test("ends the attempts before a delay that would pass it begins", async () => {
    const { run, attempts, clock, failures } = stage({}, 400, [1]);
    const reason = await rejectionOf(clock.drive(run(["UNAVAILABLE"])));
    expect(reason).toBeInstanceOf(DeadlineSpent);
    // Delays of 100, 130 and 169 ms; the third fits, a fourth of 219.7 would not.
    expect(attempts.map((each) => Math.round(each.at))).toEqual([0, 100, 230, 399]);
    expect(Math.round(clock.now())).toBe(399);
    expect(failures.at(-1)?.[2]).toBeUndefined();
  });

  test("does not let a delay begin that would end with it", async () => {
    const { run, attempts, clock } = stage({}, 100, [1]);
    const reason = await rejectionOf(clock.drive(run(["UNAVAILABLE"])));
    expect(reason).toBeInstanceOf(DeadlineSpent);
    expect(attempts).toHaveLength(1);
    expect(clock.now()).toBe(0);
  });

  test("does not let an attempt begin with less than a millisecond left", async () => {
    const { run, attempts, clock } = stage({}, 100.5, [1]);
    const reason = await rejectionOf(clock.drive(run(["UNAVAILABLE"])));
    expect(reason).toMatchObject({ message: "the total deadline has passed", attempts: 1 });
    expect(attempts).toHaveLength(1);
    expect(clock.now()).toBe(100);
  });

  test("does not let a first attempt begin when it is spent already", async () => {
    const { run, attempts, clock } = stage({}, 100);
    clock.jump(100);
    expect(await rejectionOf(run([() => 7]))).toMatchObject({ attempts: 0, lastStatusError: undefined });
    expect(attempts).toEqual([]);
  });

  test("names the attempts, the last attempt's error as cause, and the last error that was not its own cut", async () => {
    const { run, clock } = stage({}, 1_000, [0]);
    const unavailable = errorOf("UNAVAILABLE");
    const cut = errorOf("DEADLINE_EXCEEDED");
    const reason = await rejectionOf(
      clock.drive(
        run([
          () => {
            throw unavailable;
          },
          () => {
            clock.jump(1_000);
            throw cut;
          },
        ]),
      ),
    );
    expect(reason).toBeInstanceOf(DeadlineSpent);
    expect(reason).toMatchObject({ attempts: 2, lastStatusError: unavailable, cause: cut });
  });

  test("cuts an attempt under a policy that repeats nothing, too", async () => {
    const { run, clock } = stage(NO_RETRY, 1_000);
    const cut = () => {
      clock.jump(1_000);
      throw errorOf("DEADLINE_EXCEEDED");
    };
    expect(await rejectionOf(run([cut]))).toBeInstanceOf(DeadlineSpent);
  });

  test("does not hide an error that would be thrown anyway and came late", async () => {
    const { run, clock } = stage({}, 1_000);
    const denied = errorOf("PERMISSION_DENIED");
    const late = () => {
      clock.jump(2_000);
      throw denied;
    };
    expect(await rejectionOf(run([late]))).toBe(denied);
  });

  test("does not hide an answer that came late", async () => {
    const { run, clock } = stage({}, 1_000);
    const late = () => {
      clock.jump(2_000);
      return "late";
    };
    await expect(run([late])).resolves.toBe("late");
  });
});

describe("an abort", () => {
  test("before the first attempt rejects with the signal's reason itself", async () => {
    const { run, attempts } = stage();
    const reason = { why: "enough" };
    expect(await rejectionOf(run([() => 7], { signals: [undefined, AbortSignal.abort(reason)] }))).toBe(reason);
    expect(attempts).toEqual([]);
  });

  test("during a delay rejects at once, and nothing stays scheduled", async () => {
    const { run, attempts, clock } = stage();
    const controller = new AbortController();
    const call = rejectionOf(run(["UNAVAILABLE"], { signals: [controller.signal] }));
    await clock.advance(10);
    expect(clock.waits).toEqual([40]);
    controller.abort("enough");
    expect(await call).toBe("enough");
    expect(clock.waits).toEqual([]);
    expect(attempts).toHaveLength(1);
  });

  test("during an attempt lets no other follow", async () => {
    const { run, attempts, clock } = stage({ initialDelay: 0 });
    const controller = new AbortController();
    const abort = () => {
      controller.abort("enough");
      throw errorOf("UNAVAILABLE");
    };
    expect(await rejectionOf(clock.drive(run([abort, () => 7], { signals: [controller.signal] })))).toBe("enough");
    expect(attempts).toHaveLength(1);
  });
});
