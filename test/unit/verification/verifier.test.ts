// SPDX-License-Identifier: Apache-2.0
// Which tokens and signatures are good: real keys, a key server of our own, time by hand.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { ConfigurationError, RequestError, VerificationError } from "../../../src/index.js";
import { Verifier } from "../../../src/verification/verifier.js";
import { type HttpStage, startHttpStage } from "../../support/http-stage.js";
import { ManualClock } from "../../support/manual-clock.js";
import { rejectionOf } from "../../support/rejection-of.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";

const AUDIENCE = "https://my-service.example";

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

describe("a JWT of a service account", () => {
  test("is good by a published key of the account, for the audience, within its time", async () => {
    expect(await verifier.verifyJwt(jwt(goodClaims()), expected)).toEqual(goodClaims());
    expect(keyServer.requests.map(({ path }) => path)).toEqual([`/service_accounts/v1/metadata/jwk/${ROBOT}`]);
    const many = { ...goodClaims(), aud: ["https://other.example", AUDIENCE] };
    expect(await verifier.verifyJwt(jwt(many), { ...expected, audience: ["x", AUDIENCE] })).toEqual(many);
  });

  test.each<[string, () => string, string, string]>([
    [
      "text that is no JWT",
      () => "nonsense",
      "format",
      "format: is no signed JWT: three parts of base64url are expected",
    ],
    [
      "one without a signature",
      () => `${encode({ alg: "none", kid: "key-0" })}.${encode(goodClaims())}.`,
      "format",
      "format: is no signed JWT: three parts of base64url are expected",
    ],
    [
      "one that names no algorithm",
      () => jwt(goodClaims(), { header: { alg: "none" } }),
      "algorithm",
      "algorithm: must be RS256, which is what Google signs with",
    ],
    [
      "one by HMAC",
      () => jwt(goodClaims(), { header: { alg: "HS256" } }),
      "algorithm",
      "algorithm: must be RS256, which is what Google signs with",
    ],
    [
      "one with critical extensions",
      () => jwt(goodClaims(), { header: { crit: ["b64"] } }),
      "format",
      "format: has critical extensions, none of which is known",
    ],
    [
      "one that names no key",
      () => jwt(goodClaims(), { header: { kid: undefined } }),
      "key",
      "key: the header names no key",
    ],
    [
      "one by another key",
      () => jwt(goodClaims(), { key: keyAt(1).privateKey }),
      "signature",
      "signature: does not fit the token",
    ],
    [
      "one for another audience",
      () => jwt({ ...goodClaims(), aud: "https://other.example" }),
      "audience",
      `audience: is not ${AUDIENCE}`,
    ],
    ["one without an expiry", () => jwt({ aud: AUDIENCE }), "expiry", "expiry: there is none, or it is no number"],
    [
      "one whose expiry is text",
      () => jwt({ ...goodClaims(), exp: "tomorrow" }),
      "expiry",
      "expiry: there is none, or it is no number",
    ],
    [
      "one that expired more than ten seconds ago",
      () => jwt({ ...goodClaims(), exp: nowSeconds() - 10 }),
      "expiry",
      "expiry: passed 10 s ago",
    ],
    [
      "one that was issued more than ten seconds in the future",
      () => jwt({ ...goodClaims(), iat: nowSeconds() + 11 }),
      "issuedAt",
      "issuedAt: iat is 11 s in the future",
    ],
    [
      "one that is not good yet",
      () => jwt({ ...goodClaims(), nbf: nowSeconds() + 60 }),
      "issuedAt",
      "issuedAt: nbf is 60 s in the future",
    ],
  ])("%s is refused, and the check is named", async (_what, token, check, message) => {
    expect(await failureOf(verifier.verifyJwt(token(), expected))).toEqual([check, message]);
  });

  test("clocks may be ten seconds apart, either way", async () => {
    await verifier.verifyJwt(jwt({ ...goodClaims(), exp: nowSeconds() - 9 }), expected);
    await verifier.verifyJwt(jwt({ ...goodClaims(), iat: nowSeconds() + 10 }), expected);
  });

  test("issuer, audience and expiry are as the caller wants them", async () => {
    const bare = jwt({ sub: "robot-7", iss: ROBOT });
    expect(await verifier.verifyJwt(bare, { serviceAccount: ROBOT, audience: false, expiry: false })).toMatchObject({
      sub: "robot-7",
    });
    const issuer = { serviceAccount: ROBOT, audience: false, expiry: false, issuer: "someone" } as const;
    expect(await failureOf(verifier.verifyJwt(bare, issuer))).toEqual(["issuer", "issuer: is not someone"]);
    await verifier.verifyJwt(bare, { ...issuer, issuer: ["someone", ROBOT] });
  });

  test("an expectation that is wrong is a RequestError, before any key is fetched", async () => {
    const error = await rejectionOf(verifier.verifyJwt(jwt(goodClaims()), { ...expected, audience: [] }));
    expect(error).toEqual(new RequestError("audience", "must be a text, or a list of at least one"));
    const other = await rejectionOf(verifier.verifyJwt(jwt(goodClaims()), { ...expected, serviceAccount: "../certs" }));
    expect(other).toEqual(new RequestError("serviceAccount", "must be the e-mail or unique id of a service account"));
    expect(keyServer.requests).toEqual([]);
  });

  test("an expectation of another kind is refused by name", async () => {
    const blob = { serviceAccount: ROBOT, payload: Buffer.of(1), signature: Buffer.of(1) };
    const messages = [
      verifier.verifyBlob({ ...blob, keyId: 5 } as never), // as: what a program without types may do, here and below
      verifier.verifyBlob({ ...blob, serviceAccount: "../x" }),
      verifier.verifyJwt(jwt(goodClaims()), { ...expected, expiry: true } as never),
      verifier.verifyIdToken(jwt(goodClaims()), { audience: AUDIENCE, email: "" }),
    ].map(async (verifying) => ((await rejectionOf(verifying)) as RequestError).message);
    expect(await Promise.all(messages)).toEqual([
      "keyId: must be the id of a key",
      "serviceAccount: must be the e-mail or unique id of a service account",
      "expiry: must be false, or left out",
      "email: must be an e-mail address",
    ]);
    expect(keyServer.requests).toEqual([]);
  });

  test("an expectation or option that is misspelt, or none at all, is refused by name: nothing goes unchecked", async () => {
    const misspelt = { ...expected, issuers: "somebody" };
    const messages = [
      verifier.verifyJwt(jwt(goodClaims()), misspelt),
      verifier.verifyIdToken(jwt(goodClaims()), { audience: AUDIENCE, emails: ROBOT } as { audience: string }),
      verifier.verifyIdToken(jwt(goodClaims()), undefined as never), // as: what a program without types may do
      verifier.verifyBlob({ serviceAccount: ROBOT, payload: Buffer.of(1), signature: Buffer.of(1), kid: "x" } as never),
    ].map(async (verifying) => ((await rejectionOf(verifying)) as RequestError).message);
    expect(await Promise.all(messages)).toEqual([
      "issuers: no such field; there are serviceAccount, audience, issuer, expiry, signal",
      "emails: no such field; there are audience, email, signal",
      "expected: must be an object with audience, email, signal",
      "kid: no such field; there are serviceAccount, payload, signature, keyId, signal",
    ]);
    expect(() => new Verifier({ keyUrl: "https://keys.example" } as object)).toThrow(
      new ConfigurationError("keyUrl: no such option; there are keysUrl, clockSkewSeconds, rootCertificates, clock"),
    );
    expect(keyServer.requests).toEqual([]);
  });
});

