// SPDX-License-Identifier: Apache-2.0
// Client certificates and proxies under the REST transport, over real TLS.

import type { TLSSocket } from "node:tls";
import { systemClock } from "../../../../../src/base/clock.js";
import { MutualTlsChannelError } from "../../../../../src/base/errors.js";
import { generateIdToken } from "../../../../../src/iam-credentials/methods.js";
import { RestTransport, type RestTransportSettings } from "../../../../../src/rpc/transport/rest/rest-transport.js";
import type { UnaryCall } from "../../../../../src/rpc/transport/transport.js";
import { createCertificateAuthority } from "../../../../support/certificate-authority.js";
import { startConnectProxy } from "../../../../support/connect-proxy.js";
import { answerJson, type RecordingHttpServer, startHttpServer } from "../../../../support/http-server.js";
import { freeHost } from "../../../../support/raw-server.js";
import { rpcErrorOf } from "../../../../support/rejection-of.js";
import { waitUntil } from "../../../../support/wait-until.js";

const authority = createCertificateAuthority("server authority");
const clientAuthority = createCertificateAuthority("client authority");
const { certificate: cert, privateKey: key } = authority.issue(["localhost", "api.example"]);
const NAME = "projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com";

const message = { name: NAME, delegates: [], audience: "a", includeEmail: false };
const call: UnaryCall<typeof message, { token: string }> = {
  method: generateIdToken,
  message,
  metadata: [["authorization", "Bearer x"]],
  timeoutMs: 10_000,
  signal: undefined,
};

function open(target: string, settings: Partial<RestTransportSettings>): RestTransport {
  const { certificate: rootCertificates } = authority;
  return new RestTransport({ target, isInsecure: false, rootCertificates, clock: systemClock, ...settings });
}

/** A TLS server that tells whose certificate the client showed, and ends each connection after one answer. */
async function startStrictServer(): Promise<RecordingHttpServer> {
  const strict = { cert, key, ca: clientAuthority.certificate, requestCert: true, rejectUnauthorized: true };
  return startHttpServer((request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate(); // as: the server speaks TLS
    response.writeHead(200, { "content-type": "application/json", connection: "close" });
    response.end(JSON.stringify({ token: subject.CN }));
  }, strict);
}

it("asks for the client certificate at every new connection, so that a renewed one is used", async () => {
  await using server = await startStrictServer();
  let asked = 0;
  const clientCertSource = async () => {
    const { certificate, privateKey } = clientAuthority.issue([`client-${++asked}`]);
    return { cert: certificate, key: privateKey };
  };
  const transport = open(`localhost:${server.port}`, { clientCertSource });
  expect(asked).toBe(0);
  expect(await transport.unary(call)).toEqual({ token: "client-1" });
  expect(await transport.unary(call)).toEqual({ token: `client-${asked}` });
  expect(asked).toBeGreaterThanOrEqual(2);
  await transport.close(0);
});

it("repeats an attempt once over a fresh connection when the answer is UNAUTHENTICATED and the certificate is another one", async () => {
  let current = "old";
  const strict = { cert, key, ca: clientAuthority.certificate, requestCert: true, rejectUnauthorized: true };
  await using server = await startHttpServer((request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate(); // as: the server speaks TLS
    const isRight = subject.CN === current;
    response.writeHead(isRight ? 200 : 401, { "content-type": "application/json" });
    response.end(isRight ? JSON.stringify({ token: subject.CN }) : "{}");
  }, strict);
  const issued = new Map(["old", "new"].map((name) => [name, clientAuthority.issue([name])]));
  let given = "old";
  const clientCertSource = () => {
    const identity = issued.get(given) ?? clientAuthority.issue(["nobody"]);
    return { cert: identity.certificate, key: identity.privateKey };
  };
  const transport = open(`localhost:${server.port}`, { clientCertSource });
  expect(await transport.unary(call)).toEqual({ token: "old" });
  current = "new";
  expect(await rpcErrorOf(transport.unary(call))).toMatchObject({ code: 16, status: "UNAUTHENTICATED" });
  given = "new";
  expect(await transport.unary(call)).toEqual({ token: "new" });
  expect(server.requests).toHaveLength(4);
  await transport.close(0);
});

it("fails with UNAVAILABLE when the server does not trust the certificate, and with the error of a source that has none", async () => {
  await using server = await startStrictServer();
  const { certificate, privateKey } = authority.issue(["stranger"]);
  const stranger = open(`localhost:${server.port}`, {
    clientCertSource: () => ({ cert: certificate, key: privateKey }),
  });
  expect(await rpcErrorOf(stranger.unary(call))).toMatchObject({ code: 14, transport: "rest" });
  const failing = open(`localhost:${server.port}`, { clientCertSource: () => Promise.reject(new Error("no helper")) });
  const failure = failing.unary(call);
  await expect(failure).rejects.toThrow(MutualTlsChannelError);
  await expect(failure).rejects.toThrow("clientCertSource: threw an error instead of returning a certificate");
  await Promise.all([stranger.close(0), failing.close(0)]);
  expect(server.requests).toEqual([]);
});

