// SPDX-License-Identifier: Apache-2.0
// When public keys are fetched, remembered and fetched anew: a key server of our own, time by hand.

import { runProgram } from "../../support/child-program.js";
import {
  EXPECTED,
  failureOf,
  type KeyServerStage,
  keyAt,
  openKeyServerStage,
  ROBOT,
  signedJwt,
} from "../../support/key-server-stage.js";
import { rejectionOf } from "../../support/rejection-of.js";
import { waitUntil } from "../../support/wait-until.js";

const MINUTE = 60_000;

let stage: KeyServerStage;
beforeEach(async () => {
  stage = await openKeyServerStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

describe("public keys", () => {
  const verifyBy = (index: number) =>
    stage.verifier.verifyJwt(
      signedJwt(stage.goodClaims(), { header: { kid: `key-${index}` }, key: keyAt(index).privateKey }),
      EXPECTED,
    );

  test("are fetched once for a hundred tokens at once, and remembered for 15 minutes", async () => {
    await Promise.all(Array.from({ length: 100 }, () => verifyBy(0)));
    await stage.clock.advance(15 * MINUTE - 1);
    await verifyBy(0);
    expect(stage.keyServer.requests).toHaveLength(1);
    await stage.clock.advance(1);
    await verifyBy(0);
    expect(stage.keyServer.requests).toHaveLength(2);
  });

  test("are remembered for as long as the server allows, if that is less", async () => {
    stage.cacheControl = "public, max-age=60";
    await verifyBy(0);
    await stage.clock.advance(MINUTE);
    await verifyBy(0);
    expect(stage.keyServer.requests).toHaveLength(2);
  });

  test("take a directive in any case, and a quoted number: RFC 9111, 5.2", async () => {
    stage.cacheControl = 'Public, Max-Age="60"';
    await verifyBy(0);
    await stage.clock.advance(MINUTE);
    await verifyBy(0);
    expect(stage.keyServer.requests).toHaveLength(2);
  });

  test("are fetched anew for a key id that is not known: a rotation is seen at once", async () => {
    await verifyBy(0);
    stage.published = [0, 1];
    await verifyBy(1);
    await verifyBy(0);
    expect(stage.keyServer.requests).toHaveLength(2);
  });

  test("are fetched anew only once for a key id that is made up, whoever sends it how often", async () => {
    await verifyBy(0);
    for (let times = 0; times < 5; times++) expect((await failureOf(verifyBy(1)))[0]).toBe("key");
    expect(stage.keyServer.requests).toHaveLength(2);
    await stage.clock.advance(10_000);
    expect((await failureOf(verifyBy(1)))[1]).toBe(
      `key: the named key is not among those at ${stage.keyServer.url}/service_accounts/v1/metadata/jwk/${ROBOT}`,
    );
    expect(stage.keyServer.requests).toHaveLength(3);
  });

  test("that were withdrawn are good no longer than 15 minutes", async () => {
    await verifyBy(0);
    stage.published = [1];
    await stage.clock.advance(15 * MINUTE);
    expect((await failureOf(verifyBy(0)))[0]).toBe("key");
  });

  test("that cannot be had anew do in their old form for six hours", async () => {
    await verifyBy(0);
    stage.keyServer.answer = () => ({ status: 500, body: "no" });
    await stage.clock.advance(5 * 60 * MINUTE);
    await verifyBy(0);
    await stage.clock.advance(2 * 60 * MINUTE);
    expect(await failureOf(verifyBy(0))).toEqual([
      "key",
      `key: the public keys at ${stage.keyServer.url}/service_accounts/v1/metadata/jwk/${ROBOT} could not be fetched: the response status was 500`,
    ]);
  });

  test("that are due keep nobody waiting longer than a second when their server hangs", async () => {
    await verifyBy(0);
    stage.keyServer.answer = () => undefined;
    await stage.clock.advance(15 * MINUTE);
    const waiting = verifyBy(0);
    await waitUntil("the keys are asked for", () => stage.keyServer.requests.length === 2);
    await stage.clock.advance(1_000);
    await waiting;
    // While the request hangs, nobody waits at all.
    await verifyBy(0);
    expect(stage.keyServer.requests).toHaveLength(2);
  });

  test("that could not be had are not asked for again for ten seconds, however many tokens come", async () => {
    stage.keyServer.answer = () => ({ status: 404, body: "no" });
    for (let times = 0; times < 50; times++) expect((await failureOf(verifyBy(0)))[0]).toBe("key");
    expect(stage.keyServer.requests).toHaveLength(1);
    await stage.clock.advance(10_000);
    await failureOf(verifyBy(0));
    expect(stage.keyServer.requests).toHaveLength(2);
  });

  test("that could not be had anew for a key id that is made up are not asked for again for ten seconds, either", async () => {
    await verifyBy(0);
    const { answer } = stage.keyServer;
    stage.keyServer.answer = () => ({ status: 500, body: "no" });
    for (let times = 0; times < 50; times++) expect((await failureOf(verifyBy(1)))[0]).toBe("key");
    await verifyBy(0);
    expect(stage.keyServer.requests).toHaveLength(2);
    stage.keyServer.answer = answer;
    stage.published = [0, 1];
    await stage.clock.advance(10_000);
    await verifyBy(1);
    expect(stage.keyServer.requests).toHaveLength(3);
  });

  test.each([".", ".."])(
    "of an account named %s are not asked for: it would be another path",
    async (serviceAccount) => {
      const error = await rejectionOf(
        stage.verifier.verifyJwt(signedJwt(stage.goodClaims()), { ...EXPECTED, serviceAccount }),
      );
      expect(error).toMatchObject({ name: "RequestError", field: "serviceAccount" });
      expect(stage.keyServer.requests).toEqual([]);
    },
  );

  test("judge no signature with stray bits in its last character", async () => {
    const token = signedJwt(stage.goodClaims());
    const last = token.at(-1) ?? "";
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const stray = `${token.slice(0, -1)}${alphabet[alphabet.indexOf(last) + 1]}`;
    await stage.verifier.verifyJwt(token, EXPECTED);
    expect(await failureOf(stage.verifier.verifyJwt(stray, EXPECTED))).toEqual([
      "format",
      "format: is not a signed JWT: a part is not canonical base64url (RFC 4648)",
    ]);
  });

  test("are not waited for beyond the caller's signal", async () => {
    stage.keyServer.answer = () => undefined;
    const controller = new AbortController();
    const waiting = rejectionOf(
      stage.verifier.verifyJwt(signedJwt(stage.goodClaims()), { ...EXPECTED, signal: controller.signal }),
    );
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    await stage.clock.advance(10_000);
  });

  test("that nobody waits for any more keep no process running, though their server has not answered", async () => {
    stage.keyServer.answer = () => undefined;
    const env = { TEST_KEYS_URL: stage.keyServer.url };
    const { code, stdout, stderr } = await runProgram("test/unit/verification/programs/verification-left.ts", env);
    expect([code, stdout, stderr]).toEqual([0, "TimeoutError: The operation was aborted due to timeout, ended", ""]);
    expect(stage.keyServer.requests).toHaveLength(1);
  });

  test("that are no RSA keys for signatures are passed over", async () => {
    const { n, e } = keyAt(0).publicKey.export({ format: "jwk" });
    stage.keyServer.answer = () => ({
      body: { keys: [null, { kid: "key-0", kty: "EC" }, { kid: "key-0", kty: "RSA", n, e, use: "enc" }] },
    });
    expect((await failureOf(verifyBy(0)))[0]).toBe("key");
  });
});
