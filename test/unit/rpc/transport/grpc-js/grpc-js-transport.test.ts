// SPDX-License-Identifier: Apache-2.0
// The transport over grpc-js: its connections and channels, its replacement of a dead one, and its end, over real sockets.

import { Channel, credentials } from "@grpc/grpc-js";
import { describe, expect, it, test } from "@jest/globals";
import {
  GrpcJsTransport,
  type GrpcJsTransportSettings,
} from "../../../../../src/rpc/transport/grpc-js/grpc-js-transport.js";
import { createCertificateAuthority } from "../../../../support/certificate-authority.js";
import { countCall, signBlobCall } from "../../../../support/counter-calls.js";
import { collect } from "../../../../support/counter-client.js";
import { startCounterServer } from "../../../../support/counter-server.js";
import { ManualClock } from "../../../../support/manual-clock.js";
import { startMutualTlsFront } from "../../../../support/mutual-tls-front.js";
import { freeHost } from "../../../../support/raw-server.js";
import { never, startRecordingServer } from "../../../../support/recording-server.js";
import { rpcErrorOf } from "../../../../support/rejection-of.js";
import { expectAbortedCallsUnsent, expectClosedAtOnce, stageTransports } from "../../../../support/transport-stage.js";
import { settle, waitUntil } from "../../../../support/wait-until.js";

const open = stageTransports<GrpcJsTransport, GrpcJsTransportSettings>((settings) => new GrpcJsTransport(settings));

describe("a transport over grpc-js", () => {
  it("connects at its first call, and carries all calls over one connection", async () => {
    await using server = await startRecordingServer();
    const transport = open(server.host);
    expect([transport.kind, transport.host, transport.connectionCount]).toEqual(["grpc", server.host, 0]);
    expect(transport.clientToken).toMatch(/^grpc\/1\./);
    const replies = await Promise.all(["a", "b"].map((payload) => transport.unary(signBlobCall(payload))));
    expect(replies.map(({ signedBlob }) => signedBlob.toString())).toEqual(["a", "b"]);
    expect([server.peers.length, transport.connectionCount]).toEqual([1, 1]);
  });

  it("carries streams", async () => {
    await using server = await startCounterServer();
    expect(await collect(open(server.host).stream(countCall(3)))).toHaveLength(3);
  });

  it("sends no call whose signal has aborted", () => expectAbortedCallsUnsent(open));

  it("says where nobody listens, which grpc-js alone does not", async () => {
    const host = await freeHost();
    const error = await rpcErrorOf(open(host, { endpointVariable: "IAM_EMULATOR_HOST" }).unary(signBlobCall()));
    expect(error).toMatchObject({ code: 14, transport: "grpc" });
    expect(error.message).toContain("IAM_EMULATOR_HOST");
  });

  it("opens another connection after a call that timed out in silence", async () => {
    await using server = await startRecordingServer();
    const transport = open(server.host);
    await transport.unary(signBlobCall()); // so that the connection stands, however busy the machine is
    server.handler = never;
    expect((await rpcErrorOf(transport.unary(signBlobCall("x", { timeoutMs: 300 })))).status).toBe("DEADLINE_EXCEEDED");
    server.handler = () => undefined;
    await transport.unary(signBlobCall());
    expect(server.peers).toHaveLength(2);
    expect(transport.connectionCount).toBe(1);
  });

  it("keeps the connection when the service said something, be it that time is over", async () => {
    await using server = await startRecordingServer({
      handler: () => {
        throw { code: 4, details: "too slow" };
      },
    });
    const transport = open(server.host);
    await rpcErrorOf(transport.unary(signBlobCall()));
    await rpcErrorOf(transport.unary(signBlobCall()));
    expect(server.peers).toHaveLength(1);
  });

  it("lays channel options over its own", async () => {
    await using server = await startRecordingServer();
    const transport = open(server.host, { channelOptions: { "grpc.max_receive_message_length": 10 } });
    expect((await rpcErrorOf(transport.unary(signBlobCall("x".repeat(100))))).status).toBe("RESOURCE_EXHAUSTED");
  });

  it("refuses roots that are no certificates, at once", () => {
    expect(() => open("h:1", { isInsecure: false, rootCertificates: "nothing" })).toThrow(
      expect.objectContaining({ name: "ConfigurationError", message: expect.stringContaining("rootCertificates") }),
    );
  });
});

