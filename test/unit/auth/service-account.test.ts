// SPDX-License-Identifier: Apache-2.0
// Self-signed JWTs, verified with jose, and the errors of key files, which must not quote the key.

import { generateKeyPairSync } from "node:crypto";
import { decodeProtectedHeader, jwtVerify } from "jose";
import {
  isServiceAccountInfo,
  type SelfSignedJwtTarget,
  type ServiceAccountInfo,
  ServiceAccountTokenProvider,
} from "../../../src/auth/service-account.js";
import { ConfigurationError } from "../../../src/index.js";
import { ManualClock } from "../../support/manual-clock.js";
import { generateKeyFile } from "../../support/rsa-key.js";

const AUDIENCE = "https://iamcredentials.googleapis.com/";
const { info, publicKey } = generateKeyFile();
const NOW_SECONDS = 1_700_000_000;

function stage(target: Partial<SelfSignedJwtTarget> = {}, over: Partial<ServiceAccountInfo> = {}) {
  const clock = new ManualClock({ wallAt: NOW_SECONDS * 1000 + 700 });
  const settled = { scopes: undefined, audience: AUDIENCE, ...target };
  return { clock, provider: new ServiceAccountTokenProvider({ ...info, ...over }, settled, clock) };
}

const jwtOf = (provider: ServiceAccountTokenProvider) =>
  (provider.getRequestMetadata()["authorization"] ?? "").replace(/^Bearer /, "");

describe("the JWT", () => {
  test("is signed RS256 by the key, and names it", async () => {
    const { provider, clock } = stage();
    const { protectedHeader } = await jwtVerify(jwtOf(provider), publicKey, {
      algorithms: ["RS256"],
      currentDate: new Date(clock.wallNow()),
    });
    expect(protectedHeader).toEqual({ alg: "RS256", typ: "JWT", kid: info.private_key_id });
  });

  test("names no key where the file names none", () => {
    const { provider } = stage({}, { private_key_id: undefined });
    expect(decodeProtectedHeader(jwtOf(provider))).toEqual({ alg: "RS256", typ: "JWT" });
  });

  test("is for the service, for an hour from now in whole seconds, where no scopes are asked for", async () => {
    const { provider, clock } = stage();
    const currentDate = new Date(clock.wallNow());
    const { payload } = await jwtVerify(jwtOf(provider), publicKey, { currentDate, audience: AUDIENCE });
    expect(payload).toEqual({
      iss: info.client_email,
      sub: info.client_email,
      aud: AUDIENCE,
      iat: NOW_SECONDS,
      exp: NOW_SECONDS + 3600,
    });
  });

  test("has the scopes that were asked for, and then no audience", async () => {
    const { provider, clock } = stage({ scopes: ["https://www.googleapis.com/auth/iam", "email"] });
    const { payload } = await jwtVerify(jwtOf(provider), publicKey, { currentDate: new Date(clock.wallNow()) });
    expect(payload["scope"]).toBe("https://www.googleapis.com/auth/iam email");
    expect(payload).not.toHaveProperty("aud");
  });

  test("is made once and kept until 225 seconds before its end", async () => {
    const { provider, clock } = stage();
    const first = provider.getRequestMetadata();
    await clock.advance(3600_000 - 225_000 - 1);
    expect(provider.getRequestMetadata()).toBe(first);
    await clock.advance(1);
    expect(provider.getRequestMetadata()).not.toEqual(first);
    const { payload } = await jwtVerify(jwtOf(provider), publicKey, { currentDate: new Date(clock.wallNow()) });
    expect(payload.exp).toBe(NOW_SECONDS + 3600 - 225 + 3600);
  });

  test("follows the wall clock, as a suspended machine needs it", () => {
    const { provider, clock } = stage();
    const first = jwtOf(provider);
    clock.jumpWall(3600_000);
    expect(jwtOf(provider)).not.toBe(first);
  });

  test("is made anew when the wall clock is set back, since one from the future is refused", async () => {
    const { provider, clock } = stage();
    provider.getRequestMetadata();
    clock.jumpWall(-86_400_000);
    const { payload } = await jwtVerify(jwtOf(provider), publicKey, { currentDate: new Date(clock.wallNow()) });
    expect(payload.iat).toBe(NOW_SECONDS - 86_400);
  });
});

describe("the project that is charged", () => {
  test("is that of the file", () => {
    const { provider } = stage({}, { quota_project_id: "charged" });
    expect(provider.getRequestMetadata()["x-goog-user-project"]).toBe("charged");
  });

  test("is not named where the file names none", () => {
    expect(Object.keys(stage().provider.getRequestMetadata())).toEqual(["authorization"]);
  });
});

describe("a key is refused by name and not quoted, when it", () => {
  const body = info.private_key.split("\n")[3] ?? "";
  const pem = (type: "ec" | "rsa-pss") =>
    (type === "ec"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("rsa-pss", { modulusLength: 2048 })
    ).privateKey
      .export({ type: "pkcs8", format: "pem" })
      .toString();
  const notRsa = "credentials.private_key: must be an RSA key in PEM form, as in the key file";
  test.each<[string, Record<string, unknown>, string]>([
    ["lacks the e-mail", { client_email: undefined }, "credentials.client_email: is missing"],
    ["has an empty e-mail", { client_email: "" }, "credentials.client_email: is missing"],
    ["lacks the key", { private_key: undefined }, "credentials.private_key: is missing"],
    ["has a number for a key", { private_key: 7 }, "credentials.private_key: is missing"],
    ["is no PEM", { private_key: body }, notRsa],
    ["is cut off", { private_key: info.private_key.slice(0, 300) }, notRsa],
    ["is an elliptic one", { private_key: pem("ec") }, notRsa],
    ["is an RSA-PSS one", { private_key: pem("rsa-pss") }, notRsa],
    ["is public", { private_key: publicKey.export({ type: "spki", format: "pem" }) }, notRsa],
  ])("%s", (_name, over, problem) => {
    let thrown: unknown;
    try {
      stage({}, over);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ConfigurationError);
    expect(thrown).toMatchObject({ message: expect.stringContaining(problem) });
    expect(thrown).not.toHaveProperty("cause");
    expect(String((thrown as Error).stack)).not.toContain(body); // as: the first line says so
  });
});

test.each([
  [info, true],
  [{ client_email: "a", private_key: "b" }, true],
  [{ client_email: "a" }, false],
  [{ private_key: "b" }, false],
  [{ type: "authorized_user", refresh_token: "c" }, false],
])("what looks like a service-account key is one (case %#)", (value, expected) => {
  expect(isServiceAccountInfo(value)).toBe(expected);
});
