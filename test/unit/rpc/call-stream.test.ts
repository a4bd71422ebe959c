// SPDX-License-Identifier: Apache-2.0
// The road of a streaming call over a scripted transport: its attempts until the first reply, what the transport is handed, and its ends.

import { describe, expect, it, test } from "@jest/globals";
import { RpcError } from "../../../src/base/errors.js";
import { createServiceClient } from "../../../src/client/service-client.js";
import type { CallOptions } from "../../../src/rpc/call-options.js";
import { rowFromStub } from "../../../src/rpc/method/row-from-stub.js";
import type { StreamCall } from "../../../src/rpc/transport/transport.js";
import { CounterServiceService as stubs } from "../../streaming/generated/streaming/v1/counter.js";
import { COUNTER, collect, counterRows } from "../../support/counter-client.js";
import { ManualClock } from "../../support/manual-clock.js";
import { rejectionOf, rpcErrorOf } from "../../support/rejection-of.js";
import { ScriptedTransport } from "../../support/scripted-transport.js";

type Attempt = StreamCall<{ readonly number: number }, object>;
/** What becomes of one attempt: its replies. */
type Play = (attempt: Attempt) => AsyncIterable<object> | Iterable<object>;

class StreamingTransport extends ScriptedTransport {
  readonly attempts: Attempt[] = [];
  readonly #plays: Play[];

  constructor(...plays: Play[]) {
    super();
    this.#plays = plays;
  }

  async *stream<Message, Reply>(call: StreamCall<Message, Reply>): AsyncGenerator<Reply, undefined> {
    const attempt = call as unknown as Attempt; // as: the scripts know which method they answer
    this.attempts.push(attempt);
    const play = this.#plays.length > 1 ? this.#plays.shift() : this.#plays[0];
    for await (const reply of play?.(attempt) ?? []) {
      attempt.signal.throwIfAborted();
      yield reply as Reply; // as: see above
    }
  }
}

function open(...plays: Play[]) {
  const transport = new StreamingTransport(...plays);
  const clock = new ManualClock();
  const tokens = { asked: 0 };
  transport.tokenProvider = { getRequestMetadata: () => ({ authorization: `Bearer ${++tokens.asked}` }) };
  const client = createServiceClient(COUNTER, counterRows, { transport, clock });
  return { transport, clock, client, tokens };
}

const replies = (...numbers: number[]) => numbers.map((number) => ({ number, padding: Buffer.alloc(0) }));

/** What fails when its first item is asked for. */
function failing(reason: unknown): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(reason) }) };
}

const fail = (code: number, text = "try later") =>
  failing(new RpcError({ code, text, method: "CounterService.Count", transport: "scripted" }));

const DONE = { done: true, value: undefined };
const COUNT = { to: 3, paddingBytes: 0 };

