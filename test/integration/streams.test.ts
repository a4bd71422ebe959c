// SPDX-License-Identifier: Apache-2.0
// Streams in every direction against a server of grpc-js: what arrives, what is repeated, and how they end.

import { type AttemptReport, ReplyStream, RpcError, Status } from "../../src/index.js";
import { collect, numbersTo, openCounterClient } from "../support/counter-client.js";
import { type CounterServer, startCounterServer } from "../support/counter-server.js";
import { frameMessage, startHttp2Server } from "../support/http2-server.js";
import { overGrpcTransports } from "../support/over-transports.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { settle, waitUntil } from "../support/wait-until.js";

overGrpcTransports(() => {
  const PADDING = Buffer.alloc(0);
  const busy = { code: Status.UNAVAILABLE, details: "not now" };

  let server: CounterServer;
  beforeAll(async () => {
    server = await startCounterServer();
  });
  beforeEach(() => {
    server.script = {};
    server.calls.length = 0;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function* requests(numbers: Iterable<number>, paddingBytes = 0) {
    for (const number of numbers) yield { number, padding: Buffer.alloc(paddingBytes) };
  }

  /** The numbers of a count. */
  async function numbersOf(replies: AsyncIterable<{ number: number }>): Promise<number[]> {
    return (await collect(replies)).map(({ number }) => number);
  }

  describe("all four kinds", () => {
    it("answer what the server says", async () => {
      await using client = openCounterClient(server.host);
      expect(await client.double(21)).toBe(42);
      expect(await numbersOf(client.count({ to: 3, paddingBytes: 0 }))).toEqual([1, 2, 3]);
      expect(await client.sum(requests([1, 2, 3]))).toEqual({ sum: "6", count: 3 });
      expect(await numbersOf(client.doubleEach(requests([1, 2, 3])))).toEqual([2, 4, 6]);
    });

    it("take requests from a list, and none at all", async () => {
      await using client = openCounterClient(server.host);
      const list = [1, 2].map((number) => ({ number, padding: PADDING }));
      expect(await client.sum(list)).toEqual({ sum: "3", count: 2 });
      expect(await client.sum([])).toEqual({ sum: "0", count: 0 });
      expect(await numbersOf(client.doubleEach([]))).toEqual([]);
      expect(await numbersOf(client.count({ to: 0, paddingBytes: 0 }))).toEqual([]);
    });

    it("answer as it goes: a reply comes before the next request is sent", async () => {
      await using client = openCounterClient(server.host);
      let release = (): void => undefined;
      async function* oneByOne() {
        for (let number = 1; number <= 3; number++) {
          yield { number, padding: PADDING };
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        }
      }
      const seen: number[] = [];
      for await (const { number } of client.doubleEach(oneByOne())) {
        seen.push(number);
        expect(server.last.received).toHaveLength(seen.length);
        release();
      }
      expect(seen).toEqual([2, 4, 6]);
    });

    it("carry metadata, credentials, routing and the deadline", async () => {
      await using client = openCounterClient(server.host, { quotaProjectId: "ours" });
      const options = { metadata: { "x-own": "a" }, timeout: 5_000 };
      await collect(client.count({ to: 1, paddingBytes: 0 }, options));
      await client.sum(requests([1]), options);
      await collect(client.doubleEach(requests([1]), options));
      for (const { method, metadata, timeoutMs } of server.calls) {
        const get = (key: string) => metadata.get(key)[0];
        expect([method, get("authorization"), get("x-own"), get("x-goog-user-project")]).toEqual([
          method,
          "Bearer x",
          "a",
          "ours",
        ]);
        expect(get("x-goog-api-client")).toMatch(/^gl-node\/\S+ grpc\/\S+ gax\/\S+ gapic\/\S+$/);
        expect(get("x-goog-request-params")).toBe(method === "Count" ? "to=1" : undefined);
        expect(timeoutMs).toBeGreaterThan(0);
        expect(timeoutMs).toBeLessThanOrEqual(5_000);
      }
    });

    it("carry 2,000 messages in order, none lost and none doubled", async () => {
      await using client = openCounterClient(server.host);
      const all = numbersTo(2_000);
      const timeout = Number.POSITIVE_INFINITY;
      expect(await numbersOf(client.count({ to: 2_000, paddingBytes: 10 }, { timeout }))).toEqual(all);
      expect(await client.sum(requests(all), { timeout })).toEqual({ sum: "2001000", count: 2_000 });
      expect(server.last.received).toEqual(all);
      expect(await numbersOf(client.doubleEach(requests(all), { timeout }))).toEqual(all.map((number) => number * 2));
      expect(server.last.received).toEqual(all);
    }, 240_000);

    it("send nothing as long as nobody asks for a reply", async () => {
      await using client = openCounterClient(server.host);
      let pulled = 0;
      async function* counted() {
        pulled++;
        yield { number: 1, padding: PADDING };
      }
      const [count, doubles] = [client.count({ to: 1, paddingBytes: 0 }), client.doubleEach(counted())];
      expect(count).toBeInstanceOf(ReplyStream);
      await client.double(1);
      expect([server.calls.length, pulled]).toEqual([0, 0]);
      expect(await count.return()).toEqual({ done: true, value: undefined });
      expect(await doubles.return()).toEqual({ done: true, value: undefined });
      expect([server.calls.length, pulled]).toEqual([0, 0]);
    });
  });

  describe("until the first reply a stream is repeated", () => {
    it("when it fails with a code of its policy; the consumer sees one stream", async () => {
      server.script = {
        onCall: ({ number }) => {
          if (number < 3) throw busy;
        },
      };
      await using client = openCounterClient(server.host);
      const reports: AttemptReport[] = [];
      const options = { onAttempt: (report: AttemptReport) => reports.push(report) };
      expect(await numbersOf(client.count({ to: 3, paddingBytes: 0 }, options))).toEqual([1, 2, 3]);
      expect(
        reports.map(({ attempt, error, nextDelayMs }) => [attempt, Object(error).status, nextDelayMs === undefined]),
      ).toEqual([
        [1, "UNAVAILABLE", false],
        [2, "UNAVAILABLE", false],
        [3, undefined, true],
      ]);
    });

    it("with all of the requests again, though their source can be read only once", async () => {
      server.script = {
        onRequest: ({ number }, request) => {
          if (number === 1 && request === 3) throw busy;
        },
      };
      await using client = openCounterClient(server.host);
      expect(await client.sum(requests(numbersTo(5)))).toEqual({ sum: "15", count: 5 });
      expect(server.calls.map(({ received }) => received)).toEqual([
        [1, 2, 3],
        [1, 2, 3, 4, 5],
      ]);
    });

    it("with a request that an attempt was still waiting for when it failed", async () => {
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      async function* slow() {
        yield { number: 1, padding: PADDING };
        await released;
        yield { number: 2, padding: PADDING };
      }
      server.script = {
        onRequest: ({ number }) => {
          if (number === 1) throw busy;
        },
      };
      await using client = openCounterClient(server.host);
      const sum = client.sum(slow());
      await waitUntil("the second attempt arrives", () => server.calls.length === 2);
      release();
      expect(await sum).toEqual({ sum: "3", count: 2 });
    });

    it("but not when more than 1 MiB of requests is gone", async () => {
      server.script = {
        onRequest: (_, request) => {
          if (request === 100) throw busy;
        },
      };
      await using client = openCounterClient(server.host);
      const error = await rpcErrorOf(client.sum(requests(numbersTo(200), 16_384)));
      expect(error).toMatchObject({ message: "CounterService.Sum: UNAVAILABLE: not now", attempts: 1 });
      expect(server.calls).toHaveLength(1);
    });

    it("and never after it", async () => {
      const seen: number[] = [];
      server.script = {
        onReply: async (_, number) => {
          if (number < 3) return;
          // Not in one burst with the replies before, which grpc-js would drop.
          await waitUntil("the consumer has the replies before", () => seen.length === 2);
          throw busy;
        },
      };
      await using client = openCounterClient(server.host);
      const reports: AttemptReport[] = [];
      const error = await rpcErrorOf(
        (async () => {
          const options = { onAttempt: (report: AttemptReport) => reports.push(report) };
          for await (const { number } of client.count({ to: 5, paddingBytes: 0 }, options)) seen.push(number);
        })(),
      );
      expect(seen).toEqual([1, 2]);
      expect(error).toMatchObject({ message: "CounterService.Count: UNAVAILABLE: not now", attempts: 1 });
      expect(reports).toMatchObject([{ attempt: 1, error, nextDelayMs: undefined }]);
      expect(server.calls).toHaveLength(1);
    });

    it("not with retry: false, and no more often than the policy says", async () => {
      server.script = {
        onCall: () => {
          throw busy;
        },
      };
      await using client = openCounterClient(server.host);
      const attemptsOf = async (retry: false | { maxAttempts: number }) =>
        (await rpcErrorOf(collect(client.doubleEach(requests([1]), { retry })))).attempts;
      expect(await attemptsOf(false)).toBe(1);
      expect(await attemptsOf({ maxAttempts: 3 })).toBe(3);
    });

    it("on a new connection, when the old one has fallen silent", async () => {
      await using proxy = await startTcpProxy(() => server.port);
      await using client = openCounterClient(proxy.host);
      await collect(client.count({ to: 1, paddingBytes: 0 }));
      proxy.silence();
      const options = { retry: { attemptTimeout: 1_500 } };
      expect(await numbersOf(client.count({ to: 2, paddingBytes: 0 }, options))).toEqual([1, 2]);
      expect(proxy.accepted).toBe(2);
    });
  });

  describe("the requests' own failure", () => {
    test.each([
      ["an error", new Error("the disk is gone")],
      [
        "an RpcError that would be worth a retry",
        new RpcError({ code: 14, text: "upstream", method: "A.B", transport: "grpc" }),
      ],
    ])("ends the call with %s itself, without another attempt", async (_, failure) => {
      async function* failing() {
        yield { number: 1, padding: PADDING };
        throw failure;
      }
      await using client = openCounterClient(server.host);
      expect(await rejectionOf(client.sum(failing()))).toBe(failure);
      expect(await rejectionOf(collect(client.doubleEach(failing())))).toBe(failure);
      await waitUntil("the server sees the end", () => server.calls.every(({ isCancelled }) => isCancelled));
      expect(server.calls.length).toBeLessThanOrEqual(2);
    });

    it("names what is no request, and what is nothing to iterate", async () => {
      await using client = openCounterClient(server.host);
      const wrong = [{ number: 1, padding: PADDING }, { number: "x" }] as never;
      expect(await rejectionOf(client.sum(wrong))).toBeInstanceOf(Error);
      for (const nothing of [7, null, undefined, {}]) {
        expect(await rejectionOf(client.sum(nothing as never))).toMatchObject({
          name: "RequestError",
          message: "requests: must be something to iterate: a list, a generator, a stream of objects",
        });
      }
    });
  });

  it("a consumer that is slow gets what came before an error, and then the error", async () => {
    server.script = {
      onReply: async (_, number) => {
        if (number < 11) return;
        await settle();
        throw { code: Status.FAILED_PRECONDITION, details: "enough" };
      },
    };
    await using client = openCounterClient(server.host);
    const replies = client.count({ to: 20, paddingBytes: 0 });
    const seen = [(await replies.next()).value?.number];
    await waitUntil("the server has failed", () => server.last.written === 10);
    await settle(20);
    const error = await rpcErrorOf(
      (async () => {
        for await (const { number } of replies) seen.push(number);
      })(),
    );
    expect(seen).toEqual(numbersTo(10));
    expect(error.message).toBe("CounterService.Count: FAILED_PRECONDITION: enough");
  });

  describe("a service that breaks the rules", () => {
    it("fails with INTERNAL when a reply is no message, and cancels", async () => {
      let isCut = false;
      await using odd = await startHttp2Server((stream) => {
        stream.once("close", () => {
          isCut = true;
        });
        stream.respond({ ":status": 200, "content-type": "application/grpc" });
        stream.write(Buffer.concat([frameMessage(Buffer.from([0x08, 1])), frameMessage(Buffer.from([0x08]))]));
      });
      await using client = openCounterClient(odd.host);
      const replies = client.count({ to: 2, paddingBytes: 0 });
      expect((await replies.next()).value?.number).toBe(1);
      expect(await rpcErrorOf(replies.next())).toMatchObject({
        message: "CounterService.Count: INTERNAL: a reply is no valid message",
      });
      expect(await replies.next()).toEqual({ done: true, value: undefined });
      await waitUntil("the server sees the end", () => isCut);
    });

    test.each([
      ["no message", 0],
      ["more than one message", 2],
    ])("fails with INTERNAL when a client stream is answered with %s", async (what, replies) => {
      await using odd = await startHttp2Server((stream) => {
        stream.resume();
        stream.on("end", () => {
          stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
          stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
          for (let reply = 0; reply < replies; reply++) stream.write(frameMessage(Buffer.alloc(0)));
          stream.end();
        });
      });
      await using client = openCounterClient(odd.host);
      const error = await rpcErrorOf(client.sum(requests([1])));
      expect(error).toMatchObject({ message: `CounterService.Sum: INTERNAL: the service answered with ${what}` });
    });
  });

  it("a transport that carries no streams refuses them, and says which does", async () => {
    await using client = openCounterClient(server.host, { transport: "rest" });
    expect(await rpcErrorOf(collect(client.count({ to: 1, paddingBytes: 0 })))).toMatchObject({
      message: 'CounterService.Count: UNIMPLEMENTED: the transport "rest" carries no streams; use "grpc"',
    });
  });
});
