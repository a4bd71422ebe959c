// SPDX-License-Identifier: Apache-2.0
// TLS and mutual TLS: one port for gRPC and HTTP in each, certificates that strict clients take.

import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { connect as connectHttp2 } from "node:http2";
import { Agent, request as httpsRequest } from "node:https";
import { connect as connectPlain } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { openEmulator } from "../../../../src/emulator/emulator.js";
import type { Emulator, EmulatorOptions } from "../../../../src/emulator/index.js";
import { installedPeers } from "../../../../src/emulator/world/runtime/optional-peer.js";
import { signCertificate } from "../../../../src/emulator/x509/build-certificate.js";
import { authorityExtensions } from "../../../../src/emulator/x509/extensions.js";
import { createServerIdentity } from "../../../../src/emulator/x509/server-identity.js";
import { openKeyPool } from "../../../support/key-pool.js";
import { nameOf, TARGET } from "../stage.js";

interface Identity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

// An authority, and a certificate that it signed.
function createClientIdentity(): Identity {
  const [authority, client] = [0, 1].map(() => generateKeyPairSync("ec", { namedCurve: "P-256" }));
  if (authority === undefined || client === undefined) throw new Error("no keys");
  const validity = { notBeforeAt: Date.now() - 60_000, notAfterAt: Date.now() + 3_600_000 };
  const template = { issuer: "client CA", ...validity };
  return {
    ca: signCertificate(
      { ...template, commonName: "client CA", publicKey: authority.publicKey, extensions: authorityExtensions() },
      authority.privateKey,
    ),
    cert: signCertificate(
      { ...template, commonName: "client", publicKey: client.publicKey, extensions: [] },
      authority.privateKey,
    ),
    key: client.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

type Shown = Pick<Identity, "cert" | "key"> | undefined;

async function signOverGrpc(host: string, ca: string, shown?: Shown): Promise<string> {
  const [key, cert] = shown === undefined ? [null, null] : [Buffer.from(shown.key), Buffer.from(shown.cert)];
  // Node 26 takes no address for a server's name, and grpc-js gives it one.
  const channel = { "grpc.ssl_target_name_override": "localhost" };
  const client = new Client(host, credentials.createSsl(Buffer.from(ca), key, cert), channel);
  const metadata = new Metadata();
  metadata.set("authorization", "Bearer owner");
  const request = { name: nameOf(TARGET), delegates: [], payload: "{}" };
  const { path, requestSerialize, responseDeserialize } = rows.signJwt;
  return new Promise<string>((resolve, reject) => {
    const options = { deadline: Date.now() + 50_000 };
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      options,
      (error, response) => (error === null ? resolve(response?.keyId ?? "") : reject(error)),
    );
  }).finally(() => client.close());
}

async function signOverHttp(url: string, ca: string, shown?: Shown): Promise<string> {
  const agent = new Agent({ ca, keepAlive: false, ...(shown && { cert: shown.cert, key: shown.key }) });
  const headers = { authorization: "Bearer owner", "content-type": "application/json" };
  return new Promise<string>((resolve, reject) => {
    const asked = httpsRequest(`${url}/v1/${nameOf(TARGET)}:signJwt`, { method: "POST", agent, headers });
    asked.on("error", reject);
    asked.on("response", async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve(JSON.parse(Buffer.concat(chunks).toString()).keyId);
    });
    asked.end('{"payload":"{}"}');
  });
}