it("closes its connections with itself", async () => {
  await using server = await startHttpServer(answerJson({ token: "t" }), { cert, key });
  const transport = open(`localhost:${server.port}`, {});
  await transport.unary(call);
  expect(server.sockets.size).toBeGreaterThan(0);
  await transport.close(0);
  await waitUntil("the connections end", () => server.sockets.size === 0);
});

describe("through a proxy", () => {
  it("tunnels with CONNECT, sends the proxy its password and the server nothing of it", async () => {
    await using server = await startHttpServer(answerJson({ token: "t" }), { cert, key });
    await using proxy = await startConnectProxy(server.port);
    // Nobody else could find this host.
    const transport = open("api.example:443", { proxyUrl: `http://me:p%40ss@${proxy.host}/` });
    expect(await transport.unary(call)).toEqual({ token: "t" });
    const basic = Buffer.from("me:p@ss").toString("base64");
    expect(proxy.asked[0]).toEqual(["api.example:443", `Basic ${basic}`]);
    expect(server.requests[0]?.headers).not.toHaveProperty("proxy-authorization");
    await transport.close(0);
    await waitUntil("the tunnels end", () => proxy.open === 0);
  });

  it("tunnels a plain connection too", async () => {
    await using server = await startHttpServer(answerJson({ token: "t" }));
    await using proxy = await startConnectProxy(server.port);
    const transport = open("emulator.example:8080", { isInsecure: true, proxyUrl: `http://${proxy.host}/` });
    expect(await transport.unary(call)).toEqual({ token: "t" });
    expect(proxy.asked[0]).toEqual(["emulator.example:8080", undefined]);
    await transport.close(0);
  });

  it("says what the proxy answered when it refuses", async () => {
    await using proxy = await startConnectProxy(1);
    proxy.statusCode = 407;
    const transport = open("api.example:443", { proxyUrl: `http://me:hidden@${proxy.host}/` });
    const error = await rpcErrorOf(transport.unary(call));
    expect(error.message).toBe(
      `IAMCredentials.GenerateIdToken: UNAVAILABLE: the connection to api.example:443 failed: the proxy ${proxy.host} answered CONNECT api.example:443 with HTTP 407; put the user and password into the proxy's URL: http://user:password@host:port`,
    );
    await transport.close(0);
  });

  it("fails with UNAVAILABLE when there is no proxy", async () => {
    const host = await freeHost();
    const transport = open("api.example:443", { proxyUrl: `http://${host}/` });
    expect(await rpcErrorOf(transport.unary(call))).toMatchObject({
      code: 14,
      message: expect.stringContaining(`connect ECONNREFUSED ${host}`),
    });
    await transport.close(0);
  });
});

it("refuses a method without an HTTP rule, and any after its close", async () => {
  const transport = open("localhost:1", {});
  const { http: _, ...method } = generateIdToken;
  expect(await rpcErrorOf(transport.unary({ ...call, method }))).toMatchObject({
    message: 'IAMCredentials.GenerateIdToken: UNIMPLEMENTED: the method has no HTTP rule; use the transport "grpc"',
  });
  await transport.close(0);
  expect(await rpcErrorOf(transport.unary(call))).toMatchObject({
    message: "IAMCredentials.GenerateIdToken: CANCELLED: the transport is closed",
  });
});

it("waits for calls in flight as long as its grace period, then cancels them", async () => {
  await using server = await startHttpServer((request, response) => {
    if (server.requests.length === 1) setTimeout(() => answerJson({ token: "late" })(request, response), 100);
  });
  const patient = open(server.host, { isInsecure: true, rootCertificates: undefined });
  const answered = patient.unary(call);
  await waitUntil("the call arrives", () => server.requests.length === 1);
  await patient.close(10_000);
  expect(await answered).toEqual({ token: "late" });
  const hasty = open(server.host, { isInsecure: true, rootCertificates: undefined });
  const cut = rpcErrorOf(hasty.unary(call));
  await waitUntil("the call arrives", () => server.requests.length === 2);
  await hasty.close(50);
  expect(await cut).toMatchObject({
    message: "IAMCredentials.GenerateIdToken: CANCELLED: the transport was closed",
  });
});

it("sends no metadata that a header cannot carry, and does not show it", async () => {
  const transport = open("127.0.0.1:1", { isInsecure: true, rootCertificates: undefined });
  const error = await rpcErrorOf(transport.unary({ ...call, metadata: [["x-own", "hid\nden"]] }));
  expect(error.message).toBe(
    'IAMCredentials.GenerateIdToken: INTERNAL: the metadata "x-own" cannot be sent as an HTTP header',
  );
  expect(error.cause).toBeUndefined();
  await transport.close(0);
});
