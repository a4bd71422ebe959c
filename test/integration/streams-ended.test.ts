// SPDX-License-Identifier: Apache-2.0
// How streams end before their time: a deadline, an abort, a consumer that leaves.

import { runProgram } from "../support/child-program.js";
import { collect, numbersTo, openCounterClient, PADDING, requestsOf } from "../support/counter-client.js";
import { BUSY, type CounterServer, never, startCounterServer } from "../support/counter-server.js";
import { overGrpcTransports } from "../support/over-transports.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";
import { waitUntil } from "../support/wait-until.js";

overGrpcTransports(() => {
  let server: CounterServer;
  beforeAll(async () => {
    server = await startCounterServer();
  });
  beforeEach(() => server.reset());
  afterAll(() => server[Symbol.asyncDispose]());

  describe("a deadline", () => {
    it("ends a stream that gives no reply", async () => {
      await using client = openCounterClient(server.host);
      await client.double(1); // connects
      server.script = { onCall: never };
      const error = await rpcErrorOf(collect(client.count({ to: 1, paddingBytes: 0 }, { timeout: 500 })));
      expect(error.message).toBe(
        "CounterService.Count: DEADLINE_EXCEEDED: the deadline of 500 ms passed after 1 attempt",
      );
      await waitUntil("the server sees the end", () => server.last.isCancelled);
    });

    it("ends a stream in its middle, and an upload", async () => {
      await using client = openCounterClient(server.host);
      await client.double(1); // connects
      server.script = { onReply: (_, number) => (number === 3 ? never() : undefined), onRequest: never };
      const seen: number[] = [];
      const count = (async () => {
        for await (const { number } of client.count({ to: 5, paddingBytes: 0 }, { timeout: 800 })) seen.push(number);
      })();
      expect((await rpcErrorOf(count)).message).toBe(
        "CounterService.Count: DEADLINE_EXCEEDED: the deadline of 800 ms passed after 1 attempt",
      );
      expect(seen).toEqual([1, 2]);
      const sum = client.sum(requestsOf(numbersTo(100)), { timeout: 300 });
      expect((await rpcErrorOf(sum)).message).toBe(
        "CounterService.Sum: DEADLINE_EXCEEDED: the deadline of 300 ms passed after 1 attempt",
      );
    });

    it("holds while the consumer takes its time", async () => {
      await using client = openCounterClient(server.host);
      await client.double(1); // connects
      const replies = client.count({ to: 100_000, paddingBytes: 1_000 }, { timeout: 800 });
      expect((await replies.next()).value?.number).toBe(1);
      await waitUntil("the server sees the end", () => server.last.isCancelled);
      const error = await rpcErrorOf(collect(replies));
      expect(error.status).toBe("DEADLINE_EXCEEDED");
      expect(await replies.next()).toEqual({ done: true, value: undefined });
    });
  });

  describe("an abort rejects with the signal's own reason and cancels at the server", () => {
    const reason = new Error("enough");

    it("before the call: nothing is sent", async () => {
      await using client = openCounterClient(server.host);
      const options = { signal: AbortSignal.abort(reason) };
      expect(await rejectionOf(collect(client.count({ to: 1, paddingBytes: 0 }, options)))).toBe(reason);
      expect(await rejectionOf(client.sum(requestsOf([1]), options))).toBe(reason);
      expect(server.calls).toHaveLength(0);
    });

    it("before the first reply", async () => {
      server.script = { onCall: never };
      await using client = openCounterClient(server.host);
      const controller = new AbortController();
      const { signal } = controller;
      const ends = [
        rejectionOf(collect(client.count({ to: 1, paddingBytes: 0 }, { signal }))),
        rejectionOf(client.sum(requestsOf(numbersTo(3)), { signal })),
        rejectionOf(collect(client.doubleEach(requestsOf(numbersTo(3)), { signal }))),
      ];
      await waitUntil("all calls arrive", () => server.calls.length === 3);
      controller.abort(reason);
      expect(await Promise.all(ends)).toEqual([reason, reason, reason]);
      await waitUntil("the server sees the ends", () => server.calls.every(({ isCancelled }) => isCancelled));
    });

    it("between two attempts", async () => {
      server.script = {
        onCall: () => {
          throw BUSY;
        },
      };
      await using client = openCounterClient(server.host);
      const controller = new AbortController();
      const retry = { initialDelay: 3_600_000, maxDelay: 3_600_000 };
      const timeout = Number.POSITIVE_INFINITY;
      const onAttempt = (): void => controller.abort(reason);
      const options = { signal: controller.signal, retry, timeout, onAttempt };
      expect(await rejectionOf(collect(client.count({ to: 1, paddingBytes: 0 }, options)))).toBe(reason);
    });

    it("while a reply is waited for, and while none is", async () => {
      server.script = { onReply: (_, number) => (number === 3 ? never() : undefined) };
      await using client = openCounterClient(server.host);
      for (const isWaiting of [true, false]) {
        const controller = new AbortController();
        const replies = client.count({ to: 5, paddingBytes: 0 }, { signal: controller.signal });
        await replies.next();
        await replies.next();
        const third = isWaiting ? rejectionOf(replies.next()) : undefined;
        controller.abort(reason);
        expect(await (third ?? rejectionOf(replies.next()))).toBe(reason);
        expect(await replies.next()).toEqual({ done: true, value: undefined });
        await waitUntil("the server sees the end", () => server.last.isCancelled);
      }
    });

    it("in the middle of an upload, and ends the source of the requests", async () => {
      let isSourceEnded = false;
      async function* endless() {
        try {
          for (let number = 1; ; number++) yield { number, padding: PADDING };
        } finally {
          isSourceEnded = true;
        }
      }
      await using client = openCounterClient(server.host);
      const controller = new AbortController();
      const sum = rejectionOf(client.sum(endless(), { signal: controller.signal }));
      await waitUntil("requests arrive", () => (server.calls[0]?.received.length ?? 0) > 10);
      controller.abort(reason);
      expect(await sum).toBe(reason);
      await waitUntil("the source ends", () => isSourceEnded);
      await waitUntil("the server sees the end", () => server.last.isCancelled);
    });
  });

  describe("who stops reading", () => {
    it("cancels the call by leaving the loop, and ends the source of the requests", async () => {
      await using client = openCounterClient(server.host);
      let isSourceEnded = false;
      async function* endless() {
        try {
          for (let number = 1; ; number++) yield { number, padding: PADDING };
        } finally {
          isSourceEnded = true;
        }
      }
      for await (const { number } of client.doubleEach(endless())) if (number === 6) break;
      await waitUntil("the server sees the end", () => server.last.isCancelled);
      await waitUntil("the source ends", () => isSourceEnded);
    });

    it("cancels the call by throwing in the loop", async () => {
      await using client = openCounterClient(server.host);
      const mine = new Error("mine");
      const loop = (async () => {
        for await (const { number } of client.count({ to: 1_000_000, paddingBytes: 100 })) if (number === 3) throw mine;
      })();
      expect(await rejectionOf(loop)).toBe(mine);
      await waitUntil("the server sees the end", () => server.last.isCancelled);
    });

    it("cancels the call with return() while a reply is waited for", async () => {
      server.script = { onReply: never };
      await using client = openCounterClient(server.host);
      const replies = client.count({ to: 1, paddingBytes: 0 });
      const pending = replies.next();
      await waitUntil("the call arrives", () => server.calls.length === 1);
      expect(await replies.return()).toEqual({ done: true, value: undefined });
      expect(await pending).toEqual({ done: true, value: undefined });
      await waitUntil("the server sees the end", () => server.last.isCancelled);
    });

    it("cancels the call at the end of an await using", async () => {
      await using client = openCounterClient(server.host);
      {
        await using replies = client.count({ to: 1_000_000, paddingBytes: 100 });
        await replies.next();
      }
      await waitUntil("the server sees the end", () => server.last.isCancelled);
    });

    it("keeps no client from closing", async () => {
      const client = openCounterClient(server.host);
      const replies = client.count({ to: 1_000_000, paddingBytes: 100 });
      await replies.next();
      const pending = client.close({ gracePeriod: 50 });
      await pending;
      expect(await rejectionOf(replies.next())).toMatchObject({
        name: "ClientClosedError",
        message: "CounterService: the client was closed while the call was in flight",
      });
      expect(await rejectionOf(collect(client.count({ to: 1, paddingBytes: 0 })))).toMatchObject({
        message: "CounterService.Count: the client is closed",
      });
    });
  });

  it("no torn stream leaves an unhandled rejection, a crash or a process that does not end", async () => {
    const { code, stdout, stderr } = await runProgram("test/integration/programs/torn-streams.ts");
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "256 torn", stderr: "" });
  }, 240_000);
});