// What TLS agrees on for the protocols that a client offers, or the code of its error.
function agree(emulator: Emulator, protocols: string[], more: ConnectionOptions = {}): Promise<string | false | null> {
  const [host = "", port = ""] = emulator.host.split(":");
  const ca = emulator.caCertificate;
  return new Promise((resolve) => {
    const options = {
      host,
      port: Number(port),
      ALPNProtocols: protocols,
      ...(ca === undefined ? {} : { ca }),
      ...more,
    };
    const socket = connectTls(options, () => {
      resolve(socket.alpnProtocol);
      socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
  });
}

const start = (tls: EmulatorOptions["tls"]) =>
  openEmulator(
    { serviceAccounts: [TARGET], ...(tls !== undefined && { tls }) },
    Date.now,
    installedPeers,
    openKeyPool(),
  );

describe("with tls: true", () => {
  let emulator: Emulator;
  let ca: string;
  beforeAll(async () => {
    emulator = await start(true);
    ca = emulator.caCertificate ?? "";
  });
  afterAll(() => emulator.close());

  test("gRPC and HTTP are on one port, behind a certificate of the emulator's own authority", async () => {
    expect(emulator.url).toBe(`https://${emulator.host}`);
    const keyId = await signOverGrpc(emulator.host, ca);
    expect(keyId).toMatch(/^[0-9a-f]{40}$/);
    expect(await signOverHttp(emulator.url, ca)).toBe(keyId);
    const port = emulator.host.split(":")[1];
    expect(await signOverGrpc(`localhost:${port}`, ca)).toBe(keyId);
    expect(await signOverHttp(`https://localhost:${port}`, ca)).toBe(keyId);
  });

  test("clients that do not trust that authority are told nothing", async () => {
    const stranger = createClientIdentity().ca;
    await expect(signOverGrpc(emulator.host, stranger)).rejects.toMatchObject({ code: 14 });
    await expect(signOverHttp(emulator.url, stranger)).rejects.toThrow(/certificate|self-signed/i);
  });

  test.each<[string[], string | false]>([
    [["h2"], "h2"],
    [["http/1.1"], "http/1.1"],
    [["http/1.0"], "http/1.0"],
    [["h2", "http/1.1"], "h2"],
    [["http/1.1", "h2"], "h2"],
    [["grpc-exp", "h2"], "h2"],
    [["spdy/3"], "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL"],
  ])("of %j it is %s that is spoken", async (protocols, agreed) => {
    expect(await agree(emulator, protocols)).toBe(agreed);
  });

  test("HTTP/1.1 without ALPN is served", async () => {
    const [host = "", port = ""] = emulator.host.split(":");
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connectTls({ host, port: Number(port), ca }, () => {
        socket.write("GET /oauth2/v3/certs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      });
      let received = "";
      socket.setEncoding("utf8").on("data", (chunk) => {
        received += chunk;
      });
      socket.on("error", reject).on("close", () => resolve(received));
    });
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  test("credentials files and clients' options point at it", async () => {
    const file = await emulator.createServiceAccountKey(TARGET);
    expect(file.token_uri).toBe(`${emulator.url}/token`);
    const options = emulator.clientOptions("user:dana@example.com");
    expect(options).toEqual({ apiEndpoint: emulator.host, rootCertificates: ca, credentials: options.credentials });
  });

  test.each([
    ["plain HTTP", "GET / HTTP/1.1\r\n\r\n"],
    ["garbage", "\x16\x03\x01garbage"],
  ])("%s ends its own connection and no other", async (_title, bytes) => {
    const [host = "", port = ""] = emulator.host.split(":");
    await new Promise<void>((resolve) => {
      const socket = connectPlain(Number(port), host, () => socket.end(bytes));
      socket.on("error", () => {}).on("close", () => resolve());
      socket.resume();
    });
    expect(await signOverGrpc(emulator.host, ca)).toMatch(/^[0-9a-f]{40}$/);
  });

  test("a client that leaves without a word harms nobody", async () => {
    const [host = "", port = ""] = emulator.host.split(":");
    await new Promise<void>((resolve) => {
      const socket = connectPlain(Number(port), host, () => socket.destroy()).on("close", () => resolve());
    });
    expect(await signOverGrpc(emulator.host, ca)).toMatch(/^[0-9a-f]{40}$/);
  });

  test("close() ends connections of both faces", async () => {
    const other = await start(true);
    const session = connectHttp2(other.url, { ca: other.caCertificate ?? "" });
    await new Promise((resolve) => session.once("connect", resolve));
    const closed = new Promise((resolve) => session.once("close", resolve));
    session.on("error", () => {});
    await other.close();
    await closed;
    expect(await agree(other, ["h2"])).toBe("ECONNREFUSED");
  });
});

describe("with mutual TLS", () => {
  const client = createClientIdentity();
  let emulator: Emulator;
  let ca: string;
  beforeAll(async () => {
    emulator = await start({ clientCa: client.ca });
    ca = emulator.caCertificate ?? "";
  });
  afterAll(() => emulator.close());

  test("both faces serve who shows a certificate of the authority", async () => {
    const keyId = await signOverGrpc(emulator.host, ca, client);
    expect(await signOverHttp(emulator.url, ca, client)).toBe(keyId);
  });

  test.each<[string, Shown]>([
    ["none", undefined],
    ["another authority's", createClientIdentity()],
  ])("neither face serves who shows %s", async (_title, shown) => {
    await expect(signOverGrpc(emulator.host, ca, shown)).rejects.toMatchObject({ code: 14 });
    await expect(signOverHttp(emulator.url, ca, shown)).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_SSL_|^ECONNRESET$|^EPIPE$/),
    });
  });
});

test("a certificate that was given is shown, and no authority is made", async () => {
  const { ca, cert, key } = createServerIdentity(Date.now());
  await using emulator = await start({ cert, key });
  expect(emulator.caCertificate).toBeUndefined();
  expect(await signOverGrpc(emulator.host, ca)).toMatch(/^[0-9a-f]{40}$/);
  expect(emulator.clientOptions("user:dana@example.com")).not.toHaveProperty("insecure");
});

test("the certificates are as RFC 5280 wants them", () => {
  const identity = createServerIdentity(Date.now());
  const [ca, cert] = [new X509Certificate(identity.ca), new X509Certificate(identity.cert)];
  expect([ca.ca, cert.ca]).toEqual([true, false]);
  expect(ca.verify(ca.publicKey) && cert.verify(ca.publicKey) && cert.checkIssued(ca)).toBe(true);
  for (const host of ["localhost", "iam.localhost", "iamcredentials.localhost"])
    expect(cert.checkHost(host)).toBeDefined();
  for (const ip of ["127.0.0.1", "::1"]) expect(cert.checkIP(ip)).toBe(ip);
  expect(cert.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
});

describe("options", () => {
  const { cert, key, ca } = createServerIdentity(Date.now());
  const other = createServerIdentity(Date.now());

  test.each<[unknown, string]>([
    ["yes", "tls must be a boolean or an object"],
    [null, "tls must be a boolean or an object"],
    [{ ca }, "tls.ca is not an option of the emulator; valid names are cert, key, clientCa"],
    [{ cert }, "tls must have both cert and key, or neither"],
    [{ key }, "tls must have both cert and key, or neither"],
    [{ cert: "x", key }, "tls.cert must be a certificate in PEM form"],
    [{ cert, key: "x" }, "tls.key must be the private key of tls.cert in PEM form, without a passphrase"],
    [{ cert, key: other.key }, "tls.key must be the private key of tls.cert in PEM form, without a passphrase"],
    [{ clientCa: "x" }, "tls.clientCa must be a certificate in PEM form"],
  ])("case %#: are refused by name", async (tls, message) => {
    // What TypeScript would not let through comes from JavaScript.
    await expect(start(tls as never)).rejects.toMatchObject({ name: "TypeError", message });
  });
});
