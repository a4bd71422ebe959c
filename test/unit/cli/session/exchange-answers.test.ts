// SPDX-License-Identifier: Apache-2.0
// The way of a session file to a token, step by step, and that none can be taken without the secret of the one before.

import { afterAll, beforeAll, expect, it, test } from "@jest/globals";
import { TokenExchange } from "../../../../src/cli/session/exchange-answers.js";
import { type MinterStage, openMinterStage, ROBOT } from "../../../support/minter-stage.js";

const URL = "http://127.0.0.1:1";
const IMPERSONATION = `/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`;

interface SessionDocument {
  readonly token_url: string;
  readonly quota_project_id?: string;
  readonly service_account_impersonation_url: string;
  readonly credential_source: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
}

let stage: MinterStage;
let exchange: TokenExchange;
beforeAll(async () => {
  stage = await openMinterStage();
  exchange = new TokenExchange(stage.minter());
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

const documentOf = (quotaProjectId?: string) =>
  exchange.document(URL, { quotaProjectId, universeDomain: "googleapis.com" }) as SessionDocument; // as: it is one

function ask(
  method: string,
  path: string,
  { headers = {}, body = "" }: { headers?: Record<string, string>; body?: string } = {},
) {
  return exchange.answer({ method, path, headers, body, signal: new AbortController().signal });
}

it("the session file has all of its addresses here, and names a quota project where there is one", () => {
  const document = documentOf("quota-project");
  expect(document).toMatchObject({
    type: "external_account",
    token_url: `${URL}/v1/token`,
    service_account_impersonation_url: `${URL}${IMPERSONATION}`,
    credential_source: { url: `${URL}/v1/subject-token` },
    quota_project_id: "quota-project",
    universe_domain: "googleapis.com",
  });
  expect(documentOf()).not.toHaveProperty("quota_project_id");
});

it("the file's secret opens the subject token, that the exchanged one, and that the account's", async () => {
  const { headers } = documentOf().credential_source;
  const subject = await ask("GET", "/v1/subject-token", { headers });
  expect(subject).toMatchObject({ code: 200, headers: { "cache-control": "no-store" } });
  const exchanged = await ask("POST", "/v1/token", {
    body: String(new URLSearchParams({ subject_token: subject?.body ?? "" })),
  });
  const { access_token, token_type } = JSON.parse(exchanged?.body ?? "");
  expect([exchanged?.code, token_type]).toEqual([200, "Bearer"]);
  const authorization = `Bearer ${access_token}`;
  const body = JSON.stringify({ scope: ["https://www.googleapis.com/auth/drive"] });
  for (const path of [IMPERSONATION, IMPERSONATION.replace("@", "%40")]) {
    const generated = await ask("POST", path, { headers: { authorization }, body });
    const { accessToken, expireTime } = JSON.parse(generated?.body ?? "");
    expect([generated?.code, Date.parse(expireTime) > Date.now()]).toEqual([200, true]);
    expect(accessToken).toMatch(/^ya29/);
  }
  expect(await ask("POST", IMPERSONATION, { headers: { authorization }, body: "no JSON" })).toMatchObject({
    code: 200,
  });
});

test.each([
  ["GET", "/v1/subject-token", {}, "the session's secret is missing or wrong"],
  ["GET", "/v1/subject-token", { headers: { "x-iamcreds-session": "x" } }, "the session's secret is missing or wrong"],
  ["POST", "/v1/token", { body: "subject_token=x" }, "the subject token is not from this session"],
  ["POST", IMPERSONATION, { headers: { authorization: "Bearer x" } }, "the token is not from this session"],
])("%s %s with %j gives nothing", async (method, path, given, message) => {
  const answer = await ask(method, path, given);
  expect(answer?.code).toBe(401);
  expect(JSON.parse(answer?.body ?? "")).toEqual({ error: "invalid_grant", error_description: message });
});

test.each([
  ["POST", "/v1/subject-token"],
  ["GET", "/v1/token"],
  ["GET", IMPERSONATION],
  ["POST", IMPERSONATION.replace(ROBOT, "other@p.iam.gserviceaccount.com")],
  ["GET", "/"],
])("%s %s is none of these", async (method, path) => {
  expect(await ask(method, path)).toBeUndefined();
});

it("another session's secrets open nothing here", async () => {
  const other = new TokenExchange(stage.minter()).document(URL, {
    quotaProjectId: undefined,
    universeDomain: "googleapis.com",
  }) as SessionDocument; // as: it is one
  expect((await ask("GET", "/v1/subject-token", { headers: { ...other.credential_source.headers } }))?.code).toBe(401);
});
