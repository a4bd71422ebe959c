// SPDX-License-Identifier: Apache-2.0
// Connections over real TCP and TLS: whom they trust, what they say when they fail, and when they give up.

import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type TLSSocket, type TlsOptions } from "node:tls";
import { systemClock } from "../../../../src/base/clock.js";
import { ConfigurationError } from "../../../../src/base/errors.js";
import { type DialTarget, dial, formatAuthority } from "../../../../src/base/socket/dial.js";
import { DialError } from "../../../../src/base/socket/dial-error.js";
import { TlsIdentity } from "../../../../src/base/socket/tls-identity.js";
import { createCertificateAuthority } from "../../../support/certificate-authority.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { freeHost, startRawServer } from "../../../support/raw-server.js";
import { rejectionOf } from "../../../support/rejection-of.js";
import { waitUntil } from "../../../support/wait-until.js";

const authority = createCertificateAuthority("server authority");
const stranger = createCertificateAuthority("another authority");
const clientAuthority = createCertificateAuthority("client authority");
const { certificate: cert, privateKey: key } = authority.issue(["localhost"]);
const trusting = () => new TlsIdentity({ rootCertificates: authority.certificate });

class TlsServer implements AsyncDisposable {
  readonly sockets: TLSSocket[] = [];
  readonly #server: Server;