describe("a Google ID token", () => {
  const claims = (more = {}) => ({ ...goodClaims(), iss: "https://accounts.google.com", ...more });

  test("is good by Google's keys, from Google, for the audience", async () => {
    await verifier.verifyIdToken(jwt(claims()), { audience: AUDIENCE });
    await verifier.verifyIdToken(jwt(claims({ iss: "accounts.google.com" })), { audience: AUDIENCE });
    expect(keyServer.requests.map(({ path }) => path)).toEqual(["/oauth2/v3/certs"]);
  });

  test("of another issuer, or with another or unverified e-mail, is refused", async () => {
    const check = async (more: object, email?: string) =>
      (await failureOf(verifier.verifyIdToken(jwt(claims(more)), { audience: AUDIENCE, email })))[0];
    expect(await check({ iss: "https://accounts.example" })).toBe("issuer");
    expect(await check({ email: "eve@example.com", email_verified: true }, ROBOT)).toBe("email");
    expect(await check({ email: ROBOT, email_verified: false }, ROBOT)).toBe("email");
    await verifier.verifyIdToken(jwt(claims({ email: ROBOT, email_verified: true })), {
      audience: AUDIENCE,
      email: ROBOT,
    });
  });
});

describe("a signature over bytes", () => {
  const payload = Buffer.from("to be signed");
  const signature = sign("sha256", payload, keyAt(0).privateKey);

  test("is good by the key that is named, and by any that is published when none is named", async () => {
    published = [1, 0];
    expect(await verifier.verifyBlob({ serviceAccount: ROBOT, payload, signature, keyId: "key-0" })).toEqual({
      keyId: "key-0",
    });
    expect(await verifier.verifyBlob({ serviceAccount: ROBOT, payload, signature })).toEqual({ keyId: "key-0" });
  });

  test("over other bytes is refused", async () => {
    const other = { serviceAccount: ROBOT, payload: Buffer.from("something else"), signature, keyId: "key-0" };
    expect(await failureOf(verifier.verifyBlob(other))).toEqual([
      "signature",
      `signature: is not that of ${ROBOT} over these bytes`,
    ]);
  });
});
