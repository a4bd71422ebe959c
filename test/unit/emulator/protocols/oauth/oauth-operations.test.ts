// SPDX-License-Identifier: Apache-2.0
// The token endpoint: assertions, refresh tokens, and Google's words when it refuses.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createRemoteJWKSet, importPKCS8, jwtVerify, SignJWT } from "jose";
import { IAMService as admin } from "../../../../../generated/google/iam/admin/v1/iam.js";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import type { EmulatorServiceAccountKeyFile } from "../../../../../src/emulator/index.js";
import { ALICE, CLOUD_PLATFORM, FIRST, nameOf, openStage, type Stage, TARGET, TOKEN_CREATOR } from "../../stage.js";
import { JWT_BEARER, postForm, signAssertion } from "./signed-assertion.js";

const ADMIN = "https://www.googleapis.com/auth/admin.directory.user";

let stage: Stage;
let file: EmulatorServiceAccountKeyFile;
beforeAll(async () => {
  stage = await openStage({ domainWideDelegation: [{ serviceAccount: FIRST, scopes: [ADMIN, CLOUD_PLATFORM] }] });
  stage.emulator.addGrant({ member: `serviceAccount:${FIRST}`, role: TOKEN_CREATOR, serviceAccount: TARGET });
  file = await stage.emulator.createServiceAccountKey(FIRST);
});
afterAll(() => stage.close());

const grant = async (claims: Readonly<Record<string, unknown>> = {}, path = "/token") =>
  postForm(stage.emulator.url + path, { grant_type: JWT_BEARER, assertion: await signAssertion(file, claims) });

describe("an assertion of a service account", () => {
  test.each(["/token", "/oauth2/v4/token", "/o/oauth2/token"])(
    "gets an access token at %s that calls as the account",
    async (path) => {
      const { code, body } = await grant({ sub: FIRST }, path);
      expect({ code, body }).toEqual({
        code: 200,
        body: { access_token: expect.stringMatching(/^ya29\.c\./), expires_in: 3599, token_type: "Bearer" },
      });
      const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.of(1) };
      await stage.client.call(rows.signBlob, request, { token: String(body["access_token"]) });
      expect(stage.emulator.calls().at(-1)?.principal).toBe(`serviceAccount:${FIRST}`);
    },
  );

  test("gets an access token by the draft's grant, which Go's package impersonate sends", async () => {
    const form = { grant_type: "assertion", assertion: await signAssertion(file, { sub: FIRST }) };
    const draft = { ...form, assertion_type: "http://oauth.net/grant_type/jwt/1.0/bearer" };
    expect(await postForm(`${stage.emulator.url}/token`, draft)).toMatchObject({ code: 200 });
    const body = { error: "unsupported_grant_type", error_description: "Invalid grant_type: assertion" };
    expect(await postForm(`${stage.emulator.url}/token`, form)).toMatchObject({ code: 400, body });
  });

  test("gets an ID token for its target audience, by Google's keys", async () => {
    const { body } = await grant({ scope: undefined, target_audience: "https://run.example" });
    expect(Object.keys(body)).toEqual(["id_token"]);
    const keys = createRemoteJWKSet(new URL(`${stage.emulator.url}/oauth2/v3/certs`));
    const { payload } = await jwtVerify(String(body["id_token"]), keys, {
      issuer: "https://accounts.google.com",
      audience: "https://run.example",
    });
    expect(payload).toMatchObject({ email: FIRST, email_verified: true, sub: file.client_id, azp: FIRST });
  });

  test("need not name its key", async () => {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: FIRST, aud: `${stage.emulator.url}/token`, scope: CLOUD_PLATFORM, iat, exp: iat + 60 };
    const key = await importPKCS8(file.private_key, "RS256");
    const assertion = await new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(key);
    expect((await postForm(`${stage.emulator.url}/token`, { grant_type: JWT_BEARER, assertion })).code).toBe(200);
  });

  const now = () => Math.floor(Date.now() / 1000);
  const times =
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.";
  test.each([
    ["is expired", () => ({ iat: now() - 7200, exp: now() - 3600 }), 400, "invalid_grant", times],
    ["lives too long", () => ({ exp: now() + 7200 }), 400, "invalid_grant", times],
    ["was issued in the future", () => ({ iat: now() + 3600, exp: now() + 7000 }), 400, "invalid_grant", times],
    ["has no times", () => ({ iat: undefined, exp: undefined }), 400, "invalid_grant", times],
    [
      "is of no account",
      () => ({ iss: "ghost@demo-project.iam.gserviceaccount.com" }),
      400,
      "invalid_grant",
      "Invalid grant: account not found",
    ],
    ["is another account's", () => ({ iss: TARGET }), 400, "invalid_grant", "Invalid JWT Signature."],
    [
      "is for somebody else",
      () => ({ aud: "https://evil.example/token" }),
      400,
      "invalid_grant",
      "Invalid JWT: Failed audience check. The right audience is https://oauth2.googleapis.com/token",
    ],
    [
      "asks for nothing",
      () => ({ scope: undefined }),
      400,
      "invalid_scope",
      "Invalid OAuth scope or ID token audience provided.",
    ],
    [
      "asks for no scope",
      () => ({ scope: "everything" }),
      400,
      "invalid_scope",
      "Invalid OAuth scope or ID token audience provided.",
    ],
  ] as const)("that %s is refused in Google's words", async (_, claims, code, error, description) => {
    expect(await grant(claims())).toEqual({ code, body: { error, error_description: description } });
  });

  test("whose signature was changed is refused", async () => {
    const assertion = (await signAssertion(file)).replace(/.{8}$/, "AAAAAAAA");
    expect(await postForm(`${stage.emulator.url}/token`, { grant_type: JWT_BEARER, assertion })).toEqual({
      code: 400,
      body: { error: "invalid_grant", error_description: "Invalid JWT Signature." },
    });
  });
});

