// SPDX-License-Identifier: Apache-2.0
// Assertions of Identity-Aware Proxy, signed here as IAP signs them and verified with the keys that are published.

import { generateKeyPairSync } from "node:crypto";
import { exportJWK, SignJWT } from "jose";
import { Verifier } from "../../src/index.js";
import { type HttpStage, startHttpStage } from "../support/http-stage.js";
import { rejectionOf } from "../support/rejection-of.js";

const AUDIENCE = "/projects/123456789012/global/backendServices/4242";
const ISSUER = "https://cloud.google.com/iap";
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });

let keys: HttpStage;
let verifier: Verifier;
beforeAll(async () => {
  const jwks = [
    { ...(await exportJWK(publicKey)), kid: "iap", use: "sig", alg: "ES256" },
    { ...(await exportJWK(rsa.publicKey)), kid: "rsa", use: "sig" },
  ];
  keys = await startHttpStage(() => ({ body: { keys: jwks } }));
  verifier = new Verifier({ keysUrl: keys.url });
});
afterAll(() => keys.close());

function assertion({ aud = AUDIENCE, iss = ISSUER, alg = "ES256", kid = "iap", exp = "5m" } = {}): Promise<string> {
  const claims = new SignJWT({ email: "dana@example.com" }).setProtectedHeader({ alg, kid }).setIssuedAt();
  const whole = claims.setAudience(aud).setIssuer(iss).setSubject("accounts.google.com:1").setExpirationTime(exp);
  return whole.sign(alg === "ES256" ? privateKey : rsa.privateKey);
}

test.each([AUDIENCE, "/projects/1/apps/my-project", "/projects/1/locations/us-central1/services/my-service"])(
  "one for %s is good, and its claims have types",
  async (audience) => {
    const { sub, email, exp } = await verifier.verifyIapAssertion(await assertion({ aud: audience }), { audience });
    expect([sub?.startsWith("accounts."), email?.toUpperCase(), Number(exp?.toFixed()) > 0]).toEqual([
      true,
      "DANA@EXAMPLE.COM",
      true,
    ]);
    expect(keys.requests.at(-1)?.path).toBe("/iap/verify/public_key-jwk");
  },
);

test.each([
  ["for another backend", { aud: "/projects/1/apps/other" }, "audience"],
  ["by another issuer", { iss: "https://accounts.google.com" }, "issuer"],
  ["that has expired", { exp: "-5m" }, "expiry"],
  ["signed as all else of Google's is", { alg: "RS256", kid: "rsa" }, "algorithm"],
  ["that names a key for another algorithm", { kid: "rsa" }, "key"],
  ["that names no published key", { kid: "none" }, "key"],
])("one %s is not", async (_name, over, check) => {
  const error = await rejectionOf(verifier.verifyIapAssertion(await assertion(over), { audience: AUDIENCE }));
  expect(error).toMatchObject({ name: "VerificationError", check });
});

test("one with another signature is not", async () => {
  const [head, , signature] = (await assertion()).split(".");
  const claims = (await assertion({ exp: "9m" })).split(".")[1];
  const error = await rejectionOf(
    verifier.verifyIapAssertion([head, claims, signature].join("."), { audience: AUDIENCE }),
  );
  expect(error).toMatchObject({ check: "signature" });
});

test("an ID token's check does not take it", async () => {
  expect(await rejectionOf(verifier.verifyIdToken(await assertion(), { audience: AUDIENCE }))).toMatchObject({
    check: "algorithm",
  });
});

test("an audience in another form is refused with the forms that there are", async () => {
  const error = await rejectionOf(verifier.verifyIapAssertion("a.b.c", { audience: "https://my-service.example" }));
  expect(error).toMatchObject({ name: "RequestError", field: "audience" });
});
