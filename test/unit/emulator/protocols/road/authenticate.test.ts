// SPDX-License-Identifier: Apache-2.0
// Whom the emulator takes a caller for.

import { generateKeyPairSync, sign } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { importPKCS8, type JWTPayload, SignJWT } from "jose";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import type { EmulatorServiceAccountKeyFile } from "../../../../../src/emulator/index.js";
import { BareClient } from "../../bare-client.js";
import { ALICE, CLOUD_PLATFORM, FIRST, nameOf, openStage, type Stage, TARGET, TOKEN_CREATOR } from "../../stage.js";

const AUDIENCE = "https://iamcredentials.googleapis.com/";
const LOGIN_HINT =
  "Expected OAuth 2 access token, login cookie or other valid authentication credential. " +
  "See https://developers.google.com/identity/sign-in/web/devconsole-project.";
const invalid = {
  code: 16,
  message: `Request had invalid authentication credentials. ${LOGIN_HINT}`,
  info: null,
};
const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.from("x") };
const identity = {
  method: "google.iam.credentials.v1.IAMCredentials.SignBlob",
  service: "iamcredentials.googleapis.com",
};

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({
    grants: [
      { member: ALICE, role: TOKEN_CREATOR, serviceAccount: TARGET },
      { member: `serviceAccount:${FIRST}`, role: TOKEN_CREATOR, serviceAccount: TARGET },
    ],
  });
});
afterEach(() => stage.close());

const lastPrincipal = () => stage.emulator.calls().at(-1)?.principal;

test("a call without a bearer is told what it lacks", async () => {
  expect(await stage.client.refusal(rows.signBlob, request)).toEqual({
    code: 16,
    message: `Request is missing required authentication credential. ${LOGIN_HINT}`,
    info: { reason: "CREDENTIALS_MISSING", domain: "googleapis.com", metadata: identity },
  });
});