  constructor(options: TlsOptions) {
    this.#server = createServer({ cert, key, ...options }, (socket) => {
      socket.on("error", () => undefined);
      socket.end("hello");
      this.sockets.push(socket);
    });
    this.#server.on("tlsClientError", () => undefined);
  }

  async listen(): Promise<this> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return this;
  }

  get target(): { host: string; port: number } {
    return { host: "localhost", port: (this.#server.address() as AddressInfo).port }; // as: a TCP server that listens
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const startTlsServer = (options: TlsOptions = {}) => new TlsServer(options).listen();
const reach = (target: DialTarget) => dial(target, { timeoutMs: 10_000, clock: systemClock });

/** Connects, reads to the end (so that tickets have come), and closes. */
async function visit(target: DialTarget): Promise<{ isResumed: boolean; said: string }> {
  const socket = (await reach(target)) as TLSSocket; // as: every target here has TLS
  const isResumed = socket.isSessionReused();
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return { isResumed, said: Buffer.concat(chunks).toString() };
}

async function dialErrorOf(promise: Promise<unknown>): Promise<DialError> {
  const error = await rejectionOf(promise);
  if (error instanceof DialError) return error;
  throw new Error("expected a DialError", { cause: error });
}

it("connects without TLS", async () => {
  await using server = await startRawServer((socket) => socket.end("plain"));
  const socket = await reach({ host: "127.0.0.1", port: server.port });
  const [said] = await once(socket, "data");
  expect(String(said)).toBe("plain");
  socket.destroy();
});

it("connects with TLS, and agrees on a protocol", async () => {
  await using server = await startTlsServer({ ALPNProtocols: ["http/1.1", "h2"] });
  const socket = (await reach({ ...server.target, tls: trusting(), protocol: "h2" })) as TLSSocket; // as: it has TLS
  expect([socket.authorized, socket.alpnProtocol]).toEqual([true, "h2"]);
  socket.destroy();
});

it.each([
  ["agrees to no protocol", {}, "NO_PROTOCOL", /^localhost:\d+ did not negotiate the protocol h2 \(ALPN: none\)$/],
  [
    "refuses it",
    { ALPNProtocols: ["http/1.1"] },
    "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
    /^TLS with localhost:\d+: .*no application protocol$/,
  ],
])("fails when the peer %s", async (_, options, code, message) => {
  await using server = await startTlsServer(options);
  const error = await dialErrorOf(reach({ ...server.target, tls: trusting(), protocol: "h2" }));
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
});

it.each([
  [
    "of an authority that is not trusted",
    stranger.issue(["localhost"]),
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "unable to verify the first certificate",
  ],
  [
    "for another name",
    authority.issue(["api.example"]),
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "Host: localhost. is not in the cert's altnames: DNS:api.example",
  ],
  ["that has expired", authority.issue(["localhost"], -1_000), "CERT_HAS_EXPIRED", "certificate has expired"],
])("takes no certificate %s", async (_, issued, code, said) => {
  await using server = await startTlsServer({ cert: issued.certificate, key: issued.privateKey });
  const error = await dialErrorOf(reach({ ...server.target, tls: trusting() }));
  expect(error).toMatchObject({ step: "tls", code, isProxy: false });
  expect(error.message).toMatch(/^TLS with localhost:\d+: /);
  expect(error.message).toContain(said);
});

it("says that the peer does not speak TLS, without OpenSSL's file names", async () => {
  await using server = await startRawServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const error = await dialErrorOf(reach({ host: "127.0.0.1", port: server.port, tls: trusting() }));
  expect(error.message).toMatch(/^TLS with 127\.0\.0\.1:\d+: (wrong version number|packet length too long)$/);
});

it("says that the peer closed the connection during the handshake", async () => {
  await using server = await startRawServer((socket) => socket.once("data", () => socket.end()));
  const error = await dialErrorOf(reach({ host: "127.0.0.1", port: server.port, tls: trusting() }));
  expect(error).toMatchObject({ step: "tls", code: "ECONNRESET" });
});

it("presents a client certificate whose key is encrypted", async () => {
  const strict = { ca: clientAuthority.certificate, requestCert: true, rejectUnauthorized: true };
  await using server = await startTlsServer(strict);
  const issued = clientAuthority.issue(["client"]);
  const sealed = createPrivateKey(issued.privateKey).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "open",
  });
  const certificate = { cert: issued.certificate, key: sealed.toString(), passphrase: "open" };
  const tls = new TlsIdentity({ rootCertificates: authority.certificate, certificate });
  expect(await visit({ ...server.target, tls })).toMatchObject({ said: "hello" });
  expect(server.sockets[0]?.authorized).toBe(true);
});

it("refuses roots that are no PEM when they are given", () => {
  expect(() => new TlsIdentity({ rootCertificates: "none" })).toThrow(ConfigurationError);
  expect(() => new TlsIdentity({ rootCertificates: "none" })).toThrow(
    "rootCertificates: must be certificates in PEM form",
  );
});

describe.each(["TLSv1.2", "TLSv1.3"] as const)("session tickets of %s", (version) => {
  const options = { minVersion: version, maxVersion: version };

  it("are used by the next connection of the same identity to the same peer", async () => {
    await using server = await startTlsServer(options);
    const tls = trusting();
    expect(await visit({ ...server.target, tls })).toEqual({ isResumed: false, said: "hello" });
    expect(await visit({ ...server.target, tls })).toEqual({ isResumed: true, said: "hello" });
  });

  it("never reach another identity, so that its own roots decide", async () => {
    await using server = await startTlsServer(options);
    await visit({ ...server.target, tls: trusting() });
    expect(await visit({ ...server.target, tls: trusting() })).toMatchObject({ isResumed: false });
    const others = new TlsIdentity({ rootCertificates: stranger.certificate });
    expect(await dialErrorOf(reach({ ...server.target, tls: others }))).toMatchObject({ step: "tls" });
  });
});

describe("through a proxy", () => {
  it("asks for the host, with the password, and speaks TLS with what is behind", async () => {
    await using server = await startTlsServer();
    await using proxy = await startRawServer((client) => {
      client.once("data", async () => {
        const upstream = await reach({ host: "127.0.0.1", port: server.target.port });
        client.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 204 Fine\r\nx: y\r\n\r\n");
        client.pipe(upstream).pipe(client);
      });
    });
    const route = { host: "127.0.0.1", port: proxy.port, authorization: "Basic bWU6cHc=" };
    expect(await visit({ ...server.target, tls: trusting(), proxy: route })).toMatchObject({ said: "hello" });
    const asked = proxy.received.toString("latin1").split("\r\n\r\n")[0];
    const name = `localhost:${server.target.port}`;
    expect(asked).toBe(`CONNECT ${name} HTTP/1.1\r\nHost: ${name}\r\nProxy-Authorization: Basic bWU6cHc=`);
  });

  it("loses nothing of what comes together with the proxy's answer", async () => {
    await using proxy = await startRawServer((client) => {
      client.once("data", () => client.end("HTTP/1.1 200 OK\r\n\r\nearly bird"));
    });
    const socket = await reach({ host: "far.example", port: 80, proxy: { host: "127.0.0.1", port: proxy.port } });
    const [said] = await once(socket, "data");
    expect(String(said)).toBe("early bird");
    socket.destroy();
  });

  it("speaks TLS with the proxy, and TLS in it with what is behind", async () => {
    await using server = await startTlsServer();
    const inner = server.target.port;
    const open = new Set<TLSSocket>();
    const outer = createServer({ cert, key }, (client) => {
      open.add(client.on("error", () => undefined).once("close", () => open.delete(client)));
      client.once("data", async () => {
        const upstream = await reach({ host: "127.0.0.1", port: inner });
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        client.pipe(upstream).pipe(client);
        // Nobody reads on to its end otherwise.
        upstream.once("close", () => client.resume());
      });
    });
    await once(outer.listen(0, "127.0.0.1"), "listening");
    const { port } = outer.address() as AddressInfo; // as: a TCP server that listens
    const route = { host: "localhost", port, tls: trusting() };
    expect(await visit({ ...server.target, tls: trusting(), proxy: route })).toMatchObject({ said: "hello" });
    const distrusting = { ...route, tls: new TlsIdentity({ rootCertificates: stranger.certificate }) };
    const error = await dialErrorOf(reach({ ...server.target, tls: trusting(), proxy: distrusting }));
    expect(error).toMatchObject({ step: "tls", isProxy: true });
    expect(error.message).toMatch(/^TLS with the proxy localhost:\d+: /);
    await waitUntil("the connections end", () => open.size === 0);
    await new Promise((resolve) => outer.close(resolve));
  });

  it.each([
    [
      "refuses",
      "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
      { code: "PROXY_REFUSED", httpStatus: 407 },
      "answered CONNECT far.example:443 with HTTP 407",
    ],
    ["is no HTTP proxy", "220 mail.example ESMTP\r\n", { code: "NOT_HTTP" }, "does not speak HTTP/1.1"],
    [
      "never ends its head",
      `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(4_000)}`,
      { code: "NOT_HTTP" },
      "sent a response head that is too long",
    ],
    ["hangs up", "", { code: "PROXY_LOST" }, "closed the connection without a response"],
  ])("says what it did when the proxy %s", async (_, answer, fields, text) => {
    await using proxy = await startRawServer((client) => client.once("data", () => client.end(answer)));
    const route = { host: "127.0.0.1", port: proxy.port, authorization: "Basic c2VjcmV0" };
    const error = await dialErrorOf(reach({ host: "far.example", port: 443, tls: trusting(), proxy: route }));
    expect(error).toMatchObject({ step: "tunnel", isProxy: true, ...fields });
    expect(error.message).toBe(`the proxy ${proxy.host} ${text}`);
  });

  it("names the proxy when there is none", async () => {
    const host = await freeHost();
    const route = { host: "127.0.0.1", port: Number(host.split(":")[1]) };
    const error = await dialErrorOf(reach({ host: "far.example", port: 443, proxy: route }));
    expect(error).toMatchObject({ step: "connect", code: "ECONNREFUSED", isProxy: true });
    expect(error.message).toBe(`the proxy ${host}: connect ECONNREFUSED ${host}`);
  });
});

describe("gives up", () => {
  it.each([
    ["TLS", { tls: trusting() }, "tls", (host: string) => `the TLS handshake with ${host}`],
    ["the proxy", { isProxied: true }, "tunnel", (host: string) => `the proxy ${host} to respond to CONNECT`],
  ])("after its time, saying that it waited for %s, and closes the connection", async (_, how, step, waited) => {
    await using silent = await startRawServer();
    const clock = new ManualClock();
    const here = { host: "127.0.0.1", port: silent.port };
    const target = "tls" in how ? { ...here, tls: how.tls } : { host: "far.example", port: 443, proxy: here };
    const failure = dialErrorOf(dial(target, { timeoutMs: 5_000, clock }));
    await waitUntil("the connection stands", () => silent.received.length > 0);
    await clock.advance(5_000);
    const error = await failure;
    expect(error).toMatchObject({ step, code: "ETIMEDOUT" });
    expect(error.message).toBe(
      `no connection to ${formatAuthority(target)} within 5000 ms: still waiting for ${waited(silent.host)}`,
    );
    await waitUntil("the connection ends", () => silent.open === 0);
  });

  it("after its time, saying that it waited for the address", async () => {
    const clock = new ManualClock();
    const lookup = () => new Promise<never>(() => undefined);
    const failure = dialErrorOf(dial({ host: "far.example", port: 443 }, { timeoutMs: 5_000, clock, lookup }));
    await clock.advance(5_000);
    expect((await failure).message).toBe(
      "no connection to far.example:443 within 5000 ms: still waiting for the address of far.example",
    );
  });

  it("with the reason of its signal, and closes the connection", async () => {
    await using silent = await startRawServer();
    const controller = new AbortController();
    const { signal } = controller;
    const target = { host: "127.0.0.1", port: silent.port, tls: trusting() };
    const failure = rejectionOf(dial(target, { timeoutMs: 5_000, clock: new ManualClock(), signal }));
    await waitUntil("the connection stands", () => silent.received.length > 0);
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await failure).toBe(reason);
    await waitUntil("the connection ends", () => silent.open === 0);
    expect(await rejectionOf(dial(target, { timeoutMs: 5_000, clock: new ManualClock(), signal }))).toBe(reason);
    expect(silent.accepted).toBe(1);
  });
});
