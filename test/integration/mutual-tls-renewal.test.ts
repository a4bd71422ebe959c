// SPDX-License-Identifier: Apache-2.0
// Client certificates that are renewed while a TLS server changes whom it trusts and calls run.

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { numbersOf, openCounterClient } from "../support/counter-client.js";
import { startCounterServer } from "../support/counter-server.js";
import { startMutualTlsFront } from "../support/mutual-tls-front.js";
import {
  asSource,
  type MutualTlsStage,
  NEW_CLIENTS,
  NEW_ONE,
  OLD_CLIENTS,
  OLD_ONE,
  OWN_OF_SERVER,
  openMutualTlsStage,
  REQUEST,
  SERVERS,
} from "../support/mutual-tls-stage.js";
import { overGrpcTransports } from "../support/over-transports.js";
import { rpcErrorOf } from "../support/rejection-of.js";
import { settle, waitUntil } from "../support/wait-until.js";

overGrpcTransports(() => {
  let stage: MutualTlsStage;

  beforeEach(async () => {
    stage = await openMutualTlsStage();
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  describe("a certificate that is renewed", () => {
    test("in its files is presented on the next connection, without a restart and without a failed call", async () => {
      const paths = stage.writeWorkload(OLD_ONE);
      stage.setEnvironment({ GOOGLE_API_CERTIFICATE_CONFIG: paths.config });
      await using client = stage.clientTo({});
      await client.signBlob(REQUEST);
      stage.writeWorkload(NEW_ONE);
      stage.front.trust(NEW_CLIENTS.certificate);
      stage.front.drop();
      await client.signBlob(REQUEST);
      expect(stage.front.presented).toEqual(["old-client", "new-client"]);
    });

    test("while the server changes whom it trusts and calls run: all of them succeed", async () => {
      const paths = stage.writeWorkload(OLD_ONE);
      stage.setEnvironment({ GOOGLE_API_CERTIFICATE_CONFIG: paths.config });
      stage.recorder.handler = () => sleep(5);
      await using client = stage.clientTo({});
      let isOver = false;
      let done = 0;
      const failures: unknown[] = [];
      const callers = Array.from({ length: 20 }, async () => {
        while (!isOver && failures.length === 0) {
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
      stage.front.trust(NEW_CLIENTS.certificate);
      stage.front.drop();
      await waitUntil("the old certificate is turned away", () => stage.front.refused > 0);
      stage.writeWorkload(NEW_ONE);
      await moreCalls();
      // grpc-js: a channel that closes while it waits to reconnect does so once more, 80 to 120 ms later; by then it must still be refused.
      await sleep(500);
      // And back, without an end to any connection: those that are there go on.
      stage.front.trust(OLD_CLIENTS.certificate);
      stage.writeWorkload(OLD_ONE);
      await moreCalls();
      stage.front.drop();
      await moreCalls();
      isOver = true;
      await Promise.all(callers);
      expect(failures).toEqual([]);
      expect(stage.front.presented).toEqual(["old-client", "new-client", "old-client"]);
    });

    test("after the server has stopped to trust the old one is found within the attempt, so that even a call without retry succeeds", async () => {
      let current = OLD_ONE;
      let asked = 0;
      // The source is one answer behind: the first question of a connection still gets the certificate that nobody trusts.
      await using client = stage.clientTo({
        clientCertSource: () => {
          const given = asSource(current);
          if (asked++ > 0) current = NEW_ONE;
          return given;
        },
      });
      await client.signBlob(REQUEST);
      stage.front.trust(NEW_CLIENTS.certificate);
      stage.front.drop();
      await waitUntil("the connection is gone", () => stage.front.open === 0);
      await settle();
      await client.signBlob(REQUEST, { retry: false });
      expect(stage.front.presented).toEqual(["old-client", "new-client"]);
      expect(asked).toBe(3);
      expect(stage.front.refused).toBeGreaterThan(0);
    });

    test("is presented on a fresh connection when the answer is UNAUTHENTICATED, while calls on the old one go on", async () => {
      let current = OLD_ONE;
      let release = (): void => undefined;
      const slow = new Promise<void>((resolve) => {
        release = resolve;
      });
      await using client = stage.clientTo({ clientCertSource: () => asSource(current) });
      stage.recorder.handler = () => slow;
      const before = stage.recorder.calls.length;
      const inFlight = client.signBlob(REQUEST);
      await waitUntil("the slow call has arrived", () => stage.recorder.calls.length > before);
      stage.front.trust(NEW_CLIENTS.certificate);
      current = NEW_ONE;
      let refusals = 0;
      stage.recorder.handler = () => {
        if (refusals++ === 0) throw { code: 16, details: "the token is bound to another certificate" };
      };
      await client.signBlob(REQUEST, { retry: false });
      expect(stage.front.presented).toEqual(["old-client", "new-client"]);
      expect(refusals).toBe(2);
      release();
      await inFlight;
    });

    test("not at all leaves UNAUTHENTICATED as it is, after one attempt", async () => {
      let asked = 0;
      await using client = stage.clientTo({
        clientCertSource: () => {
          asked++;
          return asSource(OLD_ONE);
        },
      });
      let attempts = 0;
      stage.recorder.handler = () => {
        attempts++;
        throw { code: 16, details: "no such token" };
      };
      const error = await rpcErrorOf(client.signBlob(REQUEST));
      expect(error.code).toBe(16);
      expect(error.message).toBe("IAMCredentials.SignBlob: UNAUTHENTICATED: no such token");
      expect({ attempts, asked }).toEqual({ attempts: 1, asked: 2 });
    });

    test("but only by half (a key that does not fit yet) does not take the old one away", async () => {
      let given = asSource(OLD_ONE);
      await using client = stage.clientTo({ clientCertSource: () => given });
      await client.signBlob(REQUEST);
      given = { cert: NEW_ONE.certificate, key: OLD_ONE.privateKey };
      stage.front.drop();
      await client.signBlob(REQUEST);
      expect(stage.front.presented).toEqual(["old-client", "old-client"]);
    });
  });

  describe("a stream", () => {
    test("presents the certificate, and the renewed one after the server has stopped to trust the old one", async () => {
      await using counter = await startCounterServer();
      await using strict = await startMutualTlsFront(OWN_OF_SERVER, OLD_CLIENTS.certificate, counter.port);
      let current = OLD_ONE;
      await using client = openCounterClient(strict.host, {
        insecure: false,
        rootCertificates: SERVERS.certificate,
        clientCertSource: () => asSource(current),
      });
      const numbers = () => numbersOf(client.count({ to: 3, paddingBytes: 0 }));
      expect(await numbers()).toEqual([1, 2, 3]);
      strict.trust(NEW_CLIENTS.certificate);
      current = NEW_ONE;
      strict.drop();
      expect(await numbers()).toEqual([1, 2, 3]);
      expect(strict.presented).toEqual(["old-client", "new-client"]);
    });
  });
});
