// SPDX-License-Identifier: Apache-2.0
// The security token service: tokens of foreign identity providers become tokens of federated identities.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { exportJWK, generateKeyPair, type KeyLike, SignJWT } from "jose";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { CLOUD_PLATFORM, nameOf, openStage, type Stage, TARGET, TOKEN_CREATOR } from "../../stage.js";
import { postForm } from "./signed-assertion.js";

const ISSUER = "https://idp.example";
const NAME =
  "//iam.googleapis.com/projects/987/locations/global/workloadIdentityPools/test-pool/providers/test-provider";
const MEMBER =
  "principal://iam.googleapis.com/projects/987/locations/global/workloadIdentityPools/test-pool/subject/robot";

let stage: Stage;
let privateKey: KeyLike;
beforeAll(async () => {
  const pair = await generateKeyPair("RS256");
  privateKey = pair.privateKey;
  const key = { ...(await exportJWK(pair.publicKey)), kid: "one" };
  const provider = {
    projectNumber: "987",
    pool: "test-pool",
    provider: "test-provider",
    issuer: ISSUER,
    jwks: { keys: [key] },
  };
  stage = await openStage({ identityProviders: [provider] });
  stage.emulator.addGrant({ member: MEMBER, role: TOKEN_CREATOR, serviceAccount: TARGET });
});
afterAll(() => stage.close());

async function subjectToken(claims: Readonly<Record<string, unknown>> = {}, kid = "one"): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const all = { iss: ISSUER, aud: `https:${NAME}`, sub: "robot", iat, exp: iat + 600, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey);
}

const fieldsOf = (token: string) => ({
  grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
  audience: NAME,
  scope: CLOUD_PLATFORM,
  requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
  subject_token: token,
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
});

const exchange = (fields: Readonly<Record<string, string>>) => postForm(`${stage.emulator.url}/v1/token`, fields);

test("a provider's token becomes an access token of its subject, which grants name", async () => {
  const { code, body } = await exchange(fieldsOf(await subjectToken()));
  expect({ code, body }).toEqual({
    code: 200,
    body: {
      access_token: expect.any(String),
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
      token_type: "Bearer",
      expires_in: 3599,
    },
  });
  const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.of(1) };
  await stage.client.call(rows.signBlob, request, { token: String(body["access_token"]) });
  expect(stage.emulator.calls().at(-1)?.principal).toBe(MEMBER);
});

test("JSON in camelCase is taken as a form is", async () => {
  const { grant_type, audience, scope, requested_token_type, subject_token, subject_token_type } = fieldsOf(
    await subjectToken(),
  );
  const body = JSON.stringify({
    grantType: grant_type,
    audience,
    scope,
    requestedTokenType: requested_token_type,
    subjectToken: subject_token,
    subjectTokenType: subject_token_type,
  });
  const headers = { "content-type": "application/json" };
  expect((await fetch(`${stage.emulator.url}/v1/token`, { method: "POST", body, headers })).status).toBe(200);
});

test("JSON of any shape is refused as a form is", async () => {
  const body = JSON.stringify({ payload: [{ toString: false }, [null], 1] });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${stage.emulator.url}/v1/token`, { method: "POST", body, headers });
  expect([response.status, await response.json()]).toEqual([
    400,
    { error: "invalid_request", error_description: expect.stringMatching(/^Missing required parameter: / as never) },
  ]);
});

describe("a subject token", () => {
  const now = () => Math.floor(Date.now() / 1000);
  test.each([
    [
      "of another issuer",
      () => ({ iss: "https://evil.example" }),
      /^The issuer in ID Token https:\/\/evil.example does not match/,
    ],
    ["for another audience", () => ({ aud: "x" }), /^The audience in ID Token does not match the expected audience\.$/],
    ["that is stale", () => ({ exp: now() - 100 }), /^ID Token issued at \d+ is stale to sign-in\.$/],
    ["of the future", () => ({ iat: now() + 900 }), /^ID Token is not yet valid\.$/],
    ["without a subject", () => ({ sub: "" }), /^The mapped attribute google\.subject must be 1 to 127 characters\.$/],
  ] as const)("%s is refused", async (_, claims, description) => {
    expect(await exchange(fieldsOf(await subjectToken(claims())))).toEqual({
      code: 400,
      body: { error: "invalid_grant", error_description: expect.stringMatching(description) },
    });
  });

  test("by a key that the provider does not have is refused", async () => {
    const refusal = { error: "invalid_grant", error_description: "Error verifying ID Token: invalid signature." };
    expect(await exchange(fieldsOf(await subjectToken({}, "two")))).toEqual({ code: 400, body: refusal });
  });
});

test.each([
  ["grant_type", "x", "unsupported_grant_type"],
  ["audience", "//iam.googleapis.com/projects/1", "invalid_target"],
  ["scope", "everything", "invalid_scope"],
  ["requested_token_type", "x", "invalid_request"],
  ["subject_token_type", "urn:ietf:params:aws:token-type:aws4_request", "invalid_request"],
  ["subject_token", "x", "invalid_request"],
])("the parameter %s may not be %s", async (name, value, error) => {
  const { code, body } = await exchange({ ...fieldsOf(await subjectToken()), [name]: value });
  expect([code, body["error"]]).toEqual([400, error]);
});
