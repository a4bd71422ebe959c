// SPDX-License-Identifier: Apache-2.0
// Client certificates against a TLS server that demands them and changes whom it trusts while calls run. Every certificate is made
// here, and rootCertificates names the one authority to trust, so no setting of the machine can help.

import { createPrivateKey } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import {
  type ClientCertificate,
  type ClientOptions,
  IAMCredentialsAsyncClient,
  MutualTlsChannelError,
} from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { type Certified, createCertificateAuthority } from "../support/certificate-authority.js";
import { collect, openCounterClient } from "../support/counter-client.js";
import { startCounterServer } from "../support/counter-server.js";
import { type MutualTlsFront, startMutualTlsFront } from "../support/mutual-tls-front.js";
import { overGrpcTransports } from "../support/over-transports.js";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";
import { transportOfTurn } from "../support/transport-of-turn.js";
import { settle, waitUntil } from "../support/wait-until.js";

overGrpcTransports(() => {
  const servers = createCertificateAuthority("servers");
  const [oldClients, newClients] = [createCertificateAuthority("old"), createCertificateAuthority("new")];
  const ownOfServer = servers.issue(["127.0.0.1"]);
  const [oldOne, newOne] = [oldClients.issue(["old-client"]), newClients.issue(["new-client"])];
  const REQUEST = { name: "robot@some-project.iam.gserviceaccount.com", payload: Buffer.from("x") };
  const asSource = ({ certificate, privateKey }: Certified): ClientCertificate => ({
    cert: certificate,
    key: privateKey,
  });

  let recorder: RecordingServer;
  let front: MutualTlsFront;
  let folder: string;
  let restoreEnvironment: () => void;

  beforeAll(async () => {
    recorder = await startRecordingServer({});
    folder = mkdtempSync(join(tmpdir(), "mutual-tls-"));
  });
  afterAll(async () => {
    await recorder[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    recorder.handler = () => undefined;
    front = await startMutualTlsFront(ownOfServer, oldClients.certificate, recorder.port);
    restoreEnvironment = setEnvironment({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" });
  });
  afterEach(async () => {
    restoreEnvironment();
    await front[Symbol.asyncDispose]();
  });

  function clientTo(options: ClientOptions): IAMCredentialsAsyncClient {
    return new IAMCredentialsAsyncClient({
      transport: transportOfTurn(),
      apiEndpoint: front.host,
      rootCertificates: servers.certificate,
      credentials: { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) },
      ...options,
    });
  }

  describe("a client certificate", () => {
    test("of clientCertSource is presented to the server", async () => {
      await using client = clientTo({ clientCertSource: () => asSource(oldOne) });
      expect((await client.signBlob(REQUEST)).keyId).toBe("canned-key");
      expect(front.presented).toEqual(["old-client"]);
    });

    test("may come as a promise of bytes, its key encrypted with a passphrase", async () => {
      const key = createPrivateKey(oldOne.privateKey).export({
        type: "pkcs8",
        format: "pem",
        cipher: "aes-256-cbc",
        passphrase: "open sesame",
      });
      const cert = Buffer.from(oldOne.certificate);
      await using client = clientTo({
        clientCertSource: async () => ({ cert, key: Buffer.from(key), passphrase: "open sesame" }),
      });
      await client.signBlob(REQUEST);
      expect(front.presented).toEqual(["old-client"]);
    });

    test("that is missing fails the call as UNAVAILABLE and reaches no service", async () => {
      const before = recorder.calls.length;
      restoreEnvironment();
      restoreEnvironment = setEnvironment({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "false" });
      await using client = clientTo({ clientCertSource: () => asSource(oldOne) });
      const error = await rpcErrorOf(client.signBlob(REQUEST, { retry: false }));
      expect(error.status).toBe("UNAVAILABLE");
      expect(error.message).toMatch(
        /UNAVAILABLE: (No connection established|the connection to 127\.0\.0\.1:\d+ failed: .*(certificate required|handshake failure))/,
      );
      expect(recorder.calls.length).toBe(before);
    });

    test("is not asked for before the first call, and once for a hundred concurrent first calls", async () => {
      let asked = 0;
      await using client = clientTo({
        clientCertSource: async () => {
          asked++;
          await sleep(20);
          return asSource(oldOne);
        },
      });
      expect(asked).toBe(0);
      await Promise.all(Array.from({ length: 100 }, () => client.signBlob(REQUEST)));
      expect(asked).toBe(1);
      expect(front.presented).toEqual(["old-client"]);
    });

    test.each([
      {
        what: "a source that throws",
        source: () => {
          throw new Error("locked");
        },
        text: "clientCertSource: gave no certificate, it threw an error",
      },
      {
        what: "a source that gives nothing",
        source: () => undefined,
        text: "clientCertSource: must return { cert, key }, both in PEM form",
      },
      {
        what: "a certificate that is none",
        source: () => ({ cert: "x", key: oldOne.privateKey }),
        text: "clientCertSource: cert must be a certificate in PEM form",
      },
      {
        what: "a key that is none",
        source: () => ({ cert: oldOne.certificate, key: "x" }),
        text: "clientCertSource: key must be a private key in PEM form",
      },
      {
        what: "a key of another certificate",
        source: () => ({ cert: oldOne.certificate, key: newOne.privateKey }),
        text: "clientCertSource: the key is not that of the certificate",
      },
    ])("$what rejects the call with MutualTlsChannelError", async ({ source, text }) => {
      // as: what a program without types may do
      await using client = clientTo({ clientCertSource: source as () => ClientCertificate });
      const error = await rejectionOf(client.signBlob(REQUEST));
      expect(error).toBeInstanceOf(MutualTlsChannelError);
      expect((error as Error).message).toBe(text);
    });

    test.each([
      { passphrase: undefined, text: "clientCertSource: the key is encrypted; return its passphrase too" },
      { passphrase: "wrong", text: "clientCertSource: key cannot be decrypted with its passphrase" },
    ])("with an encrypted key and the passphrase $passphrase rejects the call", async ({ passphrase, text }) => {
      const options = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "right" } as const;
      const key = createPrivateKey(oldOne.privateKey).export(options);
      await using client = clientTo({ clientCertSource: () => ({ cert: oldOne.certificate, key, passphrase }) });
      const error = await rejectionOf(client.signBlob(REQUEST));
      expect(error).toBeInstanceOf(MutualTlsChannelError);
      expect((error as Error).message).toBe(text);
    });

    test("that does not come within the call's time ends it with DEADLINE_EXCEEDED, and close() does not wait for it", async () => {
      const client = clientTo({ clientCertSource: () => new Promise(() => undefined) });
      const error = await rpcErrorOf(client.signBlob(REQUEST, { timeout: 100, retry: false }));
      expect(error.status).toBe("DEADLINE_EXCEEDED");
      const pending = rejectionOf(client.signBlob(REQUEST, { retry: false }));
      await client.close({ gracePeriod: 10 });
      expect(((await pending) as Error).message).toBe(
        "IAMCredentials: the client was closed while the call was in flight",
      );
    });

    test("is waited for no longer than the caller's signal allows", async () => {
      await using client = clientTo({ clientCertSource: () => new Promise(() => undefined) });
      const reason = new Error("enough");
      const controller = new AbortController();
      const pending = rejectionOf(client.signBlob(REQUEST, { signal: controller.signal }));
      controller.abort(reason);
      expect(await pending).toBe(reason);
    });
  });

  describe("a certificate that is renewed", () => {
    test("in its files is presented on the next connection, without a restart and without a failed call", async () => {
      const paths = writeWorkload(oldOne);
      restoreEnvironment();
      restoreEnvironment = setEnvironment({ GOOGLE_API_CERTIFICATE_CONFIG: paths.config });
      await using client = clientTo({});
      await client.signBlob(REQUEST);
      writeWorkload(newOne);
      front.trust(newClients.certificate);
      front.drop();
      await client.signBlob(REQUEST);
      expect(front.presented).toEqual(["old-client", "new-client"]);
    });

    test("while the server changes whom it trusts and calls run: all of them succeed", async () => {
      const paths = writeWorkload(oldOne);
      restoreEnvironment();
      restoreEnvironment = setEnvironment({ GOOGLE_API_CERTIFICATE_CONFIG: paths.config });
      recorder.handler = () => sleep(5);
      await using client = clientTo({});
      let isOver = false;
      let done = 0;
      const failures: unknown[] = [];
      const callers = Array.from({ length: 20 }, async () => {
        while (!isOver) {
          await client.signBlob(REQUEST).then(
            () => done++,
            (error: unknown) => failures.push(error),
          );
        }
      });
      const moreCalls = async () => {
        const target = done + 100;
        await waitUntil("a hundred more calls", () => done >= target);
      };
      await moreCalls();
      // First the server, then the files, with a gap in which nobody can connect.
      front.trust(newClients.certificate);
      front.drop();
      await waitUntil("the old certificate is turned away", () => front.refused > 0);
      writeWorkload(newOne);
      await moreCalls();
      // And back, without an end to any connection: those that are there go on.
      front.trust(oldClients.certificate);
      writeWorkload(oldOne);
      await moreCalls();
      front.drop();
      await moreCalls();
      isOver = true;
      await Promise.all(callers);
      expect(failures).toEqual([]);
      expect(front.presented).toEqual(["old-client", "new-client", "old-client"]);
    });

    test("after the server has stopped to trust the old one is found within the attempt, so that even a call without retry succeeds", async () => {
      let current = oldOne;
      let asked = 0;
      // The source is one answer behind: the first question of a connection still gets the certificate that nobody trusts.
      await using client = clientTo({
        clientCertSource: () => {
          const given = asSource(current);
          if (asked++ > 0) current = newOne;
          return given;
        },
      });
      await client.signBlob(REQUEST);
      front.trust(newClients.certificate);
      front.drop();
      await waitUntil("the connection is gone", () => front.open === 0);
      await settle();
      await client.signBlob(REQUEST, { retry: false });
      expect(front.presented).toEqual(["old-client", "new-client"]);
      expect(asked).toBe(3);
      expect(front.refused).toBeGreaterThan(0);
    });

    test("is presented on a fresh connection when the answer is UNAUTHENTICATED, while calls on the old one go on", async () => {
      let current = oldOne;
      let release = (): void => undefined;
      const slow = new Promise<void>((resolve) => {
        release = resolve;
      });
      await using client = clientTo({ clientCertSource: () => asSource(current) });
      recorder.handler = () => slow;
      const before = recorder.calls.length;
      const inFlight = client.signBlob(REQUEST);
      await waitUntil("the slow call has arrived", () => recorder.calls.length > before);
      front.trust(newClients.certificate);
      current = newOne;
      let refusals = 0;
      recorder.handler = () => {
        if (refusals++ === 0) throw { code: 16, details: "the token is bound to another certificate" };
      };
      await client.signBlob(REQUEST, { retry: false });
      expect(front.presented).toEqual(["old-client", "new-client"]);
      expect(refusals).toBe(2);
      release();
      await inFlight;
    });

    test("not at all leaves UNAUTHENTICATED as it is, after one attempt", async () => {
      let asked = 0;
      await using client = clientTo({
        clientCertSource: () => {
          asked++;
          return asSource(oldOne);
        },
      });
      let attempts = 0;
      recorder.handler = () => {
        attempts++;
        throw { code: 16, details: "no such token" };
      };
      const error = await rpcErrorOf(client.signBlob(REQUEST));
      expect(error.code).toBe(16);
      expect(error.message).toBe("IAMCredentials.SignBlob: UNAUTHENTICATED: no such token");
      expect({ attempts, asked }).toEqual({ attempts: 1, asked: 2 });
    });

    test("but only by half (a key that does not fit yet) does not take the old one away", async () => {
      let given = asSource(oldOne);
      await using client = clientTo({ clientCertSource: () => given });
      await client.signBlob(REQUEST);
      given = { cert: newOne.certificate, key: oldOne.privateKey };
      front.drop();
      await client.signBlob(REQUEST);
      expect(front.presented).toEqual(["old-client", "old-client"]);
    });
  });

  describe("a stream", () => {
    test("presents the certificate, and the renewed one after the server has stopped to trust the old one", async () => {
      await using counter = await startCounterServer();
      await using strict = await startMutualTlsFront(ownOfServer, oldClients.certificate, counter.port);
      let current = oldOne;
      await using client = openCounterClient(strict.host, {
        insecure: false,
        rootCertificates: servers.certificate,
        clientCertSource: () => asSource(current),
      });
      const numbers = async () => (await collect(client.count({ to: 3, paddingBytes: 0 }))).map(({ number }) => number);
      expect(await numbers()).toEqual([1, 2, 3]);
      strict.trust(newClients.certificate);
      current = newOne;
      strict.drop();
      expect(await numbers()).toEqual([1, 2, 3]);
      expect(strict.presented).toEqual(["old-client", "new-client"]);
    });
  });

  function writeWorkload({ certificate, privateKey }: Certified) {
    const at = (name: string) => join(folder, name);
    const paths = { cert_path: at("client.crt"), key_path: at("client.key") };
    const files = {
      "client.crt": certificate,
      "client.key": privateKey,
      "config.json": JSON.stringify({ cert_configs: { workload: paths } }),
    };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(at(`${name}.next`), text);
      renameSync(at(`${name}.next`), at(name));
    }
    return { config: at("config.json") };
  }
});
