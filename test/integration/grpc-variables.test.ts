// SPDX-License-Identifier: Apache-2.0
// The variables about TLS that users of grpc-js know, and Node's own, over the transport on HTTP/2 of ours.

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { type ClientOptions, ConfigurationError } from "../../src/index.js";
import { createCertificateAuthority } from "../support/certificate-authority.js";
import { runProgram } from "../support/child-program.js";
import { plainClient, REQUEST } from "../support/plain-client.js";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { rejectionOf } from "../support/rejection-of.js";
import { withEnvironment } from "../support/with-environment.js";

const authority = createCertificateAuthority();
const tls = authority.issue(["localhost", "127.0.0.1"]);
const folder = mkdtempSync(join(tmpdir(), "roots-"));
const roots = join(folder, "root.pem");

let server: RecordingServer;
beforeAll(async () => {
  writeFileSync(roots, authority.certificate);
  server = await startRecordingServer({ tls });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

describe("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", () => {
  const open = (path: string, options: ClientOptions = {}) =>
    withEnvironment({ GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: path }, () =>
      plainClient(server.host, { insecure: false, ...options }),
    );

  it("names the authorities that are trusted", async () => {
    await using client = open(roots);
    expect((await client.signBlob(REQUEST)).keyId).toBe("canned-key");
  });

  it("is refused by its name when there is no such file", () => {
    expect(() => open(join(folder, "missing.pem"))).toThrow(ConfigurationError);
    expect(() => open(join(folder, "missing.pem"))).toThrow("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH");
  });

  it("is not read where an option says whom to trust", async () => {
    await using client = open(join(folder, "missing.pem"), { rootCertificates: authority.certificate });
    expect((await client.signBlob(REQUEST)).keyId).toBe("canned-key");
  });
});

it("GRPC_SSL_CIPHER_SUITES names the cipher suites", async () => {
  const ciphers: string[] = [];
  const settings = {
    cert: tls.certificate,
    key: tls.privateKey,
    ALPNProtocols: ["h2"],
    maxVersion: "TLSv1.2",
  } as const;
  const listener = createServer(settings, (socket) => {
    ciphers.push(socket.getCipher().name);
    socket.on("error", () => undefined).destroy();
  });
  await once(listener.listen(0, "127.0.0.1"), "listening");
  const { port } = listener.address() as AddressInfo; // as: a TCP server that listens
  for (const suite of ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"]) {
    const options = { insecure: false, rootCertificates: authority.certificate };
    const client = withEnvironment({ GRPC_SSL_CIPHER_SUITES: suite }, () => plainClient(`localhost:${port}`, options));
    await rejectionOf(client.signBlob(REQUEST, { retry: false }));
    await client.close();
  }
  listener.close();
  expect(ciphers).toEqual(["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"]);
});

it("NODE_EXTRA_CA_CERTS adds authorities to those that are trusted", async () => {
  const program = "test/fault/programs/one-call-over-tls.ts";
  const run = (extra: Readonly<Record<string, string>>) =>
    runProgram(program, { TEST_HOST: server.host, TEST_TIMEOUT: "30000", ...extra });
  expect(await run({ NODE_EXTRA_CA_CERTS: roots })).toMatchObject({ stdout: "closed after an answer\n" });
  expect(await run({})).toMatchObject({ stdout: "closed after UNAVAILABLE\n" });
});
