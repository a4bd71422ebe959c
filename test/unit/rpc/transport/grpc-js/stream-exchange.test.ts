// SPDX-License-Identifier: Apache-2.0
// A streaming call over grpc-js: requests as they are taken, replies as they are asked for, and its end. Over real sockets.

import { afterEach, describe, expect, it } from "@jest/globals";
import { GrpcJsTransport } from "../../../../../src/rpc/transport/grpc-js/grpc-js-transport.js";
import type { StreamCall } from "../../../../../src/rpc/transport/transport.js";
import { countCall, doubleEachCall } from "../../../../support/counter-calls.js";
import { collect, counterRows } from "../../../../support/counter-client.js";
import {
  type CounterScript,
  type CounterServer,
  never,
  startCounterServer,
} from "../../../../support/counter-server.js";
import { rejectionOf, rpcErrorOf } from "../../../../support/rejection-of.js";
import { settle, waitUntil } from "../../../../support/wait-until.js";

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function open(script: CounterScript = {}): Promise<{ server: CounterServer; transport: GrpcJsTransport }> {
  const server = await startCounterServer(script);
  const transport = new GrpcJsTransport({ target: server.host, isInsecure: true });
  ends.push(
    () => transport.close(0),
    () => server[Symbol.asyncDispose](),
  );
  return { server, transport };
}

const DONE = { done: true, value: undefined };

describe("requests", () => {
  it("are sent in order until their source ends", async () => {
    const { server, transport } = await open();
    const replies = await collect(transport.stream(doubleEachCall([1, 2, 3])));
    expect(replies.map(({ number }) => number)).toEqual([2, 4, 6]);
    expect(server.last.received).toEqual([1, 2, 3]);
  });

  it("that fail end the stream with what they threw, and cancel at the server", async () => {
    const { server, transport } = await open();
    const reason = new Error("no more numbers");
    async function* failing() {
      yield 1;
      await waitUntil("the first has come", () => server.calls[0]?.received.length === 1);
      throw reason;
    }
    expect(await rejectionOf(collect(transport.stream(doubleEachCall(failing()))))).toBe(reason);
    await waitUntil("the server sees the end", () => server.last.isCancelled);
  });

  it("are ended when the server ends the call before them", async () => {
    const { transport } = await open({
      onRequest: () => {
        throw { code: 9, details: "enough" };
      },
    });
    let isEnded = false;
    async function* endless() {
      try {
        for (let number = 1; ; number++) yield number;
      } finally {
        isEnded = true;
      }
    }
    const error = await rpcErrorOf(collect(transport.stream(doubleEachCall(endless()))));
    expect(error).toMatchObject({ code: 9, message: "CounterService.DoubleEach: FAILED_PRECONDITION: enough" });
    await waitUntil("the source is ended", () => isEnded);
  });
});

describe("replies", () => {
  it("are read a few ahead of the consumer, and no more", async () => {
    const { server, transport } = await open();
    const large = { to: 1_000, paddingBytes: 10_000 };
    const call = countCall(1);
    const stream = transport.stream({
      ...call,
      messages: (async function* () {
        yield large;
      })(),
    });
    expect(await stream.next()).toMatchObject({ value: { number: 1 } });
    await settle();
    expect(server.last.written).toBeLessThan(500);
    expect(await collect(stream)).toHaveLength(999);
  });

  it("that came before the server's error are told before it; the error once", async () => {
    const { server, transport } = await open({
      onReply: (_, number) => {
        if (number === 3) throw { code: 5, details: "no three" };
      },
    });
    const stream = transport.stream(countCall(5));
    expect(await stream.next()).toMatchObject({ value: { number: 1 } });
    await waitUntil("both are written", () => server.last.written === 2);
    expect(await stream.next()).toMatchObject({ value: { number: 2 } });
    expect((await rpcErrorOf(stream.next())).message).toBe("CounterService.Count: NOT_FOUND: no three");
    expect(await stream.next()).toEqual(DONE);
  });

  it("that are no message end the stream with INTERNAL", async () => {
    const { server, transport } = await open({ onReply: (_, number) => (number === 2 ? never() : undefined) });
    const method = {
      ...counterRows.count,
      decode: (): never => {
        throw new Error("no message");
      },
    };
    const call: StreamCall<unknown, never> = { ...countCall(3), method } as StreamCall<unknown, never>; // as: of another reply
    const stream = transport.stream(call);
    expect((await rpcErrorOf(stream.next())).message).toBe(
      "CounterService.Count: INTERNAL: a response message is not valid",
    );
    expect(await stream.next()).toEqual(DONE);
    await waitUntil("the server sees the end", () => server.last.isCancelled);
  });
});

describe("a stream", () => {
  it("fails when its first reply is late, and not when a later one is", async () => {
    const late = await open({ onReply: never });
    const error = await rpcErrorOf(late.transport.stream(countCall(2, { firstReplyTimeoutMs: 50 })).next());
    expect(error.message).toBe("CounterService.Count: DEADLINE_EXCEEDED: no response within 50 ms");

    const inTime = await open();
    const replies = await collect(inTime.transport.stream(countCall(2, { firstReplyTimeoutMs: 10_000 })));
    expect(replies).toHaveLength(2);
  });

  it("ends with return(), even while a reply is waited for", async () => {
    const { server, transport } = await open({ onReply: never });
    const stream = transport.stream(countCall(2));
    const waiting = rpcErrorOf(stream.next());
    await waitUntil("the call has come", () => server.calls.length === 1);
    expect(await stream.return?.()).toEqual(DONE);
    expect((await waiting).message).toBe("CounterService.Count: CANCELLED: the responses are no longer wanted");
    await waitUntil("the server sees the end", () => server.last.isCancelled);
  });

  it("ends with its signal's reason, before what was read ahead", async () => {
    const { server, transport } = await open({ onReply: (_, number) => (number === 4 ? never() : undefined) });
    const stop = new AbortController();
    const stream = transport.stream(countCall(5, { signal: stop.signal }));
    await stream.next();
    await waitUntil("three are written", () => server.last.written === 3);
    await settle();
    const reason = new Error("enough");
    stop.abort(reason);
    await waitUntil("the server sees the end", () => server.last.isCancelled);
    expect(await rejectionOf(stream.next())).toBe(reason);
  });
});
