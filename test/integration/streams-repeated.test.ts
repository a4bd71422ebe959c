// SPDX-License-Identifier: Apache-2.0
// Which streams are repeated, with which requests, and how long: until the first reply, and never for a failure of the requests.

import { type AttemptReport, RpcError } from "../../src/index.js";
import { collect, numbersOf, numbersTo, openCounterClient, PADDING, requestsOf } from "../support/counter-client.js";
import { BUSY, type CounterServer, startCounterServer } from "../support/counter-server.js";
import { overGrpcTransports } from "../support/over-transports.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { waitUntil } from "../support/wait-until.js";

overGrpcTransports(() => {
  let server: CounterServer;
  beforeAll(async () => {
    server = await startCounterServer();
  });
  beforeEach(() => server.reset());
  afterAll(() => server[Symbol.asyncDispose]());

  describe("until the first reply a stream is repeated", () => {
    it("when it fails with a code of its policy; the consumer sees one stream", async () => {
      server.script = {
        onCall: ({ number }) => {
          if (number < 3) throw BUSY;
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
          if (number === 1 && request === 3) throw BUSY;
        },
      };
      await using client = openCounterClient(server.host);
      expect(await client.sum(requestsOf(numbersTo(5)))).toEqual({ sum: "15", count: 5 });
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
          if (number === 1) throw BUSY;
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
          if (request === 100) throw BUSY;
        },
      };
      await using client = openCounterClient(server.host);
      const error = await rpcErrorOf(client.sum(requestsOf(numbersTo(200), 16_384)));
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
          throw BUSY;
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
          throw BUSY;
        },
      };
      await using client = openCounterClient(server.host);
      const attemptsOf = async (retry: false | { maxAttempts: number }) =>
        (await rpcErrorOf(collect(client.doubleEach(requestsOf([1]), { retry })))).attempts;
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
          message: "requests: must be iterable: an array, a generator, or a stream of objects",
        });
      }
    });
  });
});
