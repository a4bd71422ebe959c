// SPDX-License-Identifier: Apache-2.0
// The main job: client and emulator over a real socket, every signature verified by others, by keys published over HTTP.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  ALICE,
  CLOUD_PLATFORM,
  type DelegationStage,
  FAR,
  FIRST,
  openDelegationStage,
  SECOND,
  TARGET,
} from "../support/delegation-stage.js";
import { fetchAccountKey, isSignatureOf, verifyJwt } from "../support/published-keys.js";

let stage: DelegationStage;
beforeAll(async () => {
  stage = await openDelegationStage({ extendedLifetimeAccounts: [] });
});
afterAll(() => stage[Symbol.asyncDispose]());

const jwkUrl = (email: string) => `${stage.emulator.url}/service_accounts/v1/metadata/jwk/${email}`;
const lastCall = () => stage.emulator.calls().at(-1);

describe.each([
  { road: "directly", email: TARGET, delegates: [] },
  { road: "through two delegates", email: FAR, delegates: [FIRST, SECOND] },
])("$road", ({ email, delegates }) => {
  const account = { name: email, delegates };

  test("mints an access token that the service itself takes as that account", async () => {
    const { accessToken } = await stage.alice.generateAccessToken({ ...account, scope: [CLOUD_PLATFORM] });
    await using bearer = stage.client({
      ...stage.emulator.clientOptions(ALICE),
      credentials: { getRequestMetadata: () => ({ authorization: `Bearer ${accessToken}` }) },
    });
    const remove = stage.emulator.addGrant({
      member: `serviceAccount:${email}`,
      role: "roles/iam.serviceAccountTokenCreator",
      serviceAccount: TARGET,
    });
    await bearer.signBlob({ name: TARGET, payload: Buffer.from("x") });
    remove();
    expect(lastCall()).toMatchObject({ principal: `serviceAccount:${email}`, status: "OK" });
  });

  test("gives expireTime as seconds, nanos and a Date, an hour ahead unless asked otherwise", async () => {
    const before = Math.floor(Date.now() / 1000);
    const { expireTime } = await stage.alice.generateAccessToken({ ...account, scope: [CLOUD_PLATFORM] });
    expect(expireTime.seconds).toBeGreaterThanOrEqual(before + 3600);
    expect(expireTime.seconds).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) + 3600);
    expect(expireTime.nanos).toBe(0);
    expect(expireTime.toDate()).toEqual(new Date(expireTime.seconds * 1000));
  });

  test("mints an ID token that oauth2/v3/certs verifies", async () => {
    const { token } = await stage.alice.generateIdToken({
      ...account,
      audience: "https://run.example",
      includeEmail: true,
    });
    const { payload } = await verifyJwt(token, `${stage.emulator.url}/oauth2/v3/certs`);
    expect(payload).toMatchObject({ aud: "https://run.example", iss: "https://accounts.google.com", email });
    expect(payload.sub).toBe(stage.emulator.addServiceAccount(email).uniqueId);
  });

  test("signs bytes, and the X.509, raw and JWK forms of the key all verify them", async () => {
    const payload = Buffer.from([0, 255, 1, 254, 10, 13]);
    const { keyId, signedBlob } = await stage.alice.signBlob({ ...account, payload });
    const keys = await fetchAccountKey(stage.emulator.url, email, keyId);
    expect(Buffer.isBuffer(signedBlob)).toBe(true);
    expect([...keys].map(([form, key]) => [form, isSignatureOf(payload, signedBlob, key)])).toEqual([
      ["x509", true],
      ["raw", true],
      ["jwk", true],
    ]);
    const other = Buffer.from([0, 255, 1, 254, 10, 14]);
    expect([...keys.values()].some((key) => isSignatureOf(other, signedBlob, key))).toBe(false);
  });

  test("signs claims given as an object", async () => {
    const exp = Math.floor(Date.now() / 1000) + 600;
    const { keyId, signedJwt } = await stage.alice.signJwt({
      ...account,
      payload: { aud: "someone", exp, n: [1, "é"] },
    });
    const { payload, protectedHeader } = await verifyJwt(signedJwt, jwkUrl(email));
    expect(payload).toEqual({ aud: "someone", exp, n: [1, "é"] });
    expect(protectedHeader).toEqual({ alg: "RS256", typ: "JWT", kid: keyId });
  });

  test("signs claims given as text byte for byte", async () => {
    const text = '{ "b" : 1,\n "a":2 , "sub": "é" }';
    const { signedJwt } = await stage.alice.signJwt({ ...account, payload: text });
    await verifyJwt(signedJwt, jwkUrl(email));
    expect(Buffer.from(signedJwt.split(".")[1] ?? "", "base64url").toString()).toBe(text);
  });

  test("leaves a record of caller, account and delegates in the emulator", async () => {
    await stage.alice.signBlob({ ...account, payload: Buffer.alloc(0) });
    expect(lastCall()).toMatchObject({
      method: "SignBlob",
      principal: ALICE,
      serviceAccount: email,
      delegates,
      status: "OK",
    });
  });
});

describe("an account is named", () => {
  const forms = () => {
    const { uniqueId } = stage.emulator.addServiceAccount(TARGET);
    return { path: `projects/-/serviceAccounts/${TARGET}`, email: TARGET, uniqueId };
  };

  test.each(["path", "email", "uniqueId"] as const)("by its %s", async (form) => {
    const { keyId, signedJwt } = await stage.alice.signJwt({ name: forms()[form], payload: { sub: "x" } });
    expect(lastCall()?.serviceAccount).toBe(TARGET);
    expect((await verifyJwt(signedJwt, jwkUrl(TARGET))).protectedHeader.kid).toBe(keyId);
  });

  test("in any form as a delegate", async () => {
    const delegates = [stage.emulator.addServiceAccount(FIRST).uniqueId, `projects/-/serviceAccounts/${SECOND}`];
    await stage.alice.signBlob({ name: FAR, delegates, payload: Buffer.from("x") });
    expect(lastCall()).toMatchObject({ delegates: [FIRST, SECOND], status: "OK" });
  });
});

test.each([
  { lifetime: 600, seconds: 600 },
  { lifetime: "90s", seconds: 90 },
  { lifetime: { seconds: 3600 }, seconds: 3600 },
])("a lifetime of $lifetime is $seconds seconds at the service", async ({ lifetime, seconds }) => {
  const before = Math.floor(Date.now() / 1000);
  const { expireTime } = await stage.alice.generateAccessToken({ name: TARGET, scope: [CLOUD_PLATFORM], lifetime });
  expect(expireTime.seconds - before).toBeGreaterThanOrEqual(seconds);
  expect(expireTime.seconds - before).toBeLessThanOrEqual(seconds + 10);
});
