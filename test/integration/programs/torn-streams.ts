// SPDX-License-Identifier: Apache-2.0
// Tears streams at every point that one can be torn at, and leaves what it tore. Node ends a process with an unhandled rejection.

import { setTimeout as sleep } from "node:timers/promises";
import { openCounterClient } from "../../support/counter-client.js";
import { never, startCounterServer } from "../../support/counter-server.js";

const requestOf = (number: number) => ({ number, padding: Buffer.alloc(10) });

/** Requests that end badly, each in its own way. */
const SOURCES: readonly (() => AsyncGenerator<{ number: number; padding: Buffer }>)[] = [
  async function* endless() {
    for (let number = 1; ; number++) yield requestOf(number);
  },
  async function* failing() {
    yield requestOf(1);
    throw new Error("the source fails");
  },
  async function* stuck() {
    yield requestOf(1);
    await never();
  },
  async function* failingLate() {
    try {
      yield requestOf(1);
      await sleep(30);
      yield requestOf(2);
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: a source that fails while it is ended is what is tried here
      throw new Error("the source fails at its end");
    }
  },
];

async function main(): Promise<void> {
  const server = await startCounterServer({
    onCall: async ({ number }) => {
      if (number % 3 === 0) throw { code: 14, details: "torn" };
      if (number % 5 === 0) await never();
    },
  });
  const ignored = (): void => undefined;
  let torn = 0;
  for (let round = 0; round < 4; round++) {
    const client = openCounterClient(server.host);
    for (const delayMs of [0, 1, 3, 10]) {
      for (const source of SOURCES) {
        const controller = new AbortController();
        const options = { signal: controller.signal, timeout: 40 };
        // Nobody ever looks at what is left of these, except to begin.
        client.sum(source(), options).catch(ignored);
        const doubles = client.doubleEach(source(), options);
        doubles.next().catch(ignored);
        const count = client.count({ to: 100_000, paddingBytes: 1_000 }, options);
        count.next().catch(ignored);
        client.count({ to: 1, paddingBytes: 0 }, options);
        await sleep(delayMs);
        if (round === 0) controller.abort(new Error("torn"));
        else if (round === 1) await Promise.all([doubles.return(), count.return()]);
        else if (round === 2) doubles.next().catch(ignored);
        torn += 4;
      }
    }
    if (round === 3) await sleep(100);
    await client.close({ gracePeriod: 0 });
  }
  await sleep(200);
  await server[Symbol.asyncDispose]();
  process.stdout.write(`${torn} torn`);
}

void main();
