// SPDX-License-Identifier: Apache-2.0
// A streaming call frame by frame: when requests go out, how replies come in, and how it ends.

import { describe, expect, it, test } from "@jest/globals";
import { StreamExchange } from "../../../../../src/rpc/transport/grpc/streaming.js";
import type { StreamCall } from "../../../../../src/rpc/transport/transport.js";
import { type ExchangeStage, framed, openExchangeStage, SAY } from "../../../../support/exchange-stage.js";
import { data, frame, headers, OK_HEADERS, uint32 } from "../../../../support/http2-frames.js";
import { turn } from "../../../../support/http2-peer.js";
import { rejectionOf, rpcErrorOf } from "../../../../support/rejection-of.js";

const OK_END = headers(1, [["grpc-status", "0"]], true);

/** Requests that a test gives one by one. */
class Requests implements AsyncIterableIterator<string> {
  asked = 0;
  isReturned = false;
  #waiting: ((result: IteratorResult<string>) => void) | undefined;
  #failed: ((reason: unknown) => void) | undefined;

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<string>> {
    this.asked++;
    return new Promise((resolve, reject) => {
      this.#waiting = resolve;
      this.#failed = reject;
    });
  }

  async return(): Promise<IteratorResult<string>> {
    this.isReturned = true;
    return { done: true, value: undefined };
  }

  async give(value: string | undefined): Promise<void> {
    this.#waiting?.(value === undefined ? { done: true, value } : { done: false, value });
    await turn();
  }

  async fail(reason: unknown): Promise<void> {
    this.#failed?.(reason);
    await turn();
  }
}

async function open(stage: ExchangeStage, changes: Partial<StreamCall<string, string>> = {}) {
  const messages = new Requests();
  const exchange = new StreamExchange<string, string>(stage, {
    method: SAY,
    messages,
    metadata: [],
    timeoutMs: 10_000,
    firstReplyTimeoutMs: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    ...changes,
  });
  exchange.sendOn(stage.connection);
  await turn();
  stage.peer.frames();
  return { exchange, messages };
}

const sent = (text: string, flags = 0) => [0, flags, framed(text).toString("latin1")];
const HALF_CLOSE = [0, 1, ""];
const DONE = { done: true, value: undefined };

describe("requests", () => {
  it("are asked for one at a time, as the connection takes them, and end the sending half", async () => {
    const stage = await openExchangeStage();
    const { messages } = await open(stage);
    expect([messages.asked, stage.framesOf(1)]).toEqual([1, []]);
    await messages.give("a");
    expect([messages.asked, stage.framesOf(1)]).toEqual([2, [sent("a")]]);
    await messages.give(undefined);
    expect([messages.asked, stage.framesOf(1)]).toEqual([2, [HALF_CLOSE]]);
  });

  it("wait for the window of the stream", async () => {
    const stage = await openExchangeStage([[4, 6]]);
    const { messages } = await open(stage);
    await messages.give("long");
    expect(messages.asked).toBe(1);
    await stage.peer.say(frame(8, 0, 1, uint32(100)));
    expect(messages.asked).toBe(2);
  });

  it("that fail end the stream with what they threw", async () => {
    const stage = await openExchangeStage();
    const { exchange, messages } = await open(stage);
    const reason = new Error("no more numbers");
    const failure = rejectionOf(exchange.next());
    await messages.fail(reason);
    expect(await failure).toBe(reason);
    expect(stage.framesOf(1)).toEqual([[3, 0, uint32(8).toString("latin1")]]);
  });

  it("that nobody reads any more are ended", async () => {
    const stage = await openExchangeStage();
    const { exchange, messages } = await open(stage);
    await exchange.return();
    await messages.give("late");
    expect([messages.isReturned, stage.left]).toEqual([true, [exchange]]);
  });

  it("go out again on another connection when the server has begun nothing, and are read once", async () => {
    const stage = await openExchangeStage();
    const { exchange, messages } = await open(stage);
    await messages.give("a");
    await stage.peer.say(frame(3, 0, 1, uint32(7)));
    expect(stage.dispatched).toEqual([exchange]);
    const second = await openExchangeStage();
    exchange.sendOn(second.connection);
    await messages.give("b");
    await messages.give(undefined);
    expect(second.framesOf(1).slice(1)).toEqual([sent("a"), sent("b"), HALF_CLOSE]);
    expect(messages.asked).toBe(3);
  });

  test.each([
    ["the server has begun", async (stage: ExchangeStage) => stage.peer.say(headers(1, OK_HEADERS))],
    ["more than 64 KiB are gone", async (_: ExchangeStage, messages: Requests) => messages.give("x".repeat(65_536))],
  ])("do not go out again once %s", async (_, happen) => {
    const stage = await openExchangeStage([[4, 1_000_000]]);
    await stage.peer.say(frame(8, 0, 0, uint32(1_000_000)));
    const { exchange, messages } = await open(stage);
    await messages.give("a");
    await happen(stage, messages);
    await stage.peer.say(frame(3, 0, 1, uint32(7)));
    expect(stage.dispatched).toEqual([]);
    expect(await rpcErrorOf(exchange.next())).toMatchObject({ status: "UNAVAILABLE", transport: "grpc" });
  });
});

