// SPDX-License-Identifier: Apache-2.0
// Which requests the emulator refuses, with which code and text.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { ALICE, CLOUD_PLATFORM, FIRST, nameOf, openStage, type Stage, TARGET } from "../../../stage.js";

const EXTENDED = "extended@demo-project.iam.gserviceaccount.com";
const invalid = { code: 3, message: "Request contains an invalid argument.", info: null };
const owner = { token: "owner" };

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ serviceAccounts: [TARGET, FIRST, EXTENDED], extendedLifetimeAccounts: [EXTENDED] });
});
afterAll(() => stage.close());

const tokenRequest = { name: nameOf(TARGET), delegates: [], scope: [CLOUD_PLATFORM], lifetime: undefined };
const nowSeconds = () => Math.floor(Date.now() / 1000);

const malformedNames = [
  "",
  TARGET,
  `projects/demo-project/serviceAccounts/${TARGET}`,
  "projects/-/serviceAccounts/",
  "projects/-/serviceAccounts/no-email",
  `projects/-/serviceAccounts/${TARGET}/keys`,
  `/projects/-/serviceAccounts/${TARGET}`,
  `projects/-/serviceAccounts/${TARGET}\n`,
  `projects/-/serviceAccounts/${"a".repeat(300)}@example.com`,
  "projects/-/serviceAccounts/a@b@c.com",
];

describe("a malformed account name is an invalid argument", () => {
  test.each(malformedNames)("as the name: %j", async (name) => {
    expect(await stage.client.refusal(rows.generateAccessToken, { ...tokenRequest, name }, owner)).toEqual(invalid);
    const idRequest = { name, delegates: [], audience: "a", includeEmail: false };
    expect(await stage.client.refusal(rows.generateIdToken, idRequest, owner)).toEqual(invalid);
    const blobRequest = { name, delegates: [], payload: Buffer.from("x") };
    expect(await stage.client.refusal(rows.signBlob, blobRequest, owner)).toEqual(invalid);
    expect(await stage.client.refusal(rows.signJwt, { name, delegates: [], payload: "{}" }, owner)).toEqual(invalid);
  });

  test.each(malformedNames.filter((name) => name !== TARGET))("as a delegate: %j", async (delegate) => {
    const request = { ...tokenRequest, delegates: [nameOf(FIRST), delegate] };
    expect(await stage.client.refusal(rows.generateAccessToken, request, owner)).toEqual(invalid);
  });
});

test("a delegate may be named by its e-mail or unique id alone, as gcloud does", async () => {
  const { uniqueId } = stage.emulator.addServiceAccount(FIRST);
  for (const delegate of [FIRST, uniqueId, nameOf(FIRST)]) {
    await stage.client.call(rows.generateAccessToken, { ...tokenRequest, delegates: [delegate] }, owner).catch(() => 0);
    expect(stage.emulator.calls().at(-1)).toMatchObject({ delegates: [FIRST], status: "PERMISSION_DENIED" });
  }
});

describe("scopes", () => {
  test.each([
    [[]],
    [[""]],
    [[CLOUD_PLATFORM, ""]],
    [[`${CLOUD_PLATFORM} openid`]],
    [[`${CLOUD_PLATFORM},openid`]],
    [["cloud-platform"]],
    [["https://example.com/auth/cloud-platform"]],
    [["https://notgoogleapis.com/auth/x"]],
    [["ftp://www.googleapis.com/auth/x"]],
    [["https://www.googleapis.com/auth/\u0007"]],
  ])("refuses %j", async (scope) => {
    expect(await stage.client.refusal(rows.generateAccessToken, { ...tokenRequest, scope }, owner)).toEqual(invalid);
  });

  test("takes URLs under google.com and googleapis.com and the words of OpenID Connect", async () => {
    const scope = [CLOUD_PLATFORM, "https://mail.google.com/", "http://www.google.com/m8/feeds", "openid", "email"];
    const response = await stage.client.call(rows.generateAccessToken, { ...tokenRequest, scope }, owner);
    expect(response.accessToken).toMatch(/^ya29\.c\./);
  });
});

describe("lifetimes", () => {
  const refuse = (name: string, seconds: string, nanos = 0) =>
    stage.client.refusal(rows.generateAccessToken, { ...tokenRequest, name, lifetime: { seconds, nanos } }, owner);

  test.each([
    ["0", 0],
    ["-1", 0],
    ["0", -1],
    ["1", -1],
    ["-1", 1],
    ["1", 1_000_000_000],
    ["315576000001", 0],
    ["9223372036854775807", 0],
  ])("of %s s and %d ns are invalid", async (seconds, nanos) => {
    expect(await refuse(nameOf(TARGET), seconds, nanos)).toEqual(invalid);
  });

  test.each([
    ["3601", 0],
    ["3600", 1],
    ["43200", 0],
  ])("of %s s and %d ns are over the limit of an hour", async (seconds, nanos) => {
    const refusal = await refuse(nameOf(TARGET), seconds, nanos);
    expect(refusal).toEqual({
      code: 3,
      message: expect.stringMatching(/^The access token lifetime cannot exceed 3600 seconds\. If an access token/),
      info: null,
    });
  });

  test("reach twelve hours where the organization policy lists the account, and no further", async () => {
    const request = { ...tokenRequest, name: nameOf(EXTENDED), lifetime: { seconds: "43200", nanos: 0 } };
    const before = nowSeconds();
    const { expireTime } = await stage.client.call(rows.generateAccessToken, request, owner);
    expect(Number(expireTime?.seconds)).toBeGreaterThanOrEqual(before + 43_200);
    expect(await refuse(nameOf(EXTENDED), "43201")).toEqual({
      code: 3,
      message: "The access token lifetime cannot exceed 43200 seconds.",
      info: null,
    });
  });

  test("below a second still give a token that is not yet over", async () => {
    const request = { ...tokenRequest, lifetime: { seconds: "0", nanos: 1 } };
    const { expireTime } = await stage.client.call(rows.generateAccessToken, request, owner);
    expect(Number(expireTime?.seconds)).toBeGreaterThanOrEqual(nowSeconds());
  });

  test("over the limit are told only to callers with the permission", async () => {
    const token = await stage.emulator.accessToken("user:nobody@example.com");
    const request = { ...tokenRequest, lifetime: { seconds: "3601", nanos: 0 } };
    const { code, message } = await stage.client.refusal(rows.generateAccessToken, request, { token });
    expect([code, message]).toEqual([
      7,
      "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
    ]);
  });
});

