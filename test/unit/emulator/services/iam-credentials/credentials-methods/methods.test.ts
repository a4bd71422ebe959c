// SPDX-License-Identifier: Apache-2.0
// What the four methods answer, checked by jose, node:crypto and the published keys.

import { createPublicKey, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { IAMCredentialsService as rows } from "../../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { ALICE, CLOUD_PLATFORM, nameOf, openStage, type Stage, TARGET } from "../../../stage.js";

let stage: Stage;
let token: string;
beforeAll(async () => {
  stage = await openStage({ extendedLifetimeAccounts: [] });
  token = await stage.emulator.accessToken(ALICE);
});
afterAll(() => stage.close());

async function fetchKeys(path: string): Promise<JSONWebKeySet> {
  const response = await fetch(`${stage.emulator.url}${path}`);
  return (await response.json()) as JSONWebKeySet; // jose checks what it reads
}

const accountKeys = () => fetchKeys(`/service_accounts/v1/metadata/jwk/${TARGET}`);

describe("GenerateAccessToken", () => {
  const request = { name: nameOf(TARGET), delegates: [], scope: [CLOUD_PLATFORM], lifetime: undefined };

  test("gives an opaque ya29.c. token that ends in an hour, in whole seconds", async () => {
    const before = Math.floor(Date.now() / 1000);
    const response = await stage.client.call(rows.generateAccessToken, request, { token });
    const after = Math.floor(Date.now() / 1000);
    expect(response.accessToken).toMatch(/^ya29\.c\.[\w-]{100,}$/);
    expect(response.expireTime?.nanos).toBe(0);
    expect(Number(response.expireTime?.seconds)).toBeGreaterThanOrEqual(before + 3600);
    expect(Number(response.expireTime?.seconds)).toBeLessThanOrEqual(after + 3600);
  });

  test("gives the lifetime that was asked for", async () => {
    const lifetime = { seconds: "10", nanos: 0 };
    const before = Math.floor(Date.now() / 1000);
    const response = await stage.client.call(rows.generateAccessToken, { ...request, lifetime }, { token });
    expect(Number(response.expireTime?.seconds) - before).toBeGreaterThanOrEqual(10);
    expect(Number(response.expireTime?.seconds) - before).toBeLessThanOrEqual(12);
  });

  test("never gives the same token twice", async () => {
    const first = await stage.client.call(rows.generateAccessToken, request, { token });
    const second = await stage.client.call(rows.generateAccessToken, request, { token });
    expect(first.accessToken).not.toBe(second.accessToken);
  });
});

describe("GenerateIdToken", () => {
  const request = { name: nameOf(TARGET), delegates: [], audience: "https://service.example", includeEmail: false };

  test("signs with the key of oauth2/v3/certs and names the account by its unique id", async () => {
    const { token: idToken } = await stage.client.call(rows.generateIdToken, request, { token });
    const keys = await fetchKeys("/oauth2/v3/certs");
    const { payload, protectedHeader } = await jwtVerify(idToken, createLocalJWKSet(keys));
    const { uniqueId } = stage.emulator.addServiceAccount(TARGET);
    expect(protectedHeader).toEqual({ alg: "RS256", kid: keys.keys[0]?.kid, typ: "JWT" });
    expect(payload).toEqual({
      aud: "https://service.example",
      azp: uniqueId,
      exp: Number(payload.iat) + 3600,
      iat: expect.any(Number),
      iss: "https://accounts.google.com",
      sub: uniqueId,
    });
    expect(uniqueId).toMatch(/^\d{21}$/);
  });

  test("names the account's e-mail when asked to", async () => {
    const { token: idToken } = await stage.client.call(
      rows.generateIdToken,
      { ...request, includeEmail: true },
      { token },
    );
    const { payload } = await jwtVerify(idToken, createLocalJWKSet(await fetchKeys("/oauth2/v3/certs")));
    expect(payload).toMatchObject({ email: TARGET, email_verified: true });
  });
});

describe("SignBlob", () => {
  test.each([
    ["some bytes", Buffer.from([0, 1, 2, 254, 255])],
    ["an empty payload", Buffer.alloc(0)],
    ["a megabyte", Buffer.alloc(1 << 20, "x")],
  ])("signs %s with the account's published key, PKCS #1 v1.5 and SHA-256", async (_title, payload) => {
    const request = { name: nameOf(TARGET), delegates: [], payload };
    const { keyId, signedBlob } = await stage.client.call(rows.signBlob, request, { token });
    const jwk = (await accountKeys()).keys.find((key) => key.kid === keyId);
    expect(keyId).toMatch(/^[0-9a-f]{40}$/);
    const publicKey = createPublicKey({ key: { ...jwk }, format: "jwk" });
    expect(publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(verify("sha256", payload, publicKey, signedBlob)).toBe(true);
    expect(verify("sha256", Buffer.concat([payload, Buffer.of(0)]), publicKey, signedBlob)).toBe(false);
  });

  test("signs with one key per account, and another one for the next account", async () => {
    const other = stage.emulator.addServiceAccount("other@demo-project.iam.gserviceaccount.com");
    const sign = (name: string) =>
      stage.client.call(rows.signBlob, { name, delegates: [], payload: Buffer.from("x") }, { token: "owner" });
    const [first, again, second] = [
      await sign(nameOf(TARGET)),
      await sign(nameOf(TARGET)),
      await sign(nameOf(other.uniqueId)),
    ];
    expect(again.keyId).toBe(first.keyId);
    expect(again.signedBlob.equals(first.signedBlob)).toBe(true);
    expect(second.keyId).not.toBe(first.keyId);
  });
});

describe("SignJwt", () => {
  test("signs the payload byte for byte as it came, white space and all", async () => {
    const payload = `{ "sub":"ä-✓",\n "n": 1.0, "exp": ${Math.floor(Date.now() / 1000) + 43_199} }`;
    const response = await stage.client.call(rows.signJwt, { name: nameOf(TARGET), delegates: [], payload }, { token });
    expect(decodeProtectedHeader(response.signedJwt)).toEqual({ alg: "RS256", kid: response.keyId, typ: "JWT" });
    await jwtVerify(response.signedJwt, createLocalJWKSet(await accountKeys()));
    expect(Buffer.from(response.signedJwt.split(".")[1] ?? "", "base64url").toString("utf8")).toBe(payload);
  });

  test("adds no exp to claims that have none", async () => {
    const request = { name: nameOf(TARGET), delegates: [], payload: "{}" };
    const { signedJwt } = await stage.client.call(rows.signJwt, request, { token });
    expect((await jwtVerify(signedJwt, createLocalJWKSet(await accountKeys()))).payload).toEqual({});
  });
});

test("takes the unique id in place of the e-mail, for the account and for delegates", async () => {
  const { uniqueId } = stage.emulator.addServiceAccount(TARGET);
  const request = { name: nameOf(uniqueId), delegates: [nameOf(uniqueId)], payload: "{}" };
  const removals = [
    stage.emulator.addGrant({
      member: `serviceAccount:${TARGET}`,
      role: "roles/iam.serviceAccountTokenCreator",
      serviceAccount: TARGET,
    }),
  ];
  await expect(stage.client.call(rows.signJwt, request, { token })).resolves.toMatchObject({
    keyId: expect.stringMatching(/^[0-9a-f]{40}$/),
  });
  for (const remove of removals) remove();
});
