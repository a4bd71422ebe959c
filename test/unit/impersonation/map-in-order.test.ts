// SPDX-License-Identifier: Apache-2.0
// Order, backpressure and ends of work on a stream, with work that is settled by hand.

import { setImmediate as turn } from "node:timers/promises";
import { mapInOrder } from "../../../src/impersonation/map-in-order.js";
import { rejectionOf } from "../../support/rejection-of.js";

/** Work that is settled by hand, on an input of numbers that counts how far it was read. */
function stage({ items = 100, concurrency = 3, signal = undefined as AbortSignal | undefined } = {}) {
  const jobs = new Map<number, { finish: () => void; fail: (error: Error) => void; signal: AbortSignal }>();
  const state = { read: 0, isClosed: false };
  async function* input(): AsyncGenerator<number> {
    try {
      for (let item = 0; item < items; item++) {
        state.read++;
        yield item;
      }
    } finally {
      state.isClosed = true;
    }
  }
  const work = (item: number, stop: AbortSignal): Promise<string> =>
    new Promise((resolve, reject) =>
      jobs.set(item, { finish: () => resolve(`result ${item}`), fail: reject, signal: stop }),
    );
  return { jobs, state, results: mapInOrder(input(), work, { concurrency, signal }) };
}

async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await turn();
}

test("results come in the order of the input, however the work ends", async () => {
  const { jobs, results } = stage({ items: 3 });
  const all = collect(results);
  await settle();
  for (const item of [2, 0, 1]) {
    jobs.get(item)?.finish();
    await settle();
  }
  expect(await all).toEqual(["result 0", "result 1", "result 2"]);
});

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const result of results) all.push(result);
  return all;
}

test("no more of the input is read than may be under way, while nobody takes a result", async () => {
  const { jobs, state, results } = stage({ concurrency: 3 });
  const first = results.next();
  await settle();
  expect(state.read).toBe(3);
  for (const item of [0, 1, 2]) jobs.get(item)?.finish();
  expect(await first).toEqual({ done: false, value: "result 0" });
  await settle();
  expect(state.read).toBeLessThanOrEqual(4);
  await results.return();
});

test("a consumer that leaves ends the work in flight and closes the input", async () => {
  const { jobs, state, results } = stage();
  const first = results.next();
  await settle();
  jobs.get(0)?.finish();
  await first;
  await results.return();
  expect(jobs.get(1)?.signal.aborted).toBe(true);
  expect(state.isClosed).toBe(true);
});

test("work that fails is told at its place in the order, after what came before it", async () => {
  const { jobs, state, results } = stage();
  const first = results.next();
  await settle();
  jobs.get(1)?.fail(new Error("the second failed"));
  await settle();
  jobs.get(0)?.finish();
  expect(await first).toEqual({ done: false, value: "result 0" });
  expect(await rejectionOf(results.next())).toEqual(new Error("the second failed"));
  expect(state.isClosed).toBe(true);
  expect(await results.next()).toEqual({ done: true, value: undefined });
});

test("an input that fails is told after the results of what it gave", async () => {
  async function* broken(): AsyncGenerator<number> {
    yield 0;
    throw new Error("the input broke");
  }
  const results = mapInOrder(broken(), async (item) => item, { concurrency: 4, signal: undefined });
  expect(await results.next()).toEqual({ done: false, value: 0 });
  expect(await rejectionOf(results.next())).toEqual(new Error("the input broke"));
});

test("a slow input does not hold back a result that is ready", async () => {
  async function* slow(): AsyncGenerator<number> {
    yield 0;
    await new Promise(() => undefined);
  }
  const results = mapInOrder(slow(), async (item) => `result ${item}`, { concurrency: 4, signal: undefined });
  expect(await results.next()).toEqual({ done: false, value: "result 0" });
});

test("an abort rejects with the signal's reason, and reaches the work", async () => {
  const controller = new AbortController();
  const { jobs, results } = stage({ signal: controller.signal });
  const first = rejectionOf(results.next());
  await settle();
  const reason = new Error("enough");
  controller.abort(reason);
  const job = jobs.get(0);
  expect(job?.signal.reason).toBe(reason);
  job?.fail(reason);
  expect(await first).toBe(reason);
});

test("takes synchronous input, and none at all", async () => {
  const double = async (item: number) => item * 2;
  expect(await collect(mapInOrder([1, 2, 3], double, { concurrency: 2, signal: undefined }))).toEqual([2, 4, 6]);
  expect(await collect(mapInOrder([], double, { concurrency: 2, signal: undefined }))).toEqual([]);
});
