// SPDX-License-Identifier: Apache-2.0
// What becomes of an attempt: its time, its signal, the parts of its answer, and its one end. Shown by unary calls.

import { gzipSync } from "node:zlib";
import { describe, expect, it, test } from "@jest/globals";
import { UnaryExchange } from "../../../../../src/rpc/transport/grpc/unary.js";
import type { UnaryCall } from "../../../../../src/rpc/transport/transport.js";
import { type ExchangeStage, framed, openExchangeStage, SAY } from "../../../../support/exchange-stage.js";
import { data, frame, headers, OK_HEADERS, uint32 } from "../../../../support/http2-frames.js";
import { turn } from "../../../../support/http2-peer.js";
import { rejectionOf, rpcErrorOf } from "../../../../support/rejection-of.js";

const OK_TRAILERS = [["grpc-status", "0"]] as const;
const CANCEL = uint32(8).toString("latin1");

function begin(stage: ExchangeStage, changes: Partial<UnaryCall<string, string>> = {}) {
  const call = { method: SAY, message: "hello", metadata: [], timeoutMs: 10_000, signal: undefined, ...changes };
  let exchange: UnaryExchange<string, string> | undefined;
  const reply = new Promise<string>((resolve, reject) => {
    exchange = new UnaryExchange(stage, { call, request: framed("hello"), resolve, reject });
  });
  if (exchange === undefined) throw new Error("a promise runs its executor at once");
  return { exchange, reply };
}

async function send(stage: ExchangeStage, changes: Partial<UnaryCall<string, string>> = {}) {
  const begun = begin(stage, changes);
  begun.exchange.sendOn(stage.connection);
  await turn();
  return begun;
}

describe("an exchange", () => {
  it("sends its message, and gives the reply once the status is OK", async () => {
    const stage = await openExchangeStage();
    const { exchange, reply } = await send(stage);
    expect(stage.framesOf(1)).toEqual([
      [1, 4, ""],
      [0, 1, framed("hello").toString("latin1")],
    ]);
    await stage.peer.say(headers(1, OK_HEADERS), data(1, framed("hi")));
    expect([exchange.hasEnded, stage.left]).toEqual([false, []]);
    await stage.peer.say(headers(1, OK_TRAILERS, true));
    expect(await reply).toBe("hi");
    expect(stage.left).toEqual([exchange]);
    expect([exchange.hasEnded, stage.clock.waits]).toEqual([true, []]);
  });

  it("puts a message together that comes in pieces", async () => {
    const stage = await openExchangeStage();
    const { reply } = await send(stage);
    const bytes = framed("hi");
    await stage.peer.say(headers(1, OK_HEADERS), data(1, bytes.subarray(0, 3)), data(1, bytes.subarray(3, 6)));
    await stage.peer.say(data(1, bytes.subarray(6)), headers(1, OK_TRAILERS, true));
    expect(await reply).toBe("hi");
  });

  it("inflates a message that is compressed, and waits for it though the status is there", async () => {
    const stage = await openExchangeStage();
    const { reply } = await send(stage);
    const bytes = framed(gzipSync("hi").toString("latin1"));
    const compressed = Buffer.concat([Buffer.from([1]), uint32(gzipSync("hi").length), gzipSync("hi")]);
    expect(compressed.length).toBeLessThanOrEqual(bytes.length);
    await stage.peer.say(
      headers(1, [...OK_HEADERS, ["grpc-encoding", "gzip"]]),
      data(1, compressed),
      headers(1, OK_TRAILERS, true),
    );
    expect(await reply).toBe("hi");
  });

  test.each([
    ["an answer that is no gRPC", [headers(1, [[":status", "404"]], true)], 12, "UNIMPLEMENTED"],
    [
      "a status of the server",
      [headers(1, [...OK_HEADERS, ["grpc-status", "7"], ["grpc-message", "not%20you"]], true)],
      7,
      "not you",
    ],
    ["an end without a status", [headers(1, OK_HEADERS), data(1, framed("hi"), true)], 13, "INTERNAL"],
    [
      "an end inside a message",
      [headers(1, OK_HEADERS), data(1, framed("hi").subarray(0, 6)), headers(1, OK_TRAILERS, true)],
      13,
      "the response ends inside a message",
    ],
    [
      "OK without a message",
      [headers(1, OK_HEADERS), headers(1, OK_TRAILERS, true)],
      13,
      "the service returned OK without a message",
    ],
    [
      "two messages",
      [headers(1, OK_HEADERS), data(1, framed("a")), data(1, framed("b"))],
      13,
      "the service sent more than one message",
    ],
    [
      "what is no message",
      [headers(1, OK_HEADERS), data(1, framed("broken")), headers(1, OK_TRAILERS, true)],
      13,
      "the response is not a valid message",
    ],
    ["a reply that is too large", [headers(1, OK_HEADERS), data(1, framed("x".repeat(1_001)))], 8, "1000"],
    [
      "a compressed message that is none",
      [headers(1, [...OK_HEADERS, ["grpc-encoding", "gzip"]]), data(1, Buffer.from("\x01\0\0\0\x01x"))],
      13,
      "INTERNAL",
    ],
  ] as const)("fails on %s", async (_, answer, code, text) => {
    const stage = await openExchangeStage();
    const { exchange, reply } = await send(stage);
    const failure = rpcErrorOf(reply);
    await stage.peer.say(...answer);
    const error = await failure;
    expect(error).toMatchObject({ code, method: "Text.Say", transport: "grpc" });
    expect(error.message).toContain(text);
    expect(stage.left).toEqual([exchange]);
  });

  it("asks for its reply's place in the window back", async () => {
    const stage = await openExchangeStage();
    stage.maxReplyBytes = 10_000_000;
    const { reply } = await send(stage);
    stage.peer.frames();
    const large = framed("x".repeat(1_000_000));
    await stage.peer.say(headers(1, OK_HEADERS));
    for (let at = 0; at < large.length; at += 16_384) await stage.peer.say(data(1, large.subarray(at, at + 16_384)));
    expect(stage.framesOf(1).some(([type]) => type === 8)).toBe(true);
    await stage.peer.say(headers(1, OK_TRAILERS, true));
    expect((await reply).length).toBe(1_000_000);
  });
});