describe("a streaming call", () => {
  it("begins when the first reply is asked for", async () => {
    const { client, transport, tokens } = open(() => replies(1));
    const stream = client.count(COUNT);
    expect([transport.attempts.length, tokens.asked]).toEqual([0, 0]);
    expect((await stream.next()).value).toMatchObject({ number: 1 });
    expect([transport.attempts.length, tokens.asked, stream[Symbol.asyncIterator]()]).toEqual([1, 1, stream]);
  });

  it("hands the transport its message, routing, token and both times", async () => {
    const { client, transport } = open(() => replies(1));
    await collect(client.count(COUNT, { timeout: 9_000, retry: { attemptTimeout: 500 }, metadata: { "x-own": "1" } }));
    const [attempt] = transport.attempts;
    expect(attempt).toMatchObject({
      timeoutMs: 9_000,
      firstReplyTimeoutMs: 500,
      method: { label: "CounterService.Count" },
    });
    expect(attempt?.metadata).toEqual(
      expect.arrayContaining([
        ["x-goog-request-params", "to=3"],
        ["authorization", "Bearer 1"],
        ["x-own", "1"],
      ]),
    );
    expect(await collect(attempt?.messages ?? (async function* () {})())).toEqual([]);
  });

  it("has no time for the first reply where requests stream: it may come after the last of them", async () => {
    const { client, transport } = open(() => replies(1));
    await collect(client.doubleEach([], { retry: { attemptTimeout: 500 } }));
    expect(transport.attempts[0]?.firstReplyTimeoutMs).toBe(Number.POSITIVE_INFINITY);
  });

  it("is attempted again until its first reply, each time with a new token, and tells its listener", async () => {
    const { client, clock, transport, tokens } = open(
      () => fail(14),
      () => replies(1, 2),
    );
    const seen: unknown[] = [];
    const onAttempt: CallOptions["onAttempt"] = ({ attempt, error }) => seen.push([attempt, Object(error).status]);
    const all = await clock.drive(collect(client.count(COUNT, { onAttempt })));
    expect(all).toHaveLength(2);
    expect([transport.attempts.length, tokens.asked]).toEqual([2, 2]);
    expect(seen).toEqual([
      [1, "UNAVAILABLE"],
      [2, undefined],
    ]);
  });

  it("is not attempted again after a reply; the error counts the attempts", async () => {
    const { client, clock, transport } = open(
      () => fail(14),
      async function* () {
        yield* replies(1);
        yield* fail(14, "gone");
      },
    );
    const stream = client.count(COUNT);
    await clock.drive(stream.next());
    expect(await rpcErrorOf(stream.next())).toMatchObject({
      attempts: 2,
      message: "CounterService.Count: UNAVAILABLE: gone",
    });
    expect(transport.attempts).toHaveLength(2);
  });

  it("sends its requests from the first in each attempt, reading their source once", async () => {
    const sent: number[][] = [];
    const take = async (attempt: Attempt, count: number) => {
      const numbers: number[] = [];
      sent.push(numbers);
      for await (const { number } of attempt.messages) if (numbers.push(number) === count) return;
    };
    const { client, clock } = open(
      async function* (attempt) {
        await take(attempt, 2);
        yield* fail(14);
      },
      async function* (attempt) {
        await take(attempt, 3);
        yield* replies(1);
      },
    );
    function* source() {
      for (const number of [1, 2, 3]) yield { number, padding: Buffer.alloc(0) };
    }
    await clock.drive(collect(client.doubleEach(source())));
    expect(sent).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
  });

  it("fails with what its requests threw, at the first attempt", async () => {
    const reason = new Error("no more numbers");
    const { client, transport } = open(({ messages }) => messages);
    expect(await rejectionOf(collect(client.doubleEach(failing(reason))))).toBe(reason);
    expect(transport.attempts).toHaveLength(1);
  });

  test.each([[5], [undefined], [null], [{}]])("takes no %j for requests, and sends nothing", async (requests) => {
    const { client, transport } = open(() => replies(1));
    const stream = client.doubleEach(requests as never); // as: what JavaScript may give
    expect(await rejectionOf(stream.next())).toMatchObject({
      name: "RequestError",
      field: "requests",
      message: "requests: must be iterable: an array, a generator, or a stream of objects",
    });
    expect(transport.attempts).toEqual([]);
  });

  it("is refused by a transport that carries no streams", async () => {
    const client = createServiceClient(COUNTER, counterRows, { transport: new ScriptedTransport() });
    expect((await rpcErrorOf(client.count(COUNT).next())).message).toBe(
      'CounterService.Count: UNIMPLEMENTED: the transport "scripted" does not support streaming; use "grpc"',
    );
  });
});

