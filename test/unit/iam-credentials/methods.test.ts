// SPDX-License-Identifier: Apache-2.0
// The method table: its bytes are read and written by protobufjs from Google's protos, its defaults are the published ones.

import {
  generateAccessToken,
  generateIdToken,
  IAM_CREDENTIALS,
  signBlob,
  signJwt,
} from "../../../src/iam-credentials/methods.js";
import { DEFAULT_RETRY } from "../../../src/rpc/retry/policy.js";
import { decodeOfficially, encodeOfficially } from "../../support/official-types.js";

const NAME = "projects/-/serviceAccounts/robot@demo-project.iam.gserviceaccount.com";
const account = { name: "robot@demo-project.iam.gserviceaccount.com", delegates: ["123", NAME] };
const wireAccount = { name: NAME, delegates: ["projects/-/serviceAccounts/123", NAME] };
const typeOf = (name: string) => `google.iam.credentials.v1.${name}`;

test("the service is the published one", () => {
  expect(IAM_CREDENTIALS).toEqual({
    name: "IAMCredentials",
    fullName: "google.iam.credentials.v1.IAMCredentials",
    hostPrefix: "iamcredentials",
    scopes: ["https://www.googleapis.com/auth/cloud-platform"],
    emulatorVariable: "IAM_CREDENTIALS_EMULATOR_HOST",
    logName: "iam-credentials",
  });
});

test.each([
  ["GenerateAccessToken", generateAccessToken],
  ["GenerateIdToken", generateIdToken],
  ["SignBlob", signBlob],
  ["SignJwt", signJwt],
])("%s has its published path, timeout, retry policy and routing field", (rpc, row) => {
  expect(row).toMatchObject({
    label: `IAMCredentials.${rpc}`,
    path: `/google.iam.credentials.v1.IAMCredentials/${rpc}`,
    timeoutMs: 60_000,
    retry: DEFAULT_RETRY,
  });
  const routing: (message: never) => unknown = row.routing;
  expect(routing({ ...wireAccount } as never)).toEqual([["name", NAME]]); // as: routing reads the name alone
});

describe("requests as Google's protos read them", () => {
  test("GenerateAccessToken", () => {
    const scope = ["https://www.googleapis.com/auth/iam", "openid"];
    const bytes = generateAccessToken.encode(generateAccessToken.normalize({ ...account, scope, lifetime: "751.5s" }));
    expect(decodeOfficially(typeOf("GenerateAccessTokenRequest"), bytes)).toEqual({
      ...wireAccount,
      scope,
      lifetime: { seconds: "751", nanos: 500_000_000 },
    });
  });

  test("GenerateAccessToken without lifetime and delegates, which are then absent", () => {
    const scope = ["openid"];
    const bytes = generateAccessToken.encode(generateAccessToken.normalize({ name: account.name, scope }));
    expect(decodeOfficially(typeOf("GenerateAccessTokenRequest"), bytes)).toEqual({
      name: NAME,
      delegates: [],
      scope,
      lifetime: null,
    });
  });

  test.each([
    [undefined, false],
    [false, false],
    [true, true],
  ])("GenerateIdToken with includeEmail %p", (includeEmail, expected) => {
    const audience = "https://my-service.example";
    const bytes = generateIdToken.encode(generateIdToken.normalize({ ...account, audience, includeEmail }));
    expect(decodeOfficially(typeOf("GenerateIdTokenRequest"), bytes)).toEqual({
      ...wireAccount,
      audience,
      includeEmail: expected,
    });
  });

  test("SignBlob", () => {
    const payload = Buffer.from([0, 255, 128]);
    const bytes = signBlob.encode(signBlob.normalize({ ...account, payload }));
    expect(decodeOfficially(typeOf("SignBlobRequest"), bytes)).toEqual({ ...wireAccount, payload });
  });

  test.each(['{ "sub": "ü😀" }', { sub: "ü😀" }])("SignJwt of %j", (payload) => {
    const bytes = signJwt.encode(signJwt.normalize({ ...account, payload }));
    const text = typeof payload === "string" ? payload : JSON.stringify(payload);
    expect(decodeOfficially(typeOf("SignJwtRequest"), bytes)).toEqual({ ...wireAccount, payload: text });
  });
});

describe("replies as Google's protos write them", () => {
  const encode = (name: string, message: object) => Buffer.from(encodeOfficially(typeOf(name), message));

  test("GenerateAccessToken keeps the nanoseconds of the expiry", () => {
    const expireTime = { seconds: 1_700_000_000, nanos: 123_456_789 };
    const bytes = encode("GenerateAccessTokenResponse", { accessToken: "t", expireTime });
    const response = generateAccessToken.respond(generateAccessToken.decode(bytes));
    expect(response).toEqual({ accessToken: "t", expireTime: expect.objectContaining(expireTime) });
    expect(response.expireTime.toDate()).toEqual(new Date(1_700_000_000_123));
  });

  test("GenerateAccessToken without an expiry is one of the year 1970, not undefined", () => {
    const bytes = encode("GenerateAccessTokenResponse", { accessToken: "t" });
    const { expireTime } = generateAccessToken.respond(generateAccessToken.decode(bytes));
    expect(expireTime.toDate()).toEqual(new Date(0));
  });

  test("GenerateIdToken", () => {
    const bytes = encode("GenerateIdTokenResponse", { token: "a.b.c" });
    expect(generateIdToken.respond(generateIdToken.decode(bytes))).toEqual({ token: "a.b.c" });
  });

  test("SignBlob gives a Buffer", () => {
    const bytes = encode("SignBlobResponse", { keyId: "k", signedBlob: Buffer.from([1, 2]) });
    const { keyId, signedBlob } = signBlob.respond(signBlob.decode(bytes));
    expect([keyId, Buffer.isBuffer(signedBlob), signedBlob.toString("hex")]).toEqual(["k", true, "0102"]);
  });

  test("SignJwt", () => {
    const bytes = encode("SignJwtResponse", { keyId: "k", signedJwt: "a.b.c" });
    expect(signJwt.respond(signJwt.decode(bytes))).toEqual({ keyId: "k", signedJwt: "a.b.c" });
  });

  test("bytes that are no message throw", () => {
    expect(() => signJwt.decode(Buffer.from([0x0a, 0xff]))).toThrow();
  });
});
