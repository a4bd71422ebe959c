// SPDX-License-Identifier: Apache-2.0
// A client certificate at a TLS server that demands one: where it comes from, when it is asked for, what is wrong with it.

import { createPrivateKey } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type ClientCertificate, MutualTlsChannelError } from "../../src/index.js";
import {
  asSource,
  type MutualTlsStage,
  NEW_ONE,
  OLD_ONE,
  openMutualTlsStage,
  REQUEST,
} from "../support/mutual-tls-stage.js";
import { overGrpcTransports } from "../support/over-transports.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";

overGrpcTransports(() => {
  let stage: MutualTlsStage;

  beforeEach(async () => {
    stage = await openMutualTlsStage();
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  describe("a client certificate", () => {
    test("of clientCertSource is presented to the server", async () => {
      await using client = stage.clientTo({ clientCertSource: () => asSource(OLD_ONE) });
      expect((await client.signBlob(REQUEST)).keyId).toBe("canned-key");
      expect(stage.front.presented).toEqual(["old-client"]);
    });

    test("is presented without a server's name where the endpoint is an address, since SNI carries none", async () => {
      await using client = stage.clientTo({ clientCertSource: () => asSource(OLD_ONE) });
      await client.signBlob(REQUEST);
      expect(stage.front.askedFor).toEqual([false]);
    });

    test("may come as a promise of bytes, its key encrypted with a passphrase", async () => {
      const key = createPrivateKey(OLD_ONE.privateKey).export({
        type: "pkcs8",
        format: "pem",
        cipher: "aes-256-cbc",
        passphrase: "open sesame",
      });
      const cert = Buffer.from(OLD_ONE.certificate);
      await using client = stage.clientTo({
        clientCertSource: async () => ({ cert, key: Buffer.from(key), passphrase: "open sesame" }),
      });
      await client.signBlob(REQUEST);
      expect(stage.front.presented).toEqual(["old-client"]);
    });

    test("that is missing fails the call as UNAVAILABLE and reaches no service", async () => {
      const before = stage.recorder.calls.length;
      stage.setEnvironment({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "false" });
      await using client = stage.clientTo({ clientCertSource: () => asSource(OLD_ONE) });
      const error = await rpcErrorOf(client.signBlob(REQUEST, { retry: false }));
      expect(error.status).toBe("UNAVAILABLE");
      expect(error.message).toMatch(
        /UNAVAILABLE: (No connection established|the connection to 127\.0\.0\.1:\d+ failed: .*(certificate required|handshake failure))/,
      );
      expect(stage.recorder.calls.length).toBe(before);
    });

    test("is not asked for before the first call, and once for a hundred concurrent first calls", async () => {
      let asked = 0;
      await using client = stage.clientTo({
        clientCertSource: async () => {
          asked++;
          await sleep(20);
          return asSource(OLD_ONE);
        },
      });
      expect(asked).toBe(0);
      await Promise.all(Array.from({ length: 100 }, () => client.signBlob(REQUEST)));
      expect(asked).toBe(1);
      expect(stage.front.presented).toEqual(["old-client"]);
    });

    test.each([
      {
        what: "a source that throws",
        source: () => {
          throw new Error("locked");
        },
        text: "clientCertSource: threw an error instead of returning a certificate",
      },
      {
        what: "a source that gives nothing",
        source: () => undefined,
        text: "clientCertSource: must return { cert, key }, both in PEM form",
      },
      {
        what: "a certificate that is none",
        source: () => ({ cert: "x", key: OLD_ONE.privateKey }),
        text: "clientCertSource: cert must be a certificate in PEM form",
      },
      {
        what: "a key that is none",
        source: () => ({ cert: OLD_ONE.certificate, key: "x" }),
        text: "clientCertSource: key must be a private key in PEM form",
      },
      {
        what: "a key of another certificate",
        source: () => ({ cert: OLD_ONE.certificate, key: NEW_ONE.privateKey }),
        text: "clientCertSource: the key does not match the certificate",
      },
    ])("$what rejects the call with MutualTlsChannelError", async ({ source, text }) => {
      // as: what a program without types may do
      await using client = stage.clientTo({ clientCertSource: source as () => ClientCertificate });
      const error = await rejectionOf(client.signBlob(REQUEST));
      expect(error).toBeInstanceOf(MutualTlsChannelError);
      expect((error as Error).message).toBe(text);
    });

    test.each([
      { passphrase: undefined, text: "clientCertSource: the key is encrypted; return its passphrase too" },
      { passphrase: "wrong", text: "clientCertSource: key cannot be decrypted with its passphrase" },
    ])("with an encrypted key and the passphrase $passphrase rejects the call", async ({ passphrase, text }) => {
      const options = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "right" } as const;
      const key = createPrivateKey(OLD_ONE.privateKey).export(options);
      await using client = stage.clientTo({ clientCertSource: () => ({ cert: OLD_ONE.certificate, key, passphrase }) });
      const error = await rejectionOf(client.signBlob(REQUEST));
      expect(error).toBeInstanceOf(MutualTlsChannelError);
      expect((error as Error).message).toBe(text);
    });

    test("that does not come within the call's time ends it with DEADLINE_EXCEEDED, and close() does not wait for it", async () => {
      const client = stage.clientTo({ clientCertSource: () => new Promise(() => undefined) });
      const error = await rpcErrorOf(client.signBlob(REQUEST, { timeout: 100, retry: false }));
      expect(error.status).toBe("DEADLINE_EXCEEDED");
      const pending = rejectionOf(client.signBlob(REQUEST, { retry: false }));
      await client.close({ gracePeriod: 10 });
      expect(((await pending) as Error).message).toBe(
        "IAMCredentials: the client was closed while the call was in flight",
      );
    });

    test("is waited for no longer than the caller's signal allows", async () => {
      await using client = stage.clientTo({ clientCertSource: () => new Promise(() => undefined) });
      const reason = new Error("enough");
      const controller = new AbortController();
      const pending = rejectionOf(client.signBlob(REQUEST, { signal: controller.signal }));
      controller.abort(reason);
      expect(await pending).toBe(reason);
    });
  });
});
