// SPDX-License-Identifier: Apache-2.0
// One connection for all calls, the calls that wait for it, its replacement and the end, over real sockets.

import type { Socket } from "node:net";
import { describe, expect, it, test } from "@jest/globals";
import type { GrpcTransportSettings } from "../../../../../src/rpc/transport/grpc/grpc-settings.js";
import { GrpcTransport } from "../../../../../src/rpc/transport/grpc/grpc-transport.js";
import { countCall, signBlobCall } from "../../../../support/counter-calls.js";
import { collect } from "../../../../support/counter-client.js";
import { startCounterServer } from "../../../../support/counter-server.js";
import { answerGrpc, SIGN_BLOB_RESPONSE, startHttp2Server } from "../../../../support/http2-server.js";
import { ManualClock } from "../../../../support/manual-clock.js";
import { freeHost, startRawServer } from "../../../../support/raw-server.js";
import { never, startRecordingServer } from "../../../../support/recording-server.js";
import { rpcErrorOf } from "../../../../support/rejection-of.js";
import { expectAbortedCallsUnsent, expectClosedAtOnce, stageTransports } from "../../../../support/transport-stage.js";
import { waitUntil } from "../../../../support/wait-until.js";

const open = stageTransports<GrpcTransport, GrpcTransportSettings>((settings) => new GrpcTransport(settings));