describe("replies", () => {
  it("come in order, whether they are waited for or not, and then the end", async () => {
    const stage = await openExchangeStage();
    const { exchange } = await open(stage);
    const first = exchange.next();
    await stage.peer.say(headers(1, OK_HEADERS), data(1, Buffer.concat([framed("1"), framed("2"), framed("3")])));
    expect(await first).toEqual({ done: false, value: "1" });
    await stage.peer.say(OK_END);
    const rest = [await exchange.next(), await exchange.next(), await exchange.next(), await exchange.next()];
    expect(rest.map(({ value }) => value)).toEqual(["2", "3", undefined, undefined]);
    expect(stage.left).toEqual([exchange]);
  });

  it("that are here already are had without waiting, until one is no message", async () => {
    const stage = await openExchangeStage();
    const { exchange } = await open(stage);
    expect(exchange.nextNow()).toBeUndefined();
    await stage.peer.say(headers(1, OK_HEADERS), data(1, Buffer.concat([framed("1"), framed("broken"), framed("3")])));
    expect(exchange.nextNow()).toEqual({ done: false, value: "1" });
    expect([exchange.nextNow(), exchange.nextNow()]).toEqual([undefined, undefined]);
    expect(await rpcErrorOf(exchange.next())).toMatchObject({ status: "INTERNAL" });
    expect([exchange.nextNow(), await exchange.next()]).toEqual([undefined, DONE]);
  });

  it("that are not read stay in the window of the stream", async () => {
    const stage = await openExchangeStage();
    stage.maxReplyBytes = 1_000_000;
    const { exchange } = await open(stage);
    await stage.peer.say(headers(1, OK_HEADERS));
    for (let count = 0; count < 12; count++) await stage.peer.say(data(1, framed("x".repeat(16_000))));
    const updates = () => stage.framesOf(1).filter(([type]) => type === 8).length;
    expect(updates()).toBe(0);
    for (let count = 0; count < 12; count++) await exchange.next();
    await turn();
    expect(updates()).toBeGreaterThan(0);
  });

  it("that came before an error of the server's are told before it, and the error once", async () => {
    const stage = await openExchangeStage();
    const { exchange } = await open(stage);
    await stage.peer.say(headers(1, OK_HEADERS), data(1, framed("1")), headers(1, [["grpc-status", "5"]], true));
    expect(await exchange.next()).toEqual({ done: false, value: "1" });
    expect(await rpcErrorOf(exchange.next())).toMatchObject({ status: "NOT_FOUND", method: "Text.Say" });
    expect(await exchange.next()).toEqual(DONE);
  });

  it("that are no message end the stream with INTERNAL, now or after its end", async () => {
    for (const end of [[], [OK_END]]) {
      const stage = await openExchangeStage();
      const { exchange } = await open(stage);
      await stage.peer.say(headers(1, OK_HEADERS), data(1, framed("broken")), data(1, framed("2")), ...end);
      const error = await rpcErrorOf(exchange.next());
      expect(error.message).toBe("Text.Say: INTERNAL: a response message is not valid");
      expect(await exchange.next()).toEqual(DONE);
    }
  });
});

describe("a stream", () => {
  it("has a time for its first reply, which a reply ends", async () => {
    const late = await openExchangeStage();
    const { exchange } = await open(late, { firstReplyTimeoutMs: 300 });
    const failure = rpcErrorOf(exchange.next());
    await late.clock.advance(300);
    expect((await failure).message).toBe("Text.Say: DEADLINE_EXCEEDED: no response within 300 ms");

    const inTime = await openExchangeStage();
    const other = await open(inTime, { firstReplyTimeoutMs: 300 });
    await inTime.peer.say(headers(1, OK_HEADERS), data(1, framed("1")));
    await inTime.clock.advance(5_000);
    expect(await other.exchange.next()).toEqual({ done: false, value: "1" });
    expect(other.exchange.hasEnded).toBe(false);
  });

  it("whose time is over, or whose signal aborts, tells that at once and not what was read ahead", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    for (const [changes, expected] of [
      [{ timeoutMs: 500 }, { status: "DEADLINE_EXCEEDED" }],
      [{ signal: stop.signal }, reason],
    ] as const) {
      const stage = await openExchangeStage();
      const { exchange } = await open(stage, changes);
      await stage.peer.say(headers(1, OK_HEADERS), data(1, framed("1")));
      if ("signal" in changes) stop.abort(reason);
      else await stage.clock.advance(500);
      expect(await rejectionOf(exchange.next())).toMatchObject(expected);
    }
  });

  it("ends with return(), even while a reply is waited for, and is done", async () => {
    const stage = await openExchangeStage();
    const { exchange } = await open(stage);
    const waiting = rpcErrorOf(exchange.next());
    expect(await exchange.return()).toEqual(DONE);
    expect((await waiting).message).toBe("Text.Say: CANCELLED: the responses are no longer wanted");
    expect(await exchange.next()).toEqual(DONE);
    await turn();
    expect(stage.framesOf(1)).toEqual([[3, 0, uint32(8).toString("latin1")]]);
  });
});