describe("the end of a stream", () => {
  it("comes to the transport when the consumer leaves the loop", async () => {
    const { client, transport } = open(() => replies(1, 2, 3));
    for await (const _ of client.count(COUNT)) break;
    expect(transport.attempts[0]?.signal.aborted).toBe(true);
  });

  it("is the deadline's when it passes before the first reply, with the last status", async () => {
    const { client, clock } = open(() => fail(14));
    const error = await rpcErrorOf(clock.drive(collect(client.count(COUNT, { timeout: 50 }))));
    expect(error.message).toMatch(
      /^CounterService\.Count: DEADLINE_EXCEEDED: the deadline of 50 ms passed after \d+ attempts; the last status was UNAVAILABLE: try later$/,
    );
  });

  it("is the caller's reason after an abort, and that the client is closed after a close", async () => {
    const { client, transport } = open(function* ({ signal }) {
      yield* replies(1);
      while (!signal.aborted) yield* replies(2);
      throw signal.reason;
    });
    const stop = new AbortController();
    const stream = client.count(COUNT, { signal: stop.signal });
    await stream.next();
    const reason = new Error("enough");
    stop.abort(reason);
    expect(await rejectionOf(stream.next())).toBe(reason);
    await client.close();
    expect(await rejectionOf(client.count(COUNT).next())).toMatchObject({ name: "ClientClosedError" });
    expect(transport.attempts).toHaveLength(1);
  });
});

/** A transport whose streams have these replies. */
const transportOf = (replies: object) =>
  Object.assign(new ScriptedTransport(), { stream: () => replies }) as never as ScriptedTransport; // as: the script knows which method it answers

const clientOf = (transport: ScriptedTransport, rows = counterRows) =>
  createServiceClient(COUNTER, rows, { transport, clock: new ManualClock() });

const broken = () => {
  throw new Error("broken");
};

describe("asking for replies", () => {
  /** Replies of which some are here before they are asked for. */
  function arriving(arrived: number[], waited: number[]) {
    const log: string[] = [];
    let isWaiting = false;
    const next = async (): Promise<IteratorResult<object, undefined>> => {
      if (isWaiting) throw new Error("the transport was asked twice at a time");
      isWaiting = true;
      log.push("next");
      await Promise.resolve();
      isWaiting = false;
      const number = waited.shift();
      return number === undefined ? { done: true, value: undefined } : { done: false, value: { number } };
    };
    const nextNow = () => {
      const number = log.length === 0 ? undefined : arrived.shift();
      if (number !== undefined) log.push("nextNow");
      return number === undefined ? undefined : { done: false as const, value: { number } };
    };
    return { log, transport: transportOf({ next, nextNow }) };
  }

  it("waits for no reply that is here already", async () => {
    const { log, transport } = arriving([2, 3], [1, 4]);
    const all = await collect(clientOf(transport).count(COUNT));
    expect(all.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(log).toEqual(["next", "nextNow", "nextNow", "next", "next"]);
  });

  it("several times at once gives them in order, and then the end", async () => {
    const { log, transport } = arriving([2], [1, 3]);
    const stream = clientOf(transport).count(COUNT);
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => stream.next()));
    expect(all.map(({ done, value }) => (done ? "done" : value.number))).toEqual([1, 2, 3, "done", "done"]);
    expect(log).toEqual(["next", "nextNow", "next", "next"]);
  });

  it("rejects with what the transport throws instead of telling whether a reply is here", async () => {
    const next = async () => ({ done: false, value: { number: 1 } });
    const client = clientOf(transportOf({ next, nextNow: broken }));
    const stream = client.count(COUNT);
    await stream.next();
    expect(await rejectionOf(stream.next())).toMatchObject({ message: "broken" });
    expect(await stream.next()).toEqual(DONE);
    await client.close(); // hangs while a call is in flight
  });

  test.each([1, 2, 3])("ends the call when reply %d cannot be told, and says why", async (bad) => {
    const { transport } = arriving([2], [1, 3, 4]);
    const count = rowFromStub(stubs.count, {
      respond: (reply) => {
        if (reply.number === bad) throw new RangeError("unheard of");
        return reply;
      },
    });
    const client = clientOf(transport, { ...counterRows, count });
    const stream = client.count(COUNT);
    for (let number = 1; number < bad; number++) expect(await stream.next()).toMatchObject({ value: { number } });
    expect(await rejectionOf(stream.next())).toMatchObject({ name: "RangeError", message: "unheard of" });
    expect(await stream.next()).toEqual(DONE);
    await client.close(); // hangs while a call is in flight
  });
});