describe("a gRPC transport", () => {
  it("connects at its first call, and carries all calls over one connection", async () => {
    await using server = await startRecordingServer();
    const transport = open(server.host);
    expect([transport.kind, transport.host, transport.connectionCount]).toEqual(["grpc", server.host, 0]);
    const replies = await Promise.all(["a", "b", "c"].map((payload) => transport.unary(signBlobCall(payload))));
    expect(replies.map(({ signedBlob }) => signedBlob.toString())).toEqual(["a", "b", "c"]);
    expect([server.peers.length, transport.connectionCount]).toEqual([1, 1]);
    const { metadata } = server.calls[0] ?? {};
    expect([metadata?.get("authorization"), metadata?.get("x-bytes-bin")]).toEqual([
      ["Bearer x"],
      [Buffer.from([0xff, 0])],
    ]);
  });

  it("carries streams", async () => {
    await using server = await startCounterServer();
    const replies = await collect(open(server.host).stream(countCall(3)));
    expect(replies.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it("sends no call whose signal has aborted", () => expectAbortedCallsUnsent(open));

  it("says where nobody listens, and which variable names the host", async () => {
    const host = await freeHost();
    const transport = open(host, { endpointVariable: "IAM_EMULATOR_HOST" });
    const error = await rpcErrorOf(transport.unary(signBlobCall()));
    expect(error).toMatchObject({ code: 14, transport: "grpc", method: "IAMCredentials.SignBlob" });
    expect(error.message).toContain(host);
    expect(error.message).toContain("IAM_EMULATOR_HOST");
  });

  it("does not connect again before its backoff is over: calls fail with the last error meanwhile", async () => {
    const clock = new ManualClock();
    await using server = await startRawServer((socket) => void socket.destroy());
    const transport = open(server.host, { clock });
    for (let failure = 1; failure <= 2; failure++) {
      await rpcErrorOf(transport.unary(signBlobCall()));
      expect(server.accepted).toBe(failure);
    }
    expect((await rpcErrorOf(transport.unary(signBlobCall()))).code).toBe(14);
    expect(server.accepted).toBe(2);
    await clock.advance(200);
    await rpcErrorOf(transport.unary(signBlobCall()));
    expect(server.accepted).toBe(3);
  });

  it("keeps a reply to the size that it may have", async () => {
    await using server = await startRecordingServer();
    const error = await rpcErrorOf(open(server.host, { maxReplyBytes: 100 }).unary(signBlobCall("x".repeat(100))));
    expect(error.status).toBe("RESOURCE_EXHAUSTED");
    expect(error.message).toContain("100");
  });

  test.each([
    [{ channelOptions: { "grpc.max_receive_message_length": 1 } }, 'channelOptions["grpc.max_receive_message_length"]'],
    [{ channel: {} }, "channel"],
    [{ channelCredentials: {} }, "channelCredentials"],
    [{ channelClass: class {} }, "channelClass"],
  ])("refuses %j: that is grpc-js's", (setting, name) => {
    expect(() => open("h:1", setting as Partial<GrpcTransportSettings>)).toThrow(
      // as: JavaScript may bring it
      expect.objectContaining({
        name: "ConfigurationError",
        message: `${name}: is only supported by the transport "grpc-js"`,
      }),
    );
  });
});

describe("a connection", () => {
  it("that ends is replaced by the next call", async () => {
    await using server = await startHttp2Server((stream) => answerGrpc(stream, SIGN_BLOB_RESPONSE));
    const transport = open(server.host);
    await transport.unary(signBlobCall());
    for (const session of server.sessions) session.destroy();
    await waitUntil("the transport sees the end", () => transport.connectionCount === 0);
    await transport.unary(signBlobCall());
    expect(server.accepted).toBe(2);
  });

  it("that says GOAWAY ends with its calls, while new calls go over another", async () => {
    const held: (() => void)[] = [];
    await using server = await startHttp2Server((stream, _, number) => {
      if (number === 1) held.push(() => answerGrpc(stream, SIGN_BLOB_RESPONSE));
      else answerGrpc(stream, SIGN_BLOB_RESPONSE);
    });
    const transport = open(server.host);
    const first = transport.unary(signBlobCall());
    await waitUntil("the first call has come", () => held.length === 1);
    for (const session of server.sessions) session.goaway(0);
    await transport.unary(signBlobCall());
    await waitUntil("the second connection is there", () => server.accepted === 2);
    held[0]?.();
    expect((await first).keyId).toBe("k");
  });

  it("on which a call timed out in silence is not used again", async () => {
    await using server = await startRecordingServer({ handler: never });
    const transport = open(server.host);
    expect((await rpcErrorOf(transport.unary(signBlobCall("x", { timeoutMs: 300 })))).status).toBe("DEADLINE_EXCEEDED");
    server.handler = () => undefined;
    await transport.unary(signBlobCall());
    expect(server.peers).toHaveLength(2);
  });

  it("that takes one call at a time has the others wait in their order", async () => {
    const order: string[] = [];
    await using server = await startRecordingServer({
      serverOptions: { "grpc.max_concurrent_streams": 1 },
      handler: ({ request }) => void order.push(String(request.payload)),
    });
    const transport = open(server.host);
    const payloads = ["1", "2", "3", "4"];
    await Promise.all(payloads.map((payload) => transport.unary(signBlobCall(payload))));
    expect([order, server.peers.length]).toEqual([payloads, 1]);
  });
});

describe("connecting ahead", () => {
  it("makes the one connection that the next call uses, and no other", async () => {
    await using server = await startRecordingServer();
    const transport = open(server.host);
    transport.connectAhead();
    transport.connectAhead();
    await waitUntil("it is connected", () => transport.connectionCount === 1);
    transport.connectAhead();
    await transport.unary(signBlobCall());
    expect([server.peers.length, transport.connectionCount]).toEqual([1, 1]);
  });

  it("lets the next call try for itself when it has failed, which then counts as the first failure", async () => {
    const clock = new ManualClock();
    await using server = await startRawServer((socket) => void socket.destroy());
    const transport = open(server.host, { clock });
    transport.connectAhead();
    await waitUntil("it has failed", () => server.accepted === 1 && server.open === 0);
    await new Promise(setImmediate);
    for (let failure = 1; failure <= 2; failure++) {
      expect((await rpcErrorOf(transport.unary(signBlobCall()))).code).toBe(14);
      expect(server.accepted).toBe(failure + 1);
    }
    transport.connectAhead();
    await rpcErrorOf(transport.unary(signBlobCall()));
    expect(server.accepted).toBe(3);
  });

  it("counts when it fails a call that has waited for it", async () => {
    const sockets: Socket[] = [];
    await using server = await startRawServer((socket) => void sockets.push(socket));
    const transport = open(server.host, { clock: new ManualClock() });
    transport.connectAhead();
    for (let failure = 1; failure <= 2; failure++) {
      const error = rpcErrorOf(transport.unary(signBlobCall()));
      await waitUntil("the connection is being made", () => server.accepted === failure);
      sockets.pop()?.destroy();
      expect((await error).code).toBe(14);
    }
    await rpcErrorOf(transport.unary(signBlobCall()));
    expect(server.accepted).toBe(2);
  });

  it("is given up after a while when no call comes, and does nothing after the end", async () => {
    const clock = new ManualClock();
    await using server = await startRawServer();
    const transport = open(server.host, { clock });
    transport.connectAhead();
    await waitUntil("the connection is being made", () => server.accepted === 1);
    await clock.advance(2_000);
    await waitUntil("its socket has ended", () => server.open === 0);
    await transport.close(0);
    transport.connectAhead();
    expect(transport.connectionCount).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.accepted).toBe(1);
  });
});

describe("closing", () => {
  it("cancels what is in flight at once with a grace of 0, and refuses what comes later", async () => {
    const transport = await expectClosedAtOnce(open);
    expect(await transport.close(0)).toBeUndefined();
  });

  it("waits for what is in flight within its grace, and cancels it afterwards", async () => {
    const clock = new ManualClock();
    let answer = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await using server = await startRecordingServer({ handler: ({ number }) => (number === 1 ? gate : never()) });
    const transport = open(server.host, { clock });
    const first = transport.unary(signBlobCall());
    await waitUntil("the first call has come", () => server.calls.length === 1);
    const second = rpcErrorOf(transport.unary(signBlobCall()));
    await waitUntil("the second call has come", () => server.calls.length === 2);
    const closed = transport.close(5_000);
    answer();
    expect((await first).keyId).toBe("canned-key");
    await clock.advance(5_000);
    await closed;
    expect((await second).status).toBe("CANCELLED");
  });

  it("gives up a connection that is still coming about", async () => {
    await using server = await startRawServer();
    const transport = open(server.host);
    const failure = rpcErrorOf(transport.unary(signBlobCall()));
    await waitUntil("the connection is being made", () => server.accepted === 1);
    await transport.close(0);
    expect((await failure).status).toBe("CANCELLED");
    await waitUntil("its socket has ended", () => server.open === 0);
  });
});