describe("opaque tokens", () => {
  test("are their principal's until they expire", async () => {
    const token = await stage.emulator.accessToken(ALICE);
    await stage.client.call(rows.signBlob, request, { token });
    expect(lastPrincipal()).toBe(ALICE);
    stage.advance(3_599_000 - 60_000);
    await stage.client.call(rows.signBlob, request, { token });
    stage.advance(61_000);
    expect(await stage.client.refusal(rows.signBlob, request, { token })).toEqual(invalid);
    expect(lastPrincipal()).toBeUndefined();
  });

  test("of GenerateAccessToken are the account's, as long as they were asked for", async () => {
    const mint = { name: nameOf(FIRST), delegates: [], scope: [CLOUD_PLATFORM], lifetime: { seconds: "60", nanos: 0 } };
    const { accessToken } = await stage.client.call(rows.generateAccessToken, mint, { token: "owner" });
    await stage.client.call(rows.signBlob, request, { token: accessToken });
    expect(lastPrincipal()).toBe(`serviceAccount:${FIRST}`);
    stage.advance(60_000);
    expect(await stage.client.refusal(rows.signBlob, request, { token: accessToken })).toEqual(invalid);
  });

  test("with the scope auth/iam are sufficient, and with others alone are not", async () => {
    const mint = (scope: string[]) =>
      stage.client.call(
        rows.generateAccessToken,
        { name: nameOf(FIRST), delegates: [], scope, lifetime: undefined },
        { token: "owner" },
      );
    const { accessToken: iam } = await mint(["https://www.googleapis.com/auth/iam"]);
    await expect(stage.client.call(rows.signBlob, request, { token: iam })).resolves.toHaveProperty("keyId");
    const { accessToken: storage } = await mint(["https://www.googleapis.com/auth/devstorage.read_only", "email"]);
    expect(await stage.client.refusal(rows.signBlob, request, { token: storage })).toEqual({
      code: 7,
      message: "Request had insufficient authentication scopes.",
      info: { reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT", domain: "googleapis.com", metadata: identity },
    });
    expect(lastPrincipal()).toBe(`serviceAccount:${FIRST}`);
  });

  test("are not understood by another emulator", async () => {
    await using other = await openStage();
    const token = await other.emulator.accessToken(ALICE);
    expect(await stage.client.refusal(rows.signBlob, request, { token })).toEqual(invalid);
  });

  test("are invalid with any character changed", async () => {
    const token = await stage.emulator.accessToken(ALICE);
    for (const at of [7, 20, 40, 80, token.length - 1]) {
      const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
      expect(await stage.client.refusal(rows.signBlob, request, { token: changed })).toEqual(invalid);
    }
  });
});

describe("a header that is no bearer", () => {
  test.each(["", "owner", "Basic b3duZXI6", "Bearer", "Bearer owner owner", "Bearer ya29.c.", "Bearer own,er"])(
    "is invalid: %j",
    async (authorization) => {
      expect(await stage.client.refusal(rows.signBlob, request, { headers: { authorization } })).toEqual(invalid);
    },
  );

  test("but the scheme is taken in any case", async () => {
    await expect(
      stage.client.call(rows.signBlob, request, { headers: { authorization: "bearer owner" } }),
    ).resolves.toHaveProperty("keyId");
  });
});

describe("owner", () => {
  test("may do everything", async () => {
    await stage.client.call(rows.signBlob, request, { token: "owner" });
    expect(lastPrincipal()).toBe("owner");
  });

  test("is nobody when the emulator was started without", async () => {
    await using strict = await openStage({ owner: false });
    expect(await strict.client.refusal(rows.signBlob, request, { token: "owner" })).toEqual(invalid);
  });
});

describe("self-signed JWTs", () => {
  let file: EmulatorServiceAccountKeyFile;
  let keyStage: Stage;
  let client: BareClient;
  const nowSeconds = () => Math.floor(Date.now() / 1000);

  beforeAll(async () => {
    keyStage = await openStage({
      grants: [{ member: `serviceAccount:${FIRST}`, role: TOKEN_CREATOR, serviceAccount: TARGET }],
    });
    client = new BareClient(keyStage.emulator.host);
    file = await keyStage.emulator.createServiceAccountKey(FIRST);
  });
  afterAll(async () => {
    client.close();
    await keyStage.close();
  });

  async function makeJwt(changes: JWTPayload = {}, header: Record<string, string> = {}): Promise<string> {
    const iat = nowSeconds();
    const claims = { iss: FIRST, sub: FIRST, aud: AUDIENCE, iat, exp: iat + 3600, ...changes };
    const key = await importPKCS8(file.private_key, "RS256");
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", kid: file.private_key_id, typ: "JWT", ...header })
      .sign(key);
  }

  test("of a service-account key are the account's", async () => {
    await expect(client.call(rows.signBlob, request, { token: await makeJwt() })).resolves.toHaveProperty("keyId");
    expect(keyStage.emulator.calls().at(-1)?.principal).toBe(`serviceAccount:${FIRST}`);
  });

  test("whose parts are padded, as google-auth for Python wrote them, are the account's", async () => {
    const pad = (bytes: Buffer) => bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
    const iat = nowSeconds();
    const claims = { iss: FIRST, sub: FIRST, aud: AUDIENCE, iat, exp: iat + 3600 };
    const parts = [{ typ: "JWT", alg: "RS256", kid: file.private_key_id }, claims].map((part) =>
      pad(Buffer.from(JSON.stringify(part))),
    );
    const signature = sign("sha256", Buffer.from(parts.join(".")), file.private_key);
    const token = [...parts, pad(signature)].join(".");
    expect(token).toContain("=.");
    await expect(client.call(rows.signBlob, request, { token })).resolves.toHaveProperty("keyId");
  });

  test("for the interface in place of the host are the account's", async () => {
    const token = await makeJwt({ aud: `${AUDIENCE}google.iam.credentials.v1.IAMCredentials` });
    await expect(client.call(rows.signBlob, request, { token })).resolves.toHaveProperty("keyId");
  });

  test("with a scope beside an empty audience are limited to the scope", async () => {
    const token = await makeJwt({ aud: "", scope: CLOUD_PLATFORM });
    await expect(client.call(rows.signBlob, request, { token })).resolves.toHaveProperty("keyId");
    const refusal = await client.refusal(rows.signBlob, request, { token: await makeJwt({ aud: "", scope: "email" }) });
    expect(refusal).toMatchObject({ code: 7, message: "Request had insufficient authentication scopes." });
  });

  test("with a scope in place of the audience are limited to it", async () => {
    const scoped = (scope: string) => makeJwt({ aud: undefined, scope } as unknown as JWTPayload); // drops aud
    await expect(
      client.call(rows.signBlob, request, { token: await scoped(`email ${CLOUD_PLATFORM}`) }),
    ).resolves.toHaveProperty("keyId");
    expect(await client.refusal(rows.signBlob, request, { token: await scoped("email") })).toMatchObject({
      code: 7,
      message: "Request had insufficient authentication scopes.",
    });
  });

  test("signed through SignJwt by the system key are the account's as well", async () => {
    const iat = nowSeconds();
    const payload = JSON.stringify({ iss: FIRST, sub: FIRST, aud: AUDIENCE, iat, exp: iat + 600 });
    const sign = { name: nameOf(FIRST), delegates: [], payload };
    const { signedJwt } = await client.call(rows.signJwt, sign, { token: "owner" });
    await expect(client.call(rows.signBlob, request, { token: signedJwt })).resolves.toHaveProperty("keyId");
  });

  test.each<[string, () => JWTPayload]>([
    ["that expired", () => ({ iat: nowSeconds() - 3600, exp: nowSeconds() - 1 })],
    ["from the future", () => ({ iat: nowSeconds() + 60, exp: nowSeconds() + 600 })],
    ["longer than an hour", () => ({ exp: nowSeconds() + 3700 })],
    ["that end before they begin", () => ({ iat: nowSeconds() + 5, exp: nowSeconds() + 4 })],
    ["of another subject", () => ({ sub: TARGET })],
    ["of another issuer", () => ({ iss: TARGET, sub: TARGET })],
    ["of an account that is not there", () => ({ iss: "x@y.example", sub: "x@y.example" })],
    ["for another service", () => ({ aud: "https://pubsub.googleapis.com/" })],
    ["for the token endpoint", () => ({ aud: "https://oauth2.googleapis.com/token", scope: CLOUD_PLATFORM })],
    ["for another interface", () => ({ aud: `${AUDIENCE}google.iam.admin.v1.IAM` })],
    ["for two audiences", () => ({ aud: [AUDIENCE, AUDIENCE] })],
    ["without audience and scope", () => ({ aud: undefined }) as unknown as JWTPayload],
    ["without times", () => ({ iat: undefined, exp: undefined }) as unknown as JWTPayload],
  ])("%s are invalid", async (_title, changes: () => JWTPayload) => {
    expect(await client.refusal(rows.signBlob, request, { token: await makeJwt(changes()) })).toEqual(invalid);
  });

  test("of an unknown key, of none, or unsigned are invalid", async () => {
    const unknown = await makeJwt({}, { kid: "0".repeat(40) });
    const jwt = await makeJwt();
    const [, claims = ""] = jwt.split(".");
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${claims}.`;
    for (const token of [unknown, unsigned, `${jwt.slice(0, -4)}AAAA`, jwt.slice(0, -1), `${jwt}.x`, "a.b.c"]) {
      expect(await client.refusal(rows.signBlob, request, { token })).toEqual(invalid);
    }
  });

  test("signed by a stranger's key under a known id are invalid", async () => {
    const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const iat = nowSeconds();
    const token = await new SignJWT({ iss: FIRST, sub: FIRST, aud: AUDIENCE, iat, exp: iat + 60 })
      .setProtectedHeader({ alg: "RS256", kid: file.private_key_id })
      .sign(stranger);
    expect(await client.refusal(rows.signBlob, request, { token })).toEqual(invalid);
  });
});

test("clientOptions keep one token until five minutes before its end", async () => {
  const { apiEndpoint, insecure, credentials } = stage.emulator.clientOptions(ALICE);
  expect([apiEndpoint, insecure]).toEqual([stage.emulator.host, true]);
  const first = await credentials.getRequestMetadata();
  await stage.client.call(rows.signBlob, request, { headers: first });
  stage.advance(3_240_000);
  expect(await credentials.getRequestMetadata()).toEqual(first);
  stage.advance(61_000);
  const second = await credentials.getRequestMetadata();
  expect(second).not.toEqual(first);
  await stage.client.call(rows.signBlob, request, { headers: second });
});
