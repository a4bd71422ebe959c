// SPDX-License-Identifier: Apache-2.0
// What is told of tokens: tokeninfo, userinfo, discovery; and their end by revocation.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { ALICE, CLOUD_PLATFORM, nameOf, openStage, type Stage, TARGET } from "../../stage.js";
import { postForm } from "./signed-assertion.js";

let stage: Stage;
let directory: string;
beforeAll(async () => {
  stage = await openStage();
  directory = await mkdtemp(join(tmpdir(), "emulator-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
  await stage.close();
});

interface UserFile {
  readonly client_id: string;
  readonly client_secret: string;
  readonly refresh_token: string;
}

async function logIn(scopes?: readonly string[]): Promise<UserFile> {
  const path = join(directory, "user.json");
  await stage.emulator.writeCredentialsFile("authorized_user", path, {
    user: "alice@example.com",
    ...(scopes === undefined ? {} : { scopes }),
  });
  return JSON.parse(await readFile(path, "utf8")) as UserFile; // what was just written
}

const refresh = ({ client_id, client_secret, refresh_token }: UserFile, more: Readonly<Record<string, string>> = {}) =>
  postForm(`${stage.emulator.url}/token`, {
    grant_type: "refresh_token",
    client_id,
    client_secret,
    refresh_token,
    ...more,
  });

test("tokeninfo is told by GET with a content type for no content", async () => {
  const token = await stage.emulator.accessToken(ALICE);
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${stage.emulator.url}/tokeninfo?access_token=${token}`, { headers });
  expect([response.status, await response.json()]).toEqual([200, expect.objectContaining({ scope: CLOUD_PLATFORM })]);
});

describe("a refresh token", () => {
  test("gets access tokens of the user, with an ID token for whoever agreed to openid", async () => {
    const file = await logIn();
    const { code, body } = await refresh(file);
    expect({ code, body }).toEqual({
      code: 200,
      body: {
        access_token: expect.any(String),
        expires_in: 3599,
        scope: `${CLOUD_PLATFORM} openid email`,
        token_type: "Bearer",
        id_token: expect.any(String),
      },
    });
    const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.of(1) };
    await stage.client.call(rows.signBlob, request, { token: String(body["access_token"]) });
    expect(stage.emulator.calls().at(-1)?.principal).toBe(ALICE);
  });

  test.each([
    ["of an unknown client", { client_id: "x" }, 401, "invalid_client", "The OAuth client was not found."],
    ["with a wrong secret", { client_secret: "x" }, 401, "invalid_client", "The provided client secret is invalid."],
    ["that is none", { refresh_token: "1//0x" }, 400, "invalid_grant", "Bad Request"],
    [
      "for a scope that the user did not agree to",
      { scope: "https://www.googleapis.com/auth/drive" },
      400,
      "invalid_scope",
      "Invalid OAuth scope or ID token audience provided.",
    ],
  ] as const)("%s is refused", async (_, fields, code, error, description) => {
    const answer = await refresh(await logIn(), fields);
    expect(answer).toEqual({ code, body: { error, error_description: description } });
  });

  test("ends when it is revoked, and its access tokens with it", async () => {
    const file = await logIn();
    const token = String((await refresh(file)).body["access_token"]);
    expect(await postForm(`${stage.emulator.url}/revoke`, { token: file.refresh_token })).toEqual({
      code: 200,
      body: {},
    });
    expect(await refresh(file)).toEqual({
      code: 400,
      body: { error: "invalid_grant", error_description: "Token has been expired or revoked." },
    });
    const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.of(1) };
    const refusal = await stage.client.refusal(rows.signBlob, request, { token });
    expect(refusal).toMatchObject({ code: 16, message: expect.stringMatching(/invalid authentication credentials/) });
    expect(await postForm(`${stage.emulator.url}/revoke`, { token })).toEqual({
      code: 400,
      body: { error: "invalid_token", error_description: "Token expired or revoked" },
    });
  });
});

test("an access token ends when revokeToken() is called", async () => {
  const token = await stage.emulator.accessToken(ALICE);
  const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.of(1) };
  await stage.client.call(rows.signBlob, request, { token });
  stage.emulator.revokeToken(token);
  expect((await stage.client.refusal(rows.signBlob, request, { token })).code).toBe(16);
});

describe("tokeninfo", () => {
  test("tells an access token's facts as strings, and the e-mail only for its scope", async () => {
    const { body } = await refresh(await logIn());
    const accessToken = String(body["access_token"]);
    const told = await (await fetch(`${stage.emulator.url}/tokeninfo?access_token=${accessToken}`)).json();
    expect(told).toEqual({
      azp: expect.stringMatching(/^100\d{18}$/),
      aud: expect.any(String),
      sub: expect.any(String),
      scope: `${CLOUD_PLATFORM} openid email`,
      exp: expect.stringMatching(/^\d+$/),
      expires_in: expect.stringMatching(/^3[56]\d\d$/),
      email: "alice@example.com",
      email_verified: "true",
      access_type: "online",
    });
    const plain = await stage.emulator.accessToken(ALICE);
    const headers = { authorization: `Bearer ${plain}` };
    const { body: less } = await postForm(`${stage.emulator.url}/tokeninfo`, {}, headers);
    expect(less).toMatchObject({ scope: CLOUD_PLATFORM });
    expect(less).not.toHaveProperty("email");
  });

  test("tells an ID token's claims as strings, with its header", async () => {
    const { body } = await refresh(await logIn());
    const told = await (await fetch(`${stage.emulator.url}/tokeninfo?id_token=${body["id_token"]}`)).json();
    expect(told).toMatchObject({
      iss: "https://accounts.google.com",
      email: "alice@example.com",
      email_verified: "true",
      exp: expect.stringMatching(/^\d+$/),
      alg: "RS256",
      kid: expect.stringMatching(/^[0-9a-f]{40}$/),
      typ: "JWT",
    });
  });

  test.each(["access_token=x", "id_token=a.b.c"])("refuses %s", async (query) => {
    const response = await fetch(`${stage.emulator.url}/tokeninfo?${query}`);
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: "invalid_token", error_description: "Invalid Value" },
    ]);
  });

  test("refuses a request without a token", async () => {
    const response = await fetch(`${stage.emulator.url}/tokeninfo`);
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: "invalid_request", error_description: "either access_token, id_token, or token_handle required" },
    ]);
  });
});

describe("userinfo", () => {
  test("tells id and e-mail in the words of each version", async () => {
    const { body } = await refresh(await logIn());
    const headers = { authorization: `Bearer ${body["access_token"]}` };
    const get = async (path: string) => (await fetch(stage.emulator.url + path, { headers })).json();
    const sub = expect.stringMatching(/^100\d{18}$/);
    expect(await get("/v1/userinfo")).toEqual({ sub, email: "alice@example.com", email_verified: true });
    expect(await get("/oauth2/v2/userinfo")).toEqual({ id: sub, email: "alice@example.com", verified_email: true });
  });

  test.each([undefined, "Bearer x"])("refuses the header %j", async (authorization) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${stage.emulator.url}/v1/userinfo`, { headers });
    expect([response.status, await response.json()]).toEqual([
      401,
      { error: "invalid_request", error_description: "Invalid Credentials" },
    ]);
  });
});

test("the discovery document names endpoints that are there", async () => {
  const response = await fetch(`${stage.emulator.url}/.well-known/openid-configuration`);
  const document = (await response.json()) as Record<string, string>;
  expect(document["issuer"]).toBe("https://accounts.google.com");
  for (const name of ["jwks_uri", "userinfo_endpoint", "revocation_endpoint", "token_endpoint"]) {
    expect(document[name]?.startsWith(stage.emulator.url)).toBe(true);
    expect((await fetch(String(document[name]))).status).not.toBe(404);
  }
});
