// SPDX-License-Identifier: Apache-2.0
// What no attempt can heal ends a call at once, under the default retry policy and deadline, over both transports: each row of the
// table of final failures.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import { FINAL_FAILURES } from "../../../../src/base/causes/final-failures.js";
import { startEmulator } from "../../../../src/emulator/index.js";
import { type ClientOptions, IAMCredentialsAsyncClient } from "../../../../src/index.js";
import { createCertificateAuthority } from "../../../support/certificate-authority.js";
import { startConnectProxy } from "../../../support/connect-proxy.js";
import { REQUEST } from "../../../support/plain-client.js";
import { freeHost, startRawServer } from "../../../support/raw-server.js";
import { rpcErrorOf } from "../../../support/rejection-of.js";
import { withEnvironment } from "../../../support/with-environment.js";

const authority = createCertificateAuthority();
const rootCertificates = authority.certificate;
const credentials = { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) };

interface Stage extends AsyncDisposable {
  readonly options: ClientOptions;
  readonly variables?: Readonly<Record<string, string>>;
}

async function tlsStage(hosts: readonly string[], changes: TlsOptions = {}, validForMs?: number): Promise<Stage> {
  const { certificate: cert, privateKey: key } = authority.issue(hosts, validForMs);
  const options = { cert, key, ALPNProtocols: ["h2", "http/1.1"], ...changes };
  const server = createServer(options, (socket) => socket.on("error", () => undefined));
  server.on("tlsClientError", () => undefined);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // as: a TCP server that listens
  return {
    options: { apiEndpoint: `localhost:${port}`, rootCertificates, credentials },
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

async function proxyStage(statusCode: number): Promise<Stage> {
  const proxy = await startConnectProxy(1);
  proxy.statusCode = statusCode;
  return {
    options: { apiEndpoint: "api.example", credentials },
    variables: { https_proxy: `http://${proxy.host}` },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

const nothing = async (): Promise<void> => undefined;

/** For each row: a server that shows it, and what the message must say that mends it. */
const ROWS: readonly (readonly [row: string, open: () => Promise<Stage>, mend: RegExp, over?: readonly string[]])[] = [
  [
    "a certificate from a CA that is not trusted",
    async () => {
      const { options, ...stage } = await tlsStage(["localhost"]);
      return { ...stage, options: { ...options, rootCertificates: createCertificateAuthority().certificate } };
    },
    /TLS with localhost:\d+: .*certificate.*; trust its CA with the option rootCertificates, or with NODE_EXTRA_CA_CERTS/,
  ],
  [
    "a certificate for another host",
    () => tlsStage(["other.example"]),
    /is not in the cert's altnames: .*; call the host by a name that its certificate is for/,
  ],
  [
    "a certificate that has expired or is not valid yet",
    () => tlsStage(["localhost"], {}, -1_000),
    /has expired; the server must renew it/,
  ],
  [
    "a server that requires a client certificate",
    () => tlsStage(["localhost"], { requestCert: true, rejectUnauthorized: true }),
    /failed: tlsv13 alert certificate required; present one: set the option clientCertSource and GOOGLE_API_USE_CLIENT/,
    ["grpc", "rest"],
  ],
  [
    "a port without TLS",
    async () => {
      const server = await startRawServer((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 No\r\n\r\n")));
      return {
        options: { apiEndpoint: server.host, credentials },
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
    /the port does not speak TLS: for an emulator, set the option insecure/,
  ],
  [
    "a peer without HTTP/2",
    () => tlsStage(["localhost"], { ALPNProtocols: ["http/1.1"] }),
    /; a proxy that inspects TLS is probably in between; transport: "rest" does not need HTTP\/2/,
    ["grpc", "grpc-js"],
  ],
  [
    "a peer that answers in HTTP/1",
    async () => {
      const server = await startRawServer((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 No\r\n\r\n")));
      return {
        options: { apiEndpoint: server.host, insecure: true, credentials },
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
    /the peer answered in HTTP\/1 and does not speak HTTP\/2; call the port on which the service speaks gRPC, or use/,
    ["grpc"],
  ],
  [
    "a proxy that requires a password",
    () => proxyStage(407),
    /HTTP 407; put the user and password into https_proxy: http:\/\/user:password@host:port/,
  ],
  [
    "a proxy that refuses the host",
    () => proxyStage(403),
    /HTTP 403; have the proxy allow the host, or exempt the host/,
  ],
  [
    "a proxy that is not an HTTP proxy",
    async () => {
      const server = await startRawServer((socket) => socket.write("220 mail.example ESMTP\r\n"));
      return {
        options: { apiEndpoint: "api.example", credentials },
        variables: { https_proxy: server.host },
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
    /does not speak HTTP\/1.1; https_proxy must name an HTTP proxy/,
  ],
  [
    "a name that does not exist",
    async () => ({ options: { apiEndpoint: "nowhere.invalid", credentials }, [Symbol.asyncDispose]: nothing }),
    /getaddrinfo ENOTFOUND nowhere\.invalid; check apiEndpoint and universeDomain; behind a proxy, set https_proxy/,
  ],
  // Of a bundle: test/package/module-scope.test.ts shows it.
  ["a bundle without require", async () => ({ options: {}, [Symbol.asyncDispose]: nothing }), /require/, []],
  [
    "an emulator that is not running",
    async () => ({
      options: {},
      variables: { IAM_CREDENTIALS_EMULATOR_HOST: await freeHost() },
      [Symbol.asyncDispose]: nothing,
    }),
    /connect ECONNREFUSED 127\.0\.0\.1:\d+; IAM_CREDENTIALS_EMULATOR_HOST names this port; start `iamcreds emulator`/,
  ],
];

it("has a stage for each row of the table", () => {
  expect(ROWS.map(([row]) => row)).toEqual(FINAL_FAILURES.map(({ name }) => name));
});

describe.each(["grpc", "grpc-js", "rest"])("over %s", (transport) => {
  const rows = ROWS.filter(([, , , over = [transport]]) => over.includes(transport));
  const stages = rows.map(([row, openStage, mend]) => [row, { openStage, mend }] as const);
  it.each(stages)("%s ends the call", async (row, { openStage, mend }) => {
    await using stage = await openStage();
    const options = { transport, ...stage.options };
    await using client = withEnvironment(stage.variables ?? {}, () => new IAMCredentialsAsyncClient(options));
    const error = await rpcErrorOf(client.signBlob(REQUEST));
    expect(error.message).toMatch(mend);
    const attempts = FINAL_FAILURES.find(({ name }) => name === row)?.attempts;
    expect(error).toMatchObject({ code: 14, status: "UNAVAILABLE", attempts, finalAfter: attempts });
  });

  it("an emulator that has answered before is waited for", async () => {
    const emulator = await startEmulator();
    const { host } = emulator;
    await using client = withEnvironment(
      { IAM_CREDENTIALS_EMULATOR_HOST: host },
      () => new IAMCredentialsAsyncClient({ transport }),
    );
    const robot = { ...REQUEST, name: "nobody@my-project.iam.gserviceaccount.com" };
    await rpcErrorOf(client.signBlob(robot));
    await emulator.close();
    const waiting = client.signBlob(robot, { timeout: 20_000 });
    await using again = await startEmulator({ port: Number(host.split(":").at(-1)) });
    const error = await rpcErrorOf(waiting);
    expect(error.status).not.toBe("UNAVAILABLE");
    expect(again.host).toBe(host);
  });
});
