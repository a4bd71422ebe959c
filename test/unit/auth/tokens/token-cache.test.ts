// SPDX-License-Identifier: Apache-2.0
// When a token is renewed and who waits, on a clock that moves by hand.

import { type IssuedToken, lifetimeFromExpiry, TokenCache } from "../../../../src/auth/tokens/token-cache.js";
import { CredentialsError } from "../../../../src/index.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { rejectionOf } from "../../../support/rejection-of.js";

const SECOND = 1_000;

/** An issuer whose answers are settled by hand. */
function stage({ lifetimeSeconds = 3600, clock = new ManualClock(), refreshTimeoutMs = 60 * SECOND } = {}) {
  const requests: { signal: AbortSignal; grant: () => void; refuse: (error: Error) => void }[] = [];
  const issued = (number: number): IssuedToken => ({
    value: `token-${number}`,
    lifetimeMs: lifetimeSeconds * SECOND,
    expiresAt: clock.wallNow() + lifetimeSeconds * SECOND,
  });
  const issue = (signal: AbortSignal): Promise<IssuedToken> =>
    new Promise((resolve, reject) => {
      const number = requests.length + 1;
      requests.push({ signal, grant: () => resolve(issued(number)), refuse: reject });
    });
  const cache = new TokenCache({ issue, clock, refreshTimeoutMs });
  const valueNow = (): string | undefined => {
    const taken = cache.take();
    if (!(taken instanceof Promise)) return taken.value;
    taken.catch(() => undefined);
    return undefined;
  };
  const fill = async (): Promise<void> => {
    const taken = cache.take();
    requests.at(-1)?.grant();
    await taken;
  };
  return { clock, cache, requests, valueNow, fill };
}

describe("a token that is good", () => {
  test("is handed out at once, without a promise, and nothing is asked", async () => {
    const { cache, requests, fill } = stage();
    await fill();
    expect(cache.take()).toMatchObject({ value: "token-1" });
    expect(cache.state).toBe("fresh");
    expect(requests).toHaveLength(1);
  });

  test("is stale 225 seconds before its end: handed out at once, and renewed once for a hundred callers", async () => {
    const { clock, cache, requests, fill, valueNow } = stage();
    await fill();
    await clock.advance((3600 - 226) * SECOND);
    expect(cache.state).toBe("fresh");
    await clock.advance(1 * SECOND);
    expect(cache.state).toBe("stale");
    const values = Array.from({ length: 100 }, valueNow);
    expect(new Set(values)).toEqual(new Set(["token-1"]));
    expect(requests).toHaveLength(2);
    requests[1]?.grant();
    await clock.advance(0);
    expect(valueNow()).toBe("token-2");
  });

  test("of one minute is renewed in its last 15 seconds, not at every call", async () => {
    const { clock, cache, requests, fill, valueNow } = stage({ lifetimeSeconds: 60 });
    await fill();
    await clock.advance(44 * SECOND);
    valueNow();
    expect([cache.state, requests.length]).toEqual(["fresh", 1]);
    await clock.advance(1 * SECOND);
    valueNow();
    expect([cache.state, requests.length]).toEqual(["stale", 2]);
  });
});

describe("callers without a token", () => {
  test("a thousand at once make one request and get one token", async () => {
    const { cache, requests } = stage();
    const waits = Array.from({ length: 1000 }, async () => cache.take());
    expect(requests).toHaveLength(1);
    requests[0]?.grant();
    expect(new Set((await Promise.all(waits)).map(({ value }) => value))).toEqual(new Set(["token-1"]));
  });

  test("one leaves by its own signal, with its own reason, and the refresh goes on for the others", async () => {
    const { cache, requests } = stage();
    const leaving = new AbortController();
    const left = cache.take(leaving);
    const stays = cache.take(new AbortController());
    const reason = new Error("enough");
    leaving.abort(reason);
    expect(await rejectionOf(Promise.resolve(left))).toBe(reason);
    expect(requests[0]?.signal.aborted).toBe(false);
    requests[0]?.grant();
    expect(await stays).toMatchObject({ value: "token-1" });
    expect(requests).toHaveLength(1);
  });

  test("one whose signal has aborted before is rejected and asks nobody twice", async () => {
    const { cache, requests } = stage();
    const reason = new Error("never mind");
    expect(await rejectionOf(Promise.resolve(cache.take({ signal: AbortSignal.abort(reason) })))).toBe(reason);
    expect(requests.length).toBeLessThanOrEqual(1);
  });
});