describe("leaving a stream", () => {
  /** Replies that clean up after themselves, as those of a transport that wraps another. */
  function guarded() {
    const log: string[] = [];
    const play: Play = async function* () {
      try {
        yield* replies(1, 2);
        log.push("end");
      } finally {
        log.push("finally");
      }
    };
    return { log, ...open(play) };
  }

  it("between two replies ends the transport's, so that it can clean up", async () => {
    const { log, client } = guarded();
    for await (const { number } of client.count(COUNT)) if (number === 1) break;
    await new Promise(setImmediate);
    expect(log).toEqual(["finally"]);
  });

  it("because a reply cannot be told ends the transport's, too", async () => {
    const { log, transport } = guarded();
    const respond = () => {
      throw new RangeError("unheard of");
    };
    const count = rowFromStub(stubs.count, { respond });
    const client = clientOf(transport, { ...counterRows, count });
    await rejectionOf(client.count(COUNT).next());
    await new Promise(setImmediate);
    expect(log).toEqual(["finally"]);
  });

  it("ends it all the same when the transport's replies cannot be ended", async () => {
    const next = async () => ({ done: false, value: { number: 1 } });
    const client = clientOf(transportOf({ next, return: broken }));
    for await (const _ of client.count(COUNT)) break;
    await client.close(); // hangs while a call is in flight
  });

  const pending: Play = ({ signal }) => ({
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    }),
  });

  it("that has not begun begins nothing", async () => {
    const { client, transport } = open(() => replies(1));
    const stream = client.count(COUNT);
    expect([await stream.return(), await stream.next(), transport.attempts.length]).toEqual([DONE, DONE, 0]);
    await client.close();
  });

  test.each([
    ["its first reply", pending],
    [
      "a later reply",
      async function* (attempt: Attempt) {
        yield* replies(1);
        yield* pending(attempt);
      } as Play,
    ],
  ])("that waits for %s ends the wait without an error, then whoever asked after it", async (_, play) => {
    const { client, transport } = open(play);
    const stream = client.count(COUNT);
    if (play !== pending) await stream.next();
    const ends: string[] = [];
    const told = (end: Promise<unknown>, name: string) =>
      end.then((result) => {
        ends.push(name);
        return result;
      });
    const asked = [told(stream.next(), "first"), told(stream.next(), "second")];
    await new Promise(setImmediate); // the call has reached the transport
    const all = [...asked, told(stream.return(), "return")];
    expect(await Promise.all(all)).toEqual([DONE, DONE, DONE]);
    expect(ends).toEqual(["first", "second", "return"]);
    expect(transport.attempts[0]?.signal.aborted).toBe(true);
    await client.close();
  });

  it("whose requests cannot be repeated ends the wait as well", async () => {
    const { client, transport } = open(async function* (attempt) {
      for await (const _ of attempt.messages);
      yield* pending(attempt);
    });
    const large = Array.from({ length: 2 }, () => ({ number: 1, padding: Buffer.alloc(1_000_000) }));
    const stream = client.doubleEach(large);
    const waiting = stream.next();
    while (transport.attempts.length === 0) await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect([await stream.return(), await waiting]).toEqual([DONE, DONE]);
  });
});

describe("a call whose client alone streams", () => {
  it("gives the one reply", async () => {
    const { client } = open(() => [{ sum: "6", count: 3 }]);
    expect(await client.sum([])).toEqual({ sum: "6", count: 3 });
  });

  test.each<[string, Play, string]>([
    ["none", () => [], "no message"],
    ["more than one", () => [{ sum: "1" }, { sum: "2" }, { sum: "3" }], "more than one message"],
  ])("fails with INTERNAL on %s", async (_, play, what) => {
    const { client, transport } = open(play);
    expect((await rpcErrorOf(client.sum([]))).message).toBe(`CounterService.Sum: INTERNAL: the service sent ${what}`);
    expect(transport.attempts[0]?.signal.aborted).toBe(true);
  });
});