test("an empty audience is an invalid argument", async () => {
  const request = { name: nameOf(TARGET), delegates: [], audience: "", includeEmail: true };
  expect(await stage.client.refusal(rows.generateIdToken, request, owner)).toEqual(invalid);
});

describe("the claims of SignJwt", () => {
  test.each([
    "",
    "null",
    "[]",
    '"text"',
    "{",
    "{}x",
    '{"exp":"1"}',
    '{"exp":null}',
    '{"exp":1e400}',
    `{"exp":${nowSeconds() + 60}.5}`,
    `{"exp":${nowSeconds() - 1}}`,
    '{"exp":0}',
    '{"exp":-1}',
    `{"exp":${nowSeconds() + 43_200 + 60}}`,
  ])("are refused when they are %s", async (payload) => {
    const request = { name: nameOf(TARGET), delegates: [], payload };
    expect(await stage.client.refusal(rows.signJwt, request, owner)).toEqual(invalid);
  });

  test("may end twelve hours ahead", async () => {
    const request = { name: nameOf(TARGET), delegates: [], payload: `{"exp":${nowSeconds() + 43_200}}` };
    await expect(stage.client.call(rows.signJwt, request, owner)).resolves.toHaveProperty("signedJwt");
  });
});

describe("an account that does not exist", () => {
  test.each([
    [
      "ghost@demo-project.iam.gserviceaccount.com",
      "Not found; Gaia id not found for email ghost@demo-project.iam.gserviceaccount.com",
    ],
    [
      "123-compute@developer.gserviceaccount.com",
      "Not found; Gaia id not found for email 123-compute@developer.gserviceaccount.com",
    ],
    ["alice@example.com", "Requested entity was not found."],
    ["107517467455664443765", "Requested entity was not found."],
  ])("is not found: %s", async (identifier, message) => {
    const notFound = { code: 5, message, info: null };
    const asTarget = { ...tokenRequest, name: nameOf(identifier) };
    expect(await stage.client.refusal(rows.generateAccessToken, asTarget, owner)).toEqual(notFound);
    const asDelegate = { ...tokenRequest, delegates: [nameOf(identifier)] };
    expect(await stage.client.refusal(rows.generateAccessToken, asDelegate, owner)).toEqual(notFound);
  });

  test("is found as soon as it was added", async () => {
    const { email } = stage.emulator.addServiceAccount("late@demo-project.iam.gserviceaccount.com");
    await expect(
      stage.client.call(rows.generateAccessToken, { ...tokenRequest, name: nameOf(email) }, owner),
    ).resolves.toHaveProperty("accessToken");
  });
});

describe("a message that is no protobuf", () => {
  const garbage = { ...rows.signBlob, requestSerialize: (bytes: Buffer) => bytes };

  test("is an invalid argument for a caller who is known", async () => {
    expect(await stage.client.refusal(garbage, Buffer.from([0x0a, 0xff, 0xff, 0xff]), owner)).toEqual(invalid);
    expect(await stage.client.refusal(garbage, Buffer.from([0x0a, 0x02, 0xc3, 0x28]), owner)).toEqual(invalid);
  });

  test("is not even looked at for a caller who is not", async () => {
    expect(await stage.client.refusal(garbage, Buffer.from([0xff]))).toMatchObject({ code: 16 });
  });
});

test("a method that the service does not have is unimplemented", async () => {
  const row = { ...rows.signBlob, path: "/google.iam.credentials.v1.IAMCredentials/SignNothing" };
  const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.alloc(0) };
  expect(await stage.client.refusal(row, request, owner)).toEqual({
    code: 12,
    message: expect.stringContaining("SignNothing"),
    info: null,
  });
});

test("a message over four megabytes is refused, and the next call is served", async () => {
  const request = (bytes: number) => ({ name: nameOf(TARGET), delegates: [], payload: Buffer.alloc(bytes) });
  expect(await stage.client.refusal(rows.signBlob, request(5 * 1024 * 1024), owner)).toMatchObject({
    code: 8,
    message: expect.stringMatching(/larger than max|message larger/i),
  });
  const token = await stage.emulator.accessToken(ALICE);
  await expect(stage.client.call(rows.signBlob, request(10), { token })).resolves.toHaveProperty("keyId");
});