describe("the time of an exchange", () => {
  it("is what is left of it when it goes out", async () => {
    const stage = await openExchangeStage();
    const { exchange } = begin(stage, { timeoutMs: 10_000 });
    await stage.clock.advance(4_000);
    exchange.sendOn(stage.connection);
    await turn();
    const head = stage.peer.frames().find(({ type }) => type === 1);
    expect(head?.payload.toString("latin1")).toMatch(/grpc-timeout.6000000u/);
  });

  test("without a connection says what it waited for", async () => {
    const stage = await openExchangeStage();
    const { reply } = begin(stage, { timeoutMs: 500 });
    const failure = rpcErrorOf(reply);
    await stage.clock.advance(500);
    expect((await failure).message).toBe("Text.Say: DEADLINE_EXCEEDED: no connection to server.test:443 within 500 ms");
    expect(stage.distrusted).toEqual([]);
  });

  test("in silence ends the stream, and puts the line under suspicion", async () => {
    const stage = await openExchangeStage();
    const { reply } = await send(stage, { timeoutMs: 500 });
    stage.peer.frames();
    const failure = rpcErrorOf(reply);
    await stage.clock.advance(500);
    expect((await failure).message).toBe("Text.Say: DEADLINE_EXCEEDED: no response from server.test:443 within 500 ms");
    expect(stage.distrusted).toEqual([stage.connection]);
    await turn();
    expect(stage.framesOf(1)).toEqual([[3, 0, CANCEL]]);
  });

  test("with half an answer says so, and the line is trusted", async () => {
    const stage = await openExchangeStage();
    const { reply } = await send(stage, { timeoutMs: 500 });
    const failure = rpcErrorOf(reply);
    await stage.peer.say(headers(1, OK_HEADERS));
    await stage.clock.advance(500);
    expect((await failure).message).toBe(
      "Text.Say: DEADLINE_EXCEEDED: no complete response from server.test:443 within 500 ms",
    );
    expect(stage.distrusted).toEqual([]);
  });

  test("is over, too, when the server cancels at its end; a CANCELLED before that stands", async () => {
    const cancelled = headers(1, [...OK_HEADERS, ["grpc-status", "1"]], true);
    for (const [waitedMs, code] of [
      [495, 4],
      [400, 1],
    ] as const) {
      const stage = await openExchangeStage();
      const { reply } = await send(stage, { timeoutMs: 500 });
      const failure = rpcErrorOf(reply);
      await stage.clock.advance(waitedMs);
      await stage.peer.say(cancelled);
      expect((await failure).code).toBe(code);
    }
  });

  test("of Infinity schedules nothing", async () => {
    const stage = await openExchangeStage();
    await send(stage, { timeoutMs: Number.POSITIVE_INFINITY });
    expect(stage.clock.waits).toEqual([]);
  });
});

describe("the end of an exchange", () => {
  test("is its signal's reason, and a reset for the server", async () => {
    const stage = await openExchangeStage();
    const stop = new AbortController();
    const { reply } = await send(stage, { signal: stop.signal });
    stage.peer.frames();
    const reason = new Error("not needed");
    const failure = rejectionOf(reply);
    stop.abort(reason);
    expect(await failure).toBe(reason);
    await turn();
    expect(stage.framesOf(1)).toEqual([[3, 0, CANCEL]]);
  });

  test("comes once: what is said afterwards changes nothing", async () => {
    const stage = await openExchangeStage();
    const { exchange, reply } = await send(stage);
    const failure = rpcErrorOf(reply);
    exchange.cancel("first");
    exchange.cancel("second");
    exchange.reject(new Error("third"));
    await stage.clock.advance(20_000);
    expect((await failure).message).toBe("Text.Say: CANCELLED: first");
    expect(stage.left).toEqual([exchange]);
  });

  test.each([
    ["refused", frame(3, 0, 1, uint32(7))],
    ["above the last stream of a GOAWAY", frame(7, 0, 0, uint32(0, 0))],
  ])("is put off once when its stream is %s: the server has done nothing", async (_, refusal) => {
    const stage = await openExchangeStage();
    const { exchange, reply } = await send(stage);
    const failure = rpcErrorOf(reply);
    await stage.peer.say(refusal);
    expect([stage.dispatched, exchange.hasEnded]).toEqual([[exchange], false]);
    const second = await openExchangeStage();
    exchange.sendOn(second.connection);
    await second.peer.say(refusal);
    expect([stage.dispatched.length, exchange.hasEnded]).toEqual([1, true]);
    expect((await failure).status).toBe("UNAVAILABLE");
  });

  test("of a request whose metadata no server takes comes before anything is sent", async () => {
    const stage = await openExchangeStage([[6, 100]]);
    const { exchange, reply } = begin(stage, { metadata: [["x-large", "x".repeat(200)]] });
    const failure = rpcErrorOf(reply);
    exchange.sendOn(stage.connection);
    await turn();
    expect((await failure).message).toMatch(/^Text.Say: RESOURCE_EXHAUSTED: the metadata is \d+ bytes long/);
    expect(stage.framesOf(1)).toEqual([]);
  });
});
