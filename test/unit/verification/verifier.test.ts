// SPDX-License-Identifier: Apache-2.0
// Which tokens and signatures are good: real keys, a key server of our own, time by hand.

import { sign } from "node:crypto";
import { ConfigurationError, RequestError } from "../../../src/index.js";
import { Verifier } from "../../../src/verification/verifier.js";
import {
  AUDIENCE,
  EXPECTED,
  encodePart,
  failureOf,
  type KeyServerStage,
  keyAt,
  openKeyServerStage,
  ROBOT,
  signedJwt,
} from "../../support/key-server-stage.js";
import { rejectionOf } from "../../support/rejection-of.js";

let stage: KeyServerStage;
beforeEach(async () => {
  stage = await openKeyServerStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

describe("a JWT of a service account", () => {
  test("is good by a published key of the account, for the audience, within its time", async () => {
    expect(await stage.verifier.verifyJwt(signedJwt(stage.goodClaims()), EXPECTED)).toEqual(stage.goodClaims());
    expect(stage.keyServer.requests.map(({ path }) => path)).toEqual([`/service_accounts/v1/metadata/jwk/${ROBOT}`]);
    const many = { ...stage.goodClaims(), aud: ["https://other.example", AUDIENCE] };
    expect(await stage.verifier.verifyJwt(signedJwt(many), { ...EXPECTED, audience: ["x", AUDIENCE] })).toEqual(many);
  });

  test.each<[string, () => string, string, string]>([
    [
      "text that is no JWT",
      () => "nonsense",
      "format",
      "format: is not a signed JWT: it must be three parts of base64url",
    ],
    [
      "one without a signature",
      () => `${encodePart({ alg: "none", kid: "key-0" })}.${encodePart(stage.goodClaims())}.`,
      "format",
      "format: is not a signed JWT: it must be three parts of base64url",
    ],
    [
      "one that names no algorithm",
      () => signedJwt(stage.goodClaims(), { header: { alg: "none" } }),
      "algorithm",
      "algorithm: must be RS256, which is what Google signs with",
    ],
    [
      "one by HMAC",
      () => signedJwt(stage.goodClaims(), { header: { alg: "HS256" } }),
      "algorithm",
      "algorithm: must be RS256, which is what Google signs with",
    ],
    [
      "one with critical extensions",
      () => signedJwt(stage.goodClaims(), { header: { crit: ["b64"] } }),
      "format",
      "format: has critical extensions, which are not supported",
    ],
    [
      "one that names no key",
      () => signedJwt(stage.goodClaims(), { header: { kid: undefined } }),
      "key",
      "key: the header names no key",
    ],
    [
      "one by another key",
      () => signedJwt(stage.goodClaims(), { key: keyAt(1).privateKey }),
      "signature",
      "signature: does not match the token",
    ],
    [
      "one for another audience",
      () => signedJwt({ ...stage.goodClaims(), aud: "https://other.example" }),
      "audience",
      `audience: is not ${AUDIENCE}`,
    ],
    ["one without an expiry", () => signedJwt({ aud: AUDIENCE }), "expiry", "expiry: is missing, or is not a number"],
    [
      "one whose expiry is text",
      () => signedJwt({ ...stage.goodClaims(), exp: "tomorrow" }),
      "expiry",
      "expiry: is missing, or is not a number",
    ],
    [
      "one that expired more than ten seconds ago",
      () => signedJwt({ ...stage.goodClaims(), exp: stage.nowSeconds() - 10 }),
      "expiry",
      "expiry: passed 10 s ago",
    ],
    [
      "one that was issued more than ten seconds in the future",
      () => signedJwt({ ...stage.goodClaims(), iat: stage.nowSeconds() + 11 }),
      "issuedAt",
      "issuedAt: iat is 11 s in the future",
    ],
    [
      "one that is not good yet",
      () => signedJwt({ ...stage.goodClaims(), nbf: stage.nowSeconds() + 60 }),
      "issuedAt",
      "issuedAt: nbf is 60 s in the future",
    ],
  ])("%s is refused, and the check is named", async (_what, token, check, message) => {
    expect(await failureOf(stage.verifier.verifyJwt(token(), EXPECTED))).toEqual([check, message]);
  });

  test("clocks may be ten seconds apart, either way", async () => {
    await stage.verifier.verifyJwt(signedJwt({ ...stage.goodClaims(), exp: stage.nowSeconds() - 9 }), EXPECTED);
    await stage.verifier.verifyJwt(signedJwt({ ...stage.goodClaims(), iat: stage.nowSeconds() + 10 }), EXPECTED);
  });

  test("issuer, audience and expiry are as the caller wants them", async () => {
    const bare = signedJwt({ sub: "robot-7", iss: ROBOT });
    expect(
      await stage.verifier.verifyJwt(bare, { serviceAccount: ROBOT, audience: false, expiry: false }),
    ).toMatchObject({
      sub: "robot-7",
    });
    const issuer = { serviceAccount: ROBOT, audience: false, expiry: false, issuer: "someone" } as const;
    expect(await failureOf(stage.verifier.verifyJwt(bare, issuer))).toEqual(["issuer", "issuer: is not someone"]);
    await stage.verifier.verifyJwt(bare, { ...issuer, issuer: ["someone", ROBOT] });
  });

  test("an expectation that is wrong is a RequestError, before any key is fetched", async () => {
    const error = await rejectionOf(
      stage.verifier.verifyJwt(signedJwt(stage.goodClaims()), { ...EXPECTED, audience: [] }),
    );
    expect(error).toEqual(new RequestError("audience", "must be a string, or an array of at least one"));
    const other = await rejectionOf(
      stage.verifier.verifyJwt(signedJwt(stage.goodClaims()), { ...EXPECTED, serviceAccount: "../certs" }),
    );
    expect(other).toEqual(
      new RequestError("serviceAccount", "must be the e-mail address or unique ID of a service account"),
    );
    expect(stage.keyServer.requests).toEqual([]);
  });

  test("an expectation of another kind is refused by name", async () => {
    const blob = { serviceAccount: ROBOT, payload: Buffer.of(1), signature: Buffer.of(1) };
    const messages = [
      stage.verifier.verifyBlob({ ...blob, keyId: 5 } as never), // as: what a program without types may do, here and below
      stage.verifier.verifyBlob({ ...blob, serviceAccount: "../x" }),
      stage.verifier.verifyJwt(signedJwt(stage.goodClaims()), { ...EXPECTED, expiry: true } as never),
      stage.verifier.verifyIdToken(signedJwt(stage.goodClaims()), { audience: AUDIENCE, email: "" }),
    ].map(async (verifying) => ((await rejectionOf(verifying)) as RequestError).message);
    expect(await Promise.all(messages)).toEqual([
      "keyId: must be a key ID",
      "serviceAccount: must be the e-mail address or unique ID of a service account",
      "expiry: must be false, or left out",
      "email: must be an e-mail address",
    ]);
    expect(stage.keyServer.requests).toEqual([]);
  });

  test("an expectation or option that is misspelt, or none at all, is refused by name: nothing goes unchecked", async () => {
    const misspelt = { ...EXPECTED, issuers: "somebody" };
    const messages = [
      stage.verifier.verifyJwt(signedJwt(stage.goodClaims()), misspelt),
      stage.verifier.verifyIdToken(signedJwt(stage.goodClaims()), { audience: AUDIENCE, emails: ROBOT } as {
        audience: string;
      }),
      stage.verifier.verifyIdToken(signedJwt(stage.goodClaims()), undefined as never), // as: what a program without types may do
      stage.verifier.verifyBlob({
        serviceAccount: ROBOT,
        payload: Buffer.of(1),
        signature: Buffer.of(1),
        kid: "x",
      } as never),
    ].map(async (verifying) => ((await rejectionOf(verifying)) as RequestError).message);
    expect(await Promise.all(messages)).toEqual([
      "issuers: no such field; valid names are serviceAccount, audience, issuer, expiry, signal",
      "emails: no such field; valid names are audience, email, signal",
      "expected: must be an object with audience, email, signal",
      "kid: no such field; valid names are serviceAccount, payload, signature, keyId, signal",
    ]);
    expect(() => new Verifier({ keyUrl: "https://keys.example" } as object)).toThrow(
      new ConfigurationError(
        "keyUrl: no such option; valid names are keysUrl, clockSkewSeconds, rootCertificates, clock",
      ),
    );
    expect(stage.keyServer.requests).toEqual([]);
  });
});

describe("a Google ID token", () => {
  const claims = (more = {}) => ({ ...stage.goodClaims(), iss: "https://accounts.google.com", ...more });

  test("is good by Google's keys, from Google, for the audience", async () => {
    await stage.verifier.verifyIdToken(signedJwt(claims()), { audience: AUDIENCE });
    await stage.verifier.verifyIdToken(signedJwt(claims({ iss: "accounts.google.com" })), { audience: AUDIENCE });
    expect(stage.keyServer.requests.map(({ path }) => path)).toEqual(["/oauth2/v3/certs"]);
  });

  test("that does not say when it was issued, or until when it is good, is refused, as by Google's own libraries", async () => {
    const check = async (more: object) =>
      (await failureOf(stage.verifier.verifyIdToken(signedJwt(claims(more)), { audience: AUDIENCE })))[1];
    expect(await check({ iat: undefined })).toBe("issuedAt: iat is missing");
    expect(await check({ iat: null })).toBe("issuedAt: iat is not a number");
    expect(await check({ exp: undefined })).toBe("expiry: is missing, or is not a number");
  });

  test("of another issuer, or with another or unverified e-mail, is refused", async () => {
    const check = async (more: object, email?: string) =>
      (await failureOf(stage.verifier.verifyIdToken(signedJwt(claims(more)), { audience: AUDIENCE, email })))[0];
    expect(await check({ iss: "https://accounts.example" })).toBe("issuer");
    expect(await check({ email: "eve@example.com", email_verified: true }, ROBOT)).toBe("email");
    expect(await check({ email: ROBOT, email_verified: false }, ROBOT)).toBe("email");
    await stage.verifier.verifyIdToken(signedJwt(claims({ email: ROBOT, email_verified: true })), {
      audience: AUDIENCE,
      email: ROBOT,
    });
  });
});

describe("a signature over bytes", () => {
  const payload = Buffer.from("to be signed");
  const signature = sign("sha256", payload, keyAt(0).privateKey);

  test("is good by the key that is named, and by any that is published when none is named", async () => {
    stage.published = [1, 0];
    expect(await stage.verifier.verifyBlob({ serviceAccount: ROBOT, payload, signature, keyId: "key-0" })).toEqual({
      keyId: "key-0",
    });
    expect(await stage.verifier.verifyBlob({ serviceAccount: ROBOT, payload, signature })).toEqual({ keyId: "key-0" });
  });

  test("over other bytes is refused", async () => {
    const other = { serviceAccount: ROBOT, payload: Buffer.from("something else"), signature, keyId: "key-0" };
    expect(await failureOf(stage.verifier.verifyBlob(other))).toEqual([
      "signature",
      `signature: is not a signature by ${ROBOT} over these bytes`,
    ]);
  });
});