describe("an issuer that never answers", () => {
  test("ends at the refresh's own deadline: every waiter is rejected, its signal aborts, the next caller asks anew", async () => {
    const { clock, cache, requests } = stage();
    const waits = Array.from({ length: 3 }, () => rejectionOf(Promise.resolve(cache.take())));
    await clock.advance(59_999);
    expect(requests[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    for (const error of await Promise.all(waits)) {
      expect(error).toBeInstanceOf(CredentialsError);
      expect((error as Error).message).toBe("the credentials did not return a token within 60000 ms");
    }
    expect(requests[0]?.signal.aborted).toBe(true);
    cache.take();
    await clock.advance(10 * SECOND);
    expect(requests).toHaveLength(2);
  });

  test("is given up by the first call after the machine was suspended for longer than the deadline", async () => {
    const { clock, cache, requests } = stage();
    const first = cache.take();
    clock.jumpWall(3600 * SECOND);
    const second = cache.take();
    expect(requests).toHaveLength(2);
    requests[1]?.grant();
    expect(await second).toMatchObject({ value: "token-2" });
    requests[0]?.grant();
    expect(await first).toMatchObject({ value: "token-1" });
    expect(cache.latest).toMatchObject({ value: "token-2" });
  });
});

describe("a refresh that fails", () => {
  test("rejects those who waited with the issuer's error, and the next caller asks again after a drawn delay", async () => {
    const { clock, cache, requests } = stage();
    const failure = new Error("no");
    const waits = [cache.take(), cache.take()].map((taken) => rejectionOf(Promise.resolve(taken)));
    requests[0]?.refuse(failure);
    expect(await Promise.all(waits)).toEqual([failure, failure]);
    const next = cache.take();
    await clock.advance(124);
    expect(requests).toHaveLength(1);
    await clock.advance(1); // half of 250 ms, by the clock's chance
    expect(requests).toHaveLength(2);
    requests[1]?.grant();
    expect(await next).toMatchObject({ value: "token-2" });
  });

  test("again and again is delayed by up to twice as long each time, never more than 10 seconds", async () => {
    const { clock, cache, requests } = stage({ clock: new ManualClock({ chances: [1] }) });
    const delays: number[] = [];
    for (let failures = 0; failures < 8; failures++) {
      const startedAt = clock.now();
      const wait = rejectionOf(Promise.resolve(cache.take()));
      while (requests.length === failures) await clock.advance(50);
      delays.push(clock.now() - startedAt);
      requests.at(-1)?.refuse(new Error("no"));
      await wait;
    }
    expect(delays).toEqual([0, 250, 500, 1000, 2000, 4000, 8000, 10_000]);
  });

  test("in the background leaves the stale token in use until its end, and asks at most once per delay", async () => {
    const { clock, requests, fill, valueNow } = stage();
    await fill();
    await clock.advance(3400 * SECOND);
    expect(valueNow()).toBe("token-1");
    requests[1]?.refuse(new Error("no"));
    await clock.advance(0);
    for (let call = 0; call < 10; call++) expect(valueNow()).toBe("token-1");
    expect(requests).toHaveLength(2);
    await clock.advance(125);
    expect(valueNow()).toBe("token-1");
    expect(requests).toHaveLength(3);
    requests[2]?.refuse(new Error("no"));
    await clock.advance(200 * SECOND);
    expect(valueNow()).toBeUndefined();
  });

  test("is forgotten after a success: the next failure is delayed as the first was", async () => {
    const { clock, cache, requests, fill } = stage({ lifetimeSeconds: 60 });
    const failed = rejectionOf(Promise.resolve(cache.take()));
    requests[0]?.refuse(new Error("no"));
    await failed;
    await clock.advance(125);
    await fill();
    await clock.advance(60 * SECOND);
    cache.take();
    expect(requests).toHaveLength(3);
  });

  test("synchronously, in an issuer that throws, is a rejection like any other", async () => {
    const thrown = new Error("at once");
    const cache = new TokenCache({
      issue: () => {
        throw thrown;
      },
      clock: new ManualClock(),
      refreshTimeoutMs: 1000,
    });
    expect(await rejectionOf(Promise.resolve(cache.take()))).toBe(thrown);
  });
});

describe("clocks", () => {
  test.each([
    ["the wall clock is set ahead, as by a machine that slept", (clock: ManualClock) => clock.jumpWall(3600 * SECOND)],
    ["the process stood still", (clock: ManualClock) => clock.jump(3600 * SECOND)],
  ])("a token is not used past its end when %s", async (_what, jump) => {
    const { clock, cache, fill, valueNow } = stage();
    await fill();
    jump(clock);
    expect(cache.state).toBe("expired");
    expect(valueNow()).toBeUndefined();
  });

  test("a wall clock that is set back an hour does not lengthen a token's life", async () => {
    const { clock, cache, fill } = stage();
    await fill();
    clock.jumpWall(-3600 * SECOND);
    expect(cache.state).toBe("fresh");
    await clock.advance(3600 * SECOND);
    expect(cache.state).toBe("expired");
  });

  test("an issuer's expiry is believed only between now and what was asked for", () => {
    const clock = new ManualClock();
    const lifetime = (left: number) => lifetimeFromExpiry(clock.wallNow() + left, 3600 * SECOND, clock);
    expect(lifetime(1800 * SECOND)).toBe(1800 * SECOND);
    expect(lifetime(7200 * SECOND)).toBe(3600 * SECOND); // this machine is an hour behind
    expect(lifetime(-60 * SECOND)).toBe(3600 * SECOND); // or ahead: else every call would ask for a token
  });
});

describe("timers", () => {
  test("there is none while a token is held, in any state, and a background refresh keeps no process alive", async () => {
    const { clock, fill, valueNow, requests } = stage();
    await fill();
    expect(clock.waits).toEqual([]);
    await clock.advance(3500 * SECOND);
    valueNow();
    expect(clock.keepsAlive).toBe(false);
    requests[1]?.grant();
    await clock.advance(0);
    expect(clock.waits).toEqual([]);
  });

  test("a refresh that somebody waits for keeps the process alive, also one that began in the background", async () => {
    const { clock, cache, fill, valueNow } = stage({ lifetimeSeconds: 40 });
    await fill();
    await clock.advance(35 * SECOND);
    valueNow();
    expect(clock.keepsAlive).toBe(false);
    await clock.advance(5 * SECOND);
    cache.take();
    expect(clock.keepsAlive).toBe(true);
    expect(clock.waits).toEqual([55 * SECOND]);
  });
});

test("a token that a server refused is dropped, one that was issued since is not", async () => {
  const { cache, fill } = stage();
  await fill();
  cache.discard("token-0");
  expect(cache.state).toBe("fresh");
  cache.discard("token-1");
  expect(cache.state).toBe("empty");
});

describe("a refresh whose waiters leave", () => {
  const leaving = (cache: TokenCache, signal: AbortSignal): Promise<unknown> => {
    const waiting = cache.renew({ signal });
    return rejectionOf(waiting);
  };

  test("goes on as long as one of them stays", async () => {
    const { cache, requests } = stage();
    const first = new AbortController();
    const left = leaving(cache, first.signal);
    const staying = cache.renew({ signal: new AbortController().signal });
    first.abort(new Error("enough"));
    await left;
    expect(requests[0]?.signal.aborted).toBe(false);
    requests[0]?.grant();
    expect(await staying).toMatchObject({ value: "token-1" });
  });

  test("ends with the last of them, keeps no process running, and the next caller asks anew at once", async () => {
    const { clock, cache, requests } = stage();
    const controllers = [new AbortController(), new AbortController()];
    const left = controllers.map(({ signal }) => leaving(cache, signal));
    expect(clock.keepsAlive).toBe(true);
    for (const controller of controllers) controller.abort(new Error("enough"));
    await Promise.all(left);
    expect(requests[0]?.signal.aborted).toBe(true);
    await clock.advance(0);
    expect(clock.keepsAlive).toBe(false);
    const again = cache.renew();
    expect(requests).toHaveLength(2);
    requests[1]?.grant();
    expect(await again).toMatchObject({ value: "token-2" });
  });
});
