// SPDX-License-Identifier: Apache-2.0
// One unary call on a channel of grpc-js: its answers, its repetition where the server has begun nothing, and the evidence of its end.

import { Channel, credentials, Metadata, type StatusObject } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, test } from "@jest/globals";
import { systemClock } from "../../../../../src/base/clock.js";
import { Connection } from "../../../../../src/rpc/transport/grpc-js/channel-connection.js";
import {
  type Evidence,
  type ExchangeOwner,
  isLocal,
  toGrpcMetadata,
  UnaryExchange,
} from "../../../../../src/rpc/transport/grpc-js/unary-exchange.js";
import { signBlobCall } from "../../../../support/counter-calls.js";
import {
  answerGrpc,
  SIGN_BLOB_RESPONSE,
  type StreamHandler,
  startHttp2Server,
} from "../../../../support/http2-server.js";
import { rejectionOf, rpcErrorOf } from "../../../../support/rejection-of.js";
import { waitUntil } from "../../../../support/wait-until.js";

const channels: Channel[] = [];

afterEach(() => {
  for (const channel of channels.splice(0)) channel.close();
});

/** A call on a channel to a server with this behavior. */
async function send(handler: StreamHandler, changes: Parameters<typeof signBlobCall>[1] = {}) {
  const server = await startHttp2Server(handler);
  const channel = new Channel(server.host, credentials.createInsecure(), { "grpc.enable_retries": 0 });
  channels.push(channel);
  const evidence: Evidence[] = [];
  const owner: ExchangeOwner = {
    onExchangeEnd: (_, each) => void evidence.push(each),
    readFailure: () => undefined,
  };
  const call = signBlobCall("x", changes);
  const connection = new Connection(channel, true, systemClock);
  let cancel = (_text: string): void => undefined;
  const reply = new Promise<{ readonly keyId: string }>((resolve, reject) => {
    const exchange = new UnaryExchange(call, connection, owner, { resolve, reject });
    cancel = (text) => exchange.cancel(text);
    exchange.start(call.method.encode(call.message));
  });
  return { server, reply, evidence, cancel };
}

describe("a unary exchange", () => {
  it("gives the reply, and tells that the server was heard", async () => {
    const { server, reply, evidence } = await send((stream) => answerGrpc(stream, SIGN_BLOB_RESPONSE));
    expect((await reply).keyId).toBe("k");
    expect(evidence).toEqual(["heard"]);
    await server[Symbol.asyncDispose]();
  });

  test.each<[string, StreamHandler, number, string]>([
    [
      "a status",
      (stream) => answerGrpc(stream, undefined, { "grpc-status": "7", "grpc-message": "not you" }),
      7,
      "PERMISSION_DENIED: not you",
    ],
    [
      "OK without a message",
      (stream) => answerGrpc(stream, undefined),
      13,
      "INTERNAL: the service returned OK without a message",
    ],
    [
      "what is no message",
      (stream) => answerGrpc(stream, Buffer.from([0xff])),
      13,
      "INTERNAL: the response is not a valid message",
    ],
  ])("fails on %s", async (_, handler, code, text) => {
    const { server, reply, evidence } = await send(handler);
    const error = await rpcErrorOf(reply);
    expect(error).toMatchObject({ code, transport: "grpc", message: `IAMCredentials.SignBlob: ${text}` });
    expect(evidence).toEqual(["heard"]);
    await server[Symbol.asyncDispose]();
  });

  it("refuses a second message instead of taking the last", async () => {
    const { server, reply } = await send((stream) => {
      const message = Buffer.concat([Buffer.from([0, 0, 0, 0, SIGN_BLOB_RESPONSE.length]), SIGN_BLOB_RESPONSE]);
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.concat([message, message]));
    });
    expect((await rpcErrorOf(reply)).message).toBe(
      "IAMCredentials.SignBlob: INTERNAL: the service sent more than one message",
    );
    await server[Symbol.asyncDispose]();
  });

  it("goes out again once when the server refuses its stream, and fails at the second refusal", async () => {
    const NGHTTP2_REFUSED_STREAM = 7;
    const once = await send((stream, _, number) => {
      if (number === 1) stream.close(NGHTTP2_REFUSED_STREAM);
      else answerGrpc(stream, SIGN_BLOB_RESPONSE);
    });
    expect((await once.reply).keyId).toBe("k");
    expect([once.server.requests, once.evidence]).toEqual([2, ["heard"]]);
    await once.server[Symbol.asyncDispose]();

    const always = await send((stream) => stream.close(NGHTTP2_REFUSED_STREAM));
    expect(await rpcErrorOf(always.reply)).toMatchObject({ status: "UNAVAILABLE" });
    expect([always.server.requests, always.evidence]).toEqual([2, ["none"]]);
    await always.server[Symbol.asyncDispose]();
  });

  it("is evidence of silence when its time ends without a byte, and of nothing when it is cancelled", async () => {
    const late = await send(() => undefined, { timeoutMs: 200 });
    expect((await rpcErrorOf(late.reply)).status).toBe("DEADLINE_EXCEEDED");
    expect(late.evidence).toEqual(["silent"]);
    await late.server[Symbol.asyncDispose]();

    const cancelled = await send(() => undefined);
    await waitUntil("the call has come", () => cancelled.server.requests === 1);
    cancelled.cancel("not needed");
    expect((await rpcErrorOf(cancelled.reply)).message).toBe("IAMCredentials.SignBlob: CANCELLED: not needed");
    expect(cancelled.evidence).toEqual(["none"]);
    await cancelled.server[Symbol.asyncDispose]();
  });

  it("rejects with its signal's reason, and goes out no more", async () => {
    const stop = new AbortController();
    const { server, reply } = await send(() => undefined, { signal: stop.signal });
    await waitUntil("the call has come", () => server.requests === 1);
    const reason = new Error("enough");
    stop.abort(reason);
    expect(await rejectionOf(reply)).toBe(reason);
    expect(server.requests).toBe(1);
    await server[Symbol.asyncDispose]();
  });
});

test("metadata keeps its order and its bytes, also those in the middle of a larger buffer", () => {
  const bytes = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
  const metadata = toGrpcMetadata([
    ["a", "1"],
    ["a", "2"],
    ["b-bin", bytes],
  ]);
  expect([metadata.get("a"), metadata.get("b-bin")]).toEqual([["1", "2"], [Buffer.from([2, 3])]]);
});

test("a status is local when nothing came with it", () => {
  const status: StatusObject = { code: 14, details: "", metadata: new Metadata() };
  expect(isLocal(status)).toBe(true);
  status.metadata.set("content-type", "application/grpc");
  expect(isLocal(status)).toBe(false);
});
