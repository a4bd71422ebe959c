// SPDX-License-Identifier: Apache-2.0
// What is kept of a stream of requests, for how long, and for whom.

import { ReplayBuffer } from "../../../src/rpc/replay-buffer.js";

/** A source that gives a number whenever a test says so. */
class Source implements AsyncIterator<number, undefined> {
  readonly #waiting: ((result: IteratorResult<number, undefined>) => void)[] = [];
  #last = 0;
  reads = 0;
  returns = 0;

  next(): Promise<IteratorResult<number, undefined>> {
    this.reads++;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async return(): Promise<IteratorResult<number, undefined>> {
    this.returns++;
    return { done: true, value: undefined };
  }

  give(): void {
    this.#waiting.shift()?.({ done: false, value: ++this.#last });
  }

  end(): void {
    this.#waiting.shift()?.({ done: true, value: undefined });
  }
}

function* upTo(last: number): Generator<number, undefined> {
  for (let number = 1; number <= last; number++) yield number;
}

function readyUpTo(last: number): AsyncIterator<number, undefined> {
  const numbers = upTo(last);
  return { next: async () => numbers.next() };
}

const size = (): number => 10;

async function take(iterator: AsyncIterator<number>, count: number): Promise<unknown[]> {
  const taken: unknown[] = [];
  while (taken.length < count) taken.push((await iterator.next()).value);
  return taken;
}

const open = (buffer: ReplayBuffer<number>): AsyncIterator<number> => buffer.open()[Symbol.asyncIterator]();

it("gives each attempt all requests from the first, and reads the source once", async () => {
  const buffer = new ReplayBuffer(readyUpTo(4), size, 1_000);
  expect(await take(open(buffer), 3)).toEqual([1, 2, 3]);
  const second = open(buffer);
  expect(await take(second, 4)).toEqual([1, 2, 3, 4]);
  expect(await second.next()).toEqual({ done: true, value: undefined });
  expect(await take(open(buffer), 5)).toEqual([1, 2, 3, 4, undefined]);
});

it("gives the live attempt what an earlier one was waiting for", async () => {
  const source = new Source();
  const buffer = new ReplayBuffer(source, size, 1_000);
  const first = open(buffer).next();
  const second = open(buffer).next();
  expect(source.reads).toBe(1);
  source.give();
  expect(await first).toEqual({ done: true, value: undefined });
  expect(await second).toEqual({ done: false, value: 1 });
});

it("keeps what came for an attempt that was over, until the next one asks", async () => {
  const source = new Source();
  const buffer = new ReplayBuffer(source, size, 1_000);
  const first = open(buffer).next();
  const second = open(buffer);
  buffer.commit();
  source.give();
  await first;
  expect(await second.next()).toEqual({ done: false, value: 1 });
});

it("cannot be replayed beyond its limit, and loses nothing for the attempt that is live", async () => {
  const buffer = new ReplayBuffer(readyUpTo(10), size, 25);
  const first = open(buffer);
  expect(await take(first, 2)).toEqual([1, 2]);
  expect(buffer.canReplay).toBe(true);
  const second = open(buffer);
  expect(await take(second, 3)).toEqual([1, 2, 3]);
  expect(buffer.canReplay).toBe(false);
  expect(await take(second, 8)).toEqual([4, 5, 6, 7, 8, 9, 10, undefined]);
});

it("can always be replayed with a limit of Infinity, never with one of 0, and asks for no size", async () => {
  const noSize = (): number => {
    throw new Error("nobody needs it");
  };
  const all = new ReplayBuffer(readyUpTo(3), noSize, Number.POSITIVE_INFINITY);
  await take(open(all), 3);
  expect(all.canReplay).toBe(true);
  const none = new ReplayBuffer(readyUpTo(3), noSize, 0);
  expect(none.canReplay).toBe(false);
  expect(await take(open(none), 4)).toEqual([1, 2, 3, undefined]);
});

it("is not asked for sizes after a commit, and goes on", async () => {
  let asked = 0;
  const sizeOf = (): number => ++asked;
  const buffer = new ReplayBuffer(readyUpTo(5), sizeOf, 1_000);
  const attempt = open(buffer);
  await take(attempt, 2);
  buffer.commit();
  expect(await take(attempt, 4)).toEqual([3, 4, 5, undefined]);
  expect(asked).toBe(2);
});

it("throws the source's failure in every attempt, after what came before it", async () => {
  const failure = new Error("gone");
  const numbers = upTo(2);
  const source: AsyncIterator<number, undefined> = {
    next: async () => {
      const result = numbers.next();
      if (result.done) throw failure;
      return result;
    },
  };
  const buffer = new ReplayBuffer(source, size, 1_000);
  expect(buffer.failure).toBeUndefined();
  for (let attempt = 1; attempt <= 2; attempt++) {
    const requests = open(buffer);
    expect(await take(requests, 2)).toEqual([1, 2]);
    await expect(requests.next()).rejects.toBe(failure);
  }
  expect(buffer.failure).toEqual({ error: failure });
});

it("ends the source and the attempt with itself, without waiting for either", async () => {
  const source = new Source();
  const buffer = new ReplayBuffer(source, size, 1_000);
  const requests = open(buffer);
  const pending = requests.next();
  buffer.close();
  expect(source.returns).toBe(1);
  source.end();
  expect(await pending).toEqual({ done: true, value: undefined });
  expect(await requests.next()).toEqual({ done: true, value: undefined });
  expect(source.reads).toBe(1);
});
