// SPDX-License-Identifier: Apache-2.0
// Streams in every direction against a server of grpc-js: what arrives, and what becomes of a service that breaks the rules.

import { AsyncLocalStorage } from "node:async_hooks";
import { ReplyStream, Status } from "../../src/index.js";
import { collect, numbersOf, numbersTo, openCounterClient, PADDING, requestsOf } from "../support/counter-client.js";
import { type CounterServer, startCounterServer } from "../support/counter-server.js";
import { frameMessage, startHttp2Server } from "../support/http2-server.js";
import { overGrpcTransports } from "../support/over-transports.js";
import { rpcErrorOf } from "../support/rejection-of.js";
import { settle, waitUntil } from "../support/wait-until.js";

overGrpcTransports(() => {
  let server: CounterServer;
  beforeAll(async () => {
    server = await startCounterServer();
  });
  beforeEach(() => server.reset());
  afterAll(() => server[Symbol.asyncDispose]());

  describe("all four kinds", () => {
    it("answer what the server says", async () => {
      await using client = openCounterClient(server.host);
      expect(await client.double(21)).toBe(42);
      expect(await numbersOf(client.count({ to: 3, paddingBytes: 0 }))).toEqual([1, 2, 3]);
      expect(await client.sum(requestsOf([1, 2, 3]))).toEqual({ sum: "6", count: 3 });
      expect(await numbersOf(client.doubleEach(requestsOf([1, 2, 3])))).toEqual([2, 4, 6]);
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

    it("ask for requests in the caller's async context, whoever connects first", async () => {
      await using client = openCounterClient(server.host);
      const caller = new AsyncLocalStorage<number>();
      const seen: unknown[] = [];
      async function* requests() {
        for (const number of [1, 2]) {
          seen.push(caller.getStore());
          yield { number, padding: PADDING };
        }
      }
      await Promise.all([1, 2, 3].map((name) => caller.run(name, () => client.sum(requests()))));
      expect(seen.sort()).toEqual([1, 1, 2, 2, 3, 3]);
    });

    it("carry metadata, credentials, routing and the deadline", async () => {
      await using client = openCounterClient(server.host, { quotaProjectId: "ours" });
      const options = { metadata: { "x-own": "a" }, timeout: 5_000 };
      await collect(client.count({ to: 1, paddingBytes: 0 }, options));
      await client.sum(requestsOf([1]), options);
      await collect(client.doubleEach(requestsOf([1]), options));
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
      expect(await client.sum(requestsOf(all), { timeout })).toEqual({ sum: "2001000", count: 2_000 });
      expect(server.last.received).toEqual(all);
      expect(await numbersOf(client.doubleEach(requestsOf(all), { timeout }))).toEqual(all.map((number) => number * 2));
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
        message: "CounterService.Count: INTERNAL: a response message is not valid",
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
      const error = await rpcErrorOf(client.sum(requestsOf([1])));
      expect(error).toMatchObject({ message: `CounterService.Sum: INTERNAL: the service sent ${what}` });
    });
  });

  it("a transport that carries no streams refuses them, and says which does", async () => {
    await using client = openCounterClient(server.host, { transport: "rest" });
    expect(await rpcErrorOf(collect(client.count({ to: 1, paddingBytes: 0 })))).toMatchObject({
      message: 'CounterService.Count: UNIMPLEMENTED: the transport "rest" does not support streaming; use "grpc"',
    });
  });
});
