// SPDX-License-Identifier: Apache-2.0
// TLS: it is the default, and trust comes from rootCertificates. The authority is made here, so nothing else can trust it.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ClientOptions, ConfigurationError, IAMCredentialsAsyncClient } from "../../src/index.js";
import { type Certified, createCertificateAuthority } from "../support/certificate-authority.js";
import { overTransports } from "../support/over-transports.js";
import { startRawServer } from "../support/raw-server.js";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { rpcErrorOf } from "../support/rejection-of.js";
import { transportOfTurn } from "../support/transport-of-turn.js";

overTransports(() => {
  const authority = createCertificateAuthority();
  const credentials = { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) };
  const request = { name: "robot@some-project.iam.gserviceaccount.com", payload: Buffer.from("x") };

  const startTlsServer = (tls: Certified): Promise<RecordingServer> => startRecordingServer({ tls });

  const clientTo = (host: string, options: ClientOptions = {}) =>
    new IAMCredentialsAsyncClient({ transport: transportOfTurn(), apiEndpoint: host, credentials, ...options });

  let server: RecordingServer;
  beforeAll(async () => {
    server = await startTlsServer(authority.issue(["127.0.0.1", "localhost"]));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describe("rootCertificates", () => {
    test.each([
      { form: "text", rootCertificates: authority.certificate },
      { form: "bytes", rootCertificates: new TextEncoder().encode(authority.certificate) },
      { form: "a bundle", rootCertificates: createCertificateAuthority("other").certificate + authority.certificate },
    ])("as $form are what the server is checked against", async ({ rootCertificates }) => {
      await using client = clientTo(server.host, { rootCertificates });
      const { signedBlob } = await client.signBlob(request);
      expect(signedBlob).toEqual(Buffer.from("x"));
    });

    test("also hold for a host by its name", async () => {
      const options = { rootCertificates: authority.certificate };
      await using client = clientTo(`localhost:${server.port}`, options);
      expect((await client.signBlob(request, { timeout: 10_000 })).keyId).toBe("canned-key");
    });

    test("that are no PEM throw at construction, by name", () => {
      const make = () => clientTo(server.host, { rootCertificates: "no certificate" });
      expect(make).toThrow(ConfigurationError);
      expect(make).toThrow("rootCertificates: must be certificates in PEM form");
    });
  });

  describe("a server that cannot be trusted gets no call, and the caller is told why", () => {
    const expired = authority.issue(["127.0.0.1"], -60_000);
    const foreign = authority.issue(["example.com"]);
    const stranger = createCertificateAuthority("stranger").issue(["127.0.0.1"]);

    test.each([
      ["of an unknown authority", stranger, /unable to verify the first certificate|self-signed certificate/],
      ["for another host", foreign, /IP: 127\.0\.0\.1 is not in the cert's list/],
      ["that has expired", expired, /certificate has expired/],
    ])("%s", async (_title, certified, why) => {
      await using untrusted = await startTlsServer(certified);
      await using client = clientTo(untrusted.host, { rootCertificates: authority.certificate });
      const once = await rpcErrorOf(client.signBlob(request, { retry: false, timeout: 10_000 }));
      expect(once).toMatchObject({ code: 14, status: "UNAVAILABLE", attempts: 1 });
      expect(once.message).toMatch(/^IAMCredentials\.SignBlob: UNAVAILABLE: /);
      expect(once.message).toMatch(why);
      expect(untrusted.calls).toEqual([]);
    });

    test("without rootCertificates, even though it is this machine", async () => {
      await using client = clientTo(server.host);
      const before = server.calls.length;
      const error = await rpcErrorOf(client.signBlob(request, { retry: false, timeout: 10_000 }));
      expect(error.message).toMatch(/UNAVAILABLE: .*(unable to verify the first certificate|self-signed certificate)/);
      expect(error.code).toBe(14);
      expect(server.calls).toHaveLength(before);
    });

    test("the whole call ends after one attempt and says what mends it", async () => {
      await using client = clientTo(server.host);
      const error = await rpcErrorOf(client.signBlob(request));
      expect(error).toMatchObject({ status: "UNAVAILABLE", code: 14, attempts: 1, finalAfter: 1 });
      expect(error.message).toMatch(/certificate.*; trust its CA with the option rootCertificates/);
    });
  });

  test("TLS is the default: a plain server hears a handshake and no token", async () => {
    await using plain = await startRawServer((socket) => socket.once("data", () => socket.destroy()));
    await using client = clientTo(plain.host);
    const error = await rpcErrorOf(client.signBlob(request, { retry: false, timeout: 5_000 }));
    expect(error.message).toMatch(/^IAMCredentials\.SignBlob: UNAVAILABLE: /);
    expect(error.code).toBe(14);
    expect(plain.received.subarray(0, 2)).toEqual(Buffer.from([0x16, 0x03]));
    expect(plain.received.includes("some-token")).toBe(false);
  });

  test("a plain client gets nothing from a TLS server", async () => {
    await using client = clientTo(server.host, { insecure: true });
    const before = server.calls.length;
    const error = await rpcErrorOf(client.signBlob(request, { retry: false, timeout: 5_000 }));
    expect(error.message).toMatch(/^IAMCredentials\.SignBlob: UNAVAILABLE: /);
    expect(error.code).toBe(14);
    expect(server.calls).toHaveLength(before);
  });
});
