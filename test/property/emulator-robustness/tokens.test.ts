// SPDX-License-Identifier: Apache-2.0
// Malformed grants, assertions and bearer tokens.

import { afterAll, beforeAll, describe, test } from "@jest/globals";
import { fc } from "../../support/property.js";
import {
  checkCases,
  expectRefusalOrAnswer,
  NAME,
  openRobustnessStage,
  type RobustnessStage,
  TIMEOUT_MS,
} from "../../support/robustness-stage.js";

let stage: RobustnessStage;
let jwt: string;
beforeAll(async () => {
  stage = await openRobustnessStage();
  const response = await stage.post(`/v1/${NAME}:signJwt`, JSON.stringify({ payload: "{}" }), "application/json");
  jwt = ((await response.json()) as { signedJwt: string }).signedJwt; // as: the reply of the method
});
afterAll(() => stage[Symbol.asyncDispose]());

const grantNames = ["grant_type", "assertion", "subject_token", "audience", "scope", "token", "client_id"];

// A good token with characters changed, parts dropped or doubled, and any text beside.
const jwtArbitrary = fc.oneof(
  fc.string({ maxLength: 100 }),
  fc
    .tuple(fc.nat(), fc.string({ minLength: 1, maxLength: 4 }))
    .map(([at, text]) => jwt.slice(0, at % jwt.length) + text + jwt.slice((at % jwt.length) + 1)),
  fc
    .array(
      fc.string({ maxLength: 20 }).map((text) => Buffer.from(text).toString("base64url")),
      { maxLength: 5 },
    )
    .map((parts) => parts.join(".")),
  fc
    .tuple(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }))
    .map(([header, claims]) =>
      [{ alg: "RS256", kid: "x", ...Object(header) }, claims, 0]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join("."),
    ),
);

describe("malformed input leaves the emulator serving:", () => {
  test(
    "forms at the OAuth endpoints",
    async () => {
      const paths = fc.constantFrom(
        "/token",
        "/v1/token",
        "/v1/oauthtoken",
        "/tokeninfo",
        "/revoke",
        "/oauth2/v4/token",
      );
      const grants = fc.constantFrom(
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "refresh_token",
      );
      const fields = fc.dictionary(fc.constantFrom(...grantNames), fc.oneof(fc.string(), jwtArbitrary));
      await checkCases(fc.tuple(paths, fields, fc.option(grants)), 15_000, async ([path, form, grant]) => {
        const body = new URLSearchParams({ ...form, ...(grant === null ? {} : { grant_type: grant }) }).toString();
        await expectRefusalOrAnswer(await stage.post(path, body, "application/x-www-form-urlencoded"));
      });
      await stage.expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "JWTs as bearers and assertions",
    async () => {
      await checkCases(fc.tuple(jwtArbitrary, fc.boolean()), 15_000, async ([token, isBearer]) => {
        if (isBearer) {
          const bearer = token.replace(/[^\x21-\x7e]/g, "x");
          await expectRefusalOrAnswer(
            await stage.post(`/v1/${NAME}:signBlob`, '{"payload":""}', "application/json", bearer),
          );
          return;
        }
        const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        const form = new URLSearchParams({ grant_type, assertion: token }).toString();
        await expectRefusalOrAnswer(await stage.post("/token", form, "application/x-www-form-urlencoded"));
      });
      await stage.expectAlive();
    },
    TIMEOUT_MS,
  );
});
