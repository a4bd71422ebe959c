// SPDX-License-Identifier: Apache-2.0
// When public keys are fetched, remembered and fetched anew: a key server of our own, time by hand.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { VerificationError } from "../../../src/index.js";
import { Verifier } from "../../../src/verification/verifier.js";
import { type HttpStage, startHttpStage } from "../../support/http-stage.js";
import { ManualClock } from "../../support/manual-clock.js";
import { rejectionOf } from "../../support/rejection-of.js";
import { waitUntil } from "../../support/wait-until.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";

const AUDIENCE = "https://my-service.example";

const MINUTE = 60_000;

const pairs = [1, 2].map(() => generateKeyPairSync("rsa", { modulusLength: 2048 }));

const keyAt = (index: number) => {
  const pair = pairs[index];
  if (pair === undefined) throw new Error(`there is no key ${index}`);
  return pair;
};

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

function jwt(claims: object, { header = {}, key = keyAt(0).privateKey }: { header?: object; key?: KeyObject } = {}) {
  const input = `${encode({ alg: "RS256", kid: "key-0", typ: "JWT", ...header })}.${encode(claims)}`;
  return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
}

let keyServer: HttpStage;

let clock: ManualClock;

let verifier: Verifier;

let published: number[];

let cacheControl: string;

beforeEach(async () => {
  published = [0];
  cacheControl = "public, max-age=900";
  keyServer = await startHttpStage(() => ({
    headers: { "cache-control": cacheControl },
    body: {
      keys: published.map((index) => {
        const { n, e } = keyAt(index).publicKey.export({ format: "jwk" });
        return { kty: "RSA", alg: "RS256", use: "sig", kid: `key-${index}`, n, e };
      }),
    },
  }));
  clock = new ManualClock();
  verifier = new Verifier({ keysUrl: keyServer.url, clock });
});

afterEach(() => keyServer.close());

const nowSeconds = () => Math.floor(clock.wallNow() / 1000);

const goodClaims = () => ({ sub: "robot-7", aud: AUDIENCE, iat: nowSeconds(), exp: nowSeconds() + 3600 });

const expected = { serviceAccount: ROBOT, audience: AUDIENCE };

async function failureOf(promise: Promise<unknown>): Promise<[check: string, message: string]> {
  const error = await rejectionOf(promise);
  if (!(error instanceof VerificationError)) throw error;
  return [error.check, error.message];
}

describe("public keys", () => {
  const verifyBy = (index: number) =>
    verifier.verifyJwt(jwt(goodClaims(), { header: { kid: `key-${index}` }, key: keyAt(index).privateKey }), expected);

  test("are fetched once for a hundred tokens at once, and remembered for 15 minutes", async () => {
    await Promise.all(Array.from({ length: 100 }, () => verifyBy(0)));
    await clock.advance(15 * MINUTE - 1);
    await verifyBy(0);
    expect(keyServer.requests).toHaveLength(1);
    await clock.advance(1);
    await verifyBy(0);
    expect(keyServer.requests).toHaveLength(2);
  });

  test("are remembered for as long as the server allows, if that is less", async () => {
    cacheControl = "public, max-age=60";
    await verifyBy(0);
    await clock.advance(MINUTE);
    await verifyBy(0);
    expect(keyServer.requests).toHaveLength(2);
  });

  test("are fetched anew for a key id that is not known: a rotation is seen at once", async () => {
    await verifyBy(0);
    published = [0, 1];
    await verifyBy(1);
    await verifyBy(0);
    expect(keyServer.requests).toHaveLength(2);
  });

  test("are fetched anew only once for a key id that is made up, whoever sends it how often", async () => {
    await verifyBy(0);
    for (let times = 0; times < 5; times++) expect((await failureOf(verifyBy(1)))[0]).toBe("key");
    expect(keyServer.requests).toHaveLength(2);
    await clock.advance(10_000);
    expect((await failureOf(verifyBy(1)))[1]).toBe(
      `key: the key that is named is not among those at ${keyServer.url}/service_accounts/v1/metadata/jwk/${ROBOT}`,
    );
    expect(keyServer.requests).toHaveLength(3);
  });

  test("that were withdrawn are good no longer than 15 minutes", async () => {
    await verifyBy(0);
    published = [1];
    await clock.advance(15 * MINUTE);
    expect((await failureOf(verifyBy(0)))[0]).toBe("key");
  });

  test("that cannot be had anew do in their old form for six hours", async () => {
    await verifyBy(0);
    keyServer.answer = () => ({ status: 500, body: "no" });
    await clock.advance(5 * 60 * MINUTE);
    await verifyBy(0);
    await clock.advance(2 * 60 * MINUTE);
    expect(await failureOf(verifyBy(0))).toEqual([
      "key",
      `key: the public keys at ${keyServer.url}/service_accounts/v1/metadata/jwk/${ROBOT} could not be had: the answer was 500`,
    ]);
  });

  test("that are due keep nobody waiting longer than a second when their server hangs", async () => {
    await verifyBy(0);
    keyServer.answer = () => undefined;
    await clock.advance(15 * MINUTE);
    const waiting = verifyBy(0);
    await waitUntil("the keys are asked for", () => keyServer.requests.length === 2);
    await clock.advance(1_000);
    await waiting;
    // While the request hangs, nobody waits at all.
    await verifyBy(0);
    expect(keyServer.requests).toHaveLength(2);
  });

  test("that could not be had are not asked for again for ten seconds, however many tokens come", async () => {
    keyServer.answer = () => ({ status: 404, body: "no" });
    for (let times = 0; times < 50; times++) expect((await failureOf(verifyBy(0)))[0]).toBe("key");
    expect(keyServer.requests).toHaveLength(1);
    await clock.advance(10_000);
    await failureOf(verifyBy(0));
    expect(keyServer.requests).toHaveLength(2);
  });

  test.each([".", ".."])(
    "of an account named %s are not asked for: it would be another path",
    async (serviceAccount) => {
      const error = await rejectionOf(verifier.verifyJwt(jwt(goodClaims()), { ...expected, serviceAccount }));
      expect(error).toMatchObject({ name: "RequestError", field: "serviceAccount" });
      expect(keyServer.requests).toEqual([]);
    },
  );

  test("judge no signature with stray bits in its last character", async () => {
    const token = jwt(goodClaims());
    const last = token.at(-1) ?? "";
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const stray = `${token.slice(0, -1)}${alphabet[alphabet.indexOf(last) + 1]}`;
    await verifier.verifyJwt(token, expected);
    expect(await failureOf(verifier.verifyJwt(stray, expected))).toEqual([
      "format",
      "format: is no signed JWT: a part is not base64url as RFC 4648 writes it",
    ]);
  });

  test("are not waited for beyond the caller's signal", async () => {
    keyServer.answer = () => undefined;
    const controller = new AbortController();
    const waiting = rejectionOf(verifier.verifyJwt(jwt(goodClaims()), { ...expected, signal: controller.signal }));
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    await clock.advance(10_000);
  });

  test("that are no RSA keys for signatures are passed over", async () => {
    const { n, e } = keyAt(0).publicKey.export({ format: "jwk" });
    keyServer.answer = () => ({
      body: { keys: [null, { kid: "key-0", kty: "EC" }, { kid: "key-0", kty: "RSA", n, e, use: "enc" }] },
    });
    expect((await failureOf(verifyBy(0)))[0]).toBe("key");
  });
});