describe("a channel of the caller's", () => {
  test.each(["", "dns:", "dns:///"])("gives the host, with the prefix %j or without", (prefix) => {
    const channel = new Channel(`${prefix}server.test:443`, credentials.createInsecure(), {});
    expect(open("ignored:1", { channel }).host).toBe("server.test:443");
    channel.close();
  });

  it("is used, stays open when the transport closes, and is told apart when it is closed itself", async () => {
    await using server = await startRecordingServer();
    const channel = new Channel(server.host, credentials.createInsecure(), {});
    const transport = new GrpcJsTransport({ target: "ignored:1", channel });
    await transport.unary(signBlobCall());
    await transport.close(0);
    const second = open("ignored:1", { channel });
    await second.unary(signBlobCall());
    expect(server.peers).toHaveLength(1);
    channel.close();
    const closed = { status: "CANCELLED", message: "IAMCredentials.SignBlob: CANCELLED: the given channel is closed" };
    expect(await rpcErrorOf(second.unary(signBlobCall()))).toMatchObject(closed);
    expect((await rpcErrorOf(second.stream(countCall(1)).next())).message).toBe(
      "CounterService.Count: CANCELLED: the given channel is closed",
    );
  });
});

describe("a client certificate", () => {
  it("is asked for at each connection; one that is renewed is presented by the next", async () => {
    const authority = createCertificateAuthority("server authority");
    const clients = createCertificateAuthority("client authority");
    await using server = await startRecordingServer();
    await using front = await startMutualTlsFront(
      authority.issue(["127.0.0.1", "localhost"]),
      clients.certificate,
      server.port,
    );
    let name = "old";
    const issued = new Map(["old", "new"].map((each) => [each, clients.issue([each])]));
    const clientCertSource = () => {
      const { certificate: cert = "", privateKey: key = "" } = issued.get(name) ?? {};
      return { cert, key };
    };
    const transport = open(front.host.replace("127.0.0.1", "localhost"), {
      isInsecure: false,
      rootCertificates: authority.certificate,
      clientCertSource,
    });
    await transport.unary(signBlobCall());
    await transport.unary(signBlobCall());
    expect(server.peers).toHaveLength(1);
    name = "new";
    front.drop();
    await settle();
    await transport.unary(signBlobCall());
    expect(front.presented).toEqual(["old", "new"]);
    expect([server.peers.length, transport.connectionCount]).toEqual([2, 1]);
  });

  it("that was renewed for one call serves another that fails later, so that no healthy connection is replaced", async () => {
    const authority = createCertificateAuthority("server authority");
    const clients = createCertificateAuthority("client authority");
    const issued = new Map(["old", "new", "newest"].map((each) => [each, clients.issue([each])]));
    await using server = await startRecordingServer();
    await using front = await startMutualTlsFront(authority.issue(["localhost"]), clients.certificate, server.port);
    let name = "old";
    const transport = open(front.host.replace("127.0.0.1", "localhost"), {
      isInsecure: false,
      rootCertificates: authority.certificate,
      clientCertSource: () => {
        const { certificate: cert = "", privateKey: key = "" } = issued.get(name) ?? {};
        return { cert, key };
      },
    });
    const refuse: (() => void)[] = [];
    server.handler = () =>
      new Promise((_, reject) => refuse.push(() => reject({ code: 16, details: "bound to another certificate" })));
    const calls = [transport.unary(signBlobCall()), transport.unary(signBlobCall())];
    await waitUntil("both calls have arrived", () => refuse.length === 2);
    server.handler = () => undefined;
    for (const [index, renewed] of ["new", "newest"].entries()) {
      name = renewed;
      refuse[index]?.();
      await Promise.race(calls.splice(0, 1));
    }
    expect(front.presented).toEqual(["old", "new"]);
  });

  it("that never comes ends the call with its deadline", async () => {
    const transport = open("localhost:1", { isInsecure: false, clientCertSource: never });
    expect((await rpcErrorOf(transport.unary(signBlobCall("x", { timeoutMs: 50 })))).message).toBe(
      "IAMCredentials.SignBlob: DEADLINE_EXCEEDED: clientCertSource returned nothing in time",
    );
  });
});

describe("closing", () => {
  it("cancels what is in flight with a grace of 0, and refuses what comes later", async () => {
    await expectClosedAtOnce(open);
  });

  it("waits for its grace, by the clock", async () => {
    const clock = new ManualClock();
    await using server = await startRecordingServer({ handler: never });
    const transport = open(server.host, { clock });
    const failure = rpcErrorOf(transport.unary(signBlobCall()));
    await waitUntil("the call has come", () => server.calls.length === 1);
    const closed = transport.close(5_000);
    expect(clock.waits).toContain(5_000);
    await clock.advance(5_000);
    await closed;
    expect((await failure).status).toBe("CANCELLED");
  });
});