test("a disabled account gets no token, and tokeninfo knows the ones that it had no more", async () => {
  const tokenOf = async () => String((await grant()).body["access_token"]);
  const infoOf = async (token: string) => (await fetch(`${stage.emulator.url}/tokeninfo?access_token=${token}`)).status;
  const token = await tokenOf();
  expect(await infoOf(token)).toBe(200);
  const account = { name: nameOf(FIRST) };
  await stage.client.call(admin.disableServiceAccount, account, { token: "owner" });
  const body = { error: "invalid_grant", error_description: "Invalid grant: account not found" };
  expect(await grant()).toEqual({ code: 400, body });
  expect(await grant({ scope: undefined, target_audience: "https://run.example" })).toEqual({ code: 400, body });
  expect(await grant({ sub: "alice@example.com" })).toEqual({ code: 400, body });
  expect(await infoOf(token)).toBe(400);
  await stage.client.call(admin.enableServiceAccount, account, { token: "owner" });
  expect(await infoOf(token)).toBe(200);
});

describe("domain-wide delegation", () => {
  const unauthorized = {
    code: 401,
    body: {
      error: "unauthorized_client",
      error_description:
        "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.",
    },
  };

  test("gives a user's token to an account that the option names", async () => {
    const { body } = await grant({ sub: "alice@example.com", scope: `${ADMIN} ${CLOUD_PLATFORM}` });
    const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.of(1) };
    await stage.client.call(rows.signBlob, request, { token: String(body["access_token"]) });
    expect(stage.emulator.calls().at(-1)?.principal).toBe(ALICE);
  });

  test("gives none for a scope that the option does not name", async () => {
    const scope = `${ADMIN} https://www.googleapis.com/auth/drive`;
    expect(await grant({ sub: "alice@example.com", scope })).toEqual(unauthorized);
  });

  test("gives none to any other account", async () => {
    const other = await stage.emulator.createServiceAccountKey(TARGET);
    const assertion = await signAssertion(other, { sub: "alice@example.com" });
    expect(await postForm(`${stage.emulator.url}/token`, { grant_type: JWT_BEARER, assertion })).toEqual(unauthorized);
  });

  test("gives no ID token of a user", async () => {
    const claims = { sub: "alice@example.com", scope: undefined, target_audience: "https://run.example" };
    expect(await grant(claims)).toEqual(unauthorized);
  });
});

describe("a request of no grant", () => {
  test.each([
    [{}, "invalid_request", "Missing required parameter: grant_type"],
    [{ grant_type: "password" }, "unsupported_grant_type", "Invalid grant_type: password"],
    [{ grant_type: JWT_BEARER }, "invalid_request", "Missing required parameter: assertion"],
    [{ grant_type: JWT_BEARER, assertion: "x.y" }, "invalid_grant", "Bad Request"],
  ] as const)("%j is refused", async (fields, error, description) => {
    expect(await postForm(`${stage.emulator.url}/token`, fields)).toEqual({
      code: 400,
      body: { error, error_description: description },
    });
  });

  test("that gives a parameter twice is refused", async () => {
    const response = await fetch(`${stage.emulator.url}/token`, {
      method: "POST",
      body: new URLSearchParams("grant_type=a&grant_type=b"),
    });
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: "invalid_request", error_description: "Parameter given more than once: grant_type" },
    ]);
  });

  test("by GET is a page of 405, and a body over a megabyte one of 413", async () => {
    expect((await fetch(`${stage.emulator.url}/token`)).status).toBe(405);
    const response = await fetch(`${stage.emulator.url}/token`, { method: "POST", body: "x".repeat(1_100_000) });
    expect(response.status).toBe(413);
  });
});

test("the log tells who asked, and no assertion", async () => {
  const assertion = await signAssertion(file);
  await postForm(`${stage.emulator.url}/token`, { grant_type: JWT_BEARER, assertion });
  const call = stage.emulator.calls().at(-1);
  expect(call).toMatchObject({
    service: "oauth2.googleapis.com",
    transport: "http",
    method: "oauth2.token",
    status: "OK",
    principal: `serviceAccount:${FIRST}`,
  });
  expect(JSON.stringify(stage.emulator.calls())).not.toContain(assertion.slice(0, 40));
});
