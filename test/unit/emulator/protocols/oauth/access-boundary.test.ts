// SPDX-License-Identifier: Apache-2.0
// Credential access boundaries, introspection and look-ups of projects, by the bytes that Google's libraries and gcloud send.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { CLOUD_PLATFORM, nameOf, openStage, type Stage, TARGET } from "../../stage.js";

const GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
const TYPE = "urn:ietf:params:oauth:token-type:access_token";
const ALICE = "user:alice@example.com";
const boundary = {
  accessBoundaryRules: [
    {
      availableResource: "//storage.googleapis.com/projects/_/buckets/mine",
      availablePermissions: ["inRole:roles/storage.objectViewer"],
      availabilityCondition: { expression: "resource.name.startsWith('projects/_/buckets/mine/objects/a')" },
    },
  ],
};

let stage: Stage;
let token: string;
beforeAll(async () => {
  stage = await openStage({
    grants: [
      { member: ALICE, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: TARGET },
      { member: ALICE, role: "roles/viewer", project: "demo-project" },
    ],
    organizationPolicies: ["disableServiceAccountKeyCreation"],
    extendedLifetimeAccounts: [TARGET],
  });
  token = await stage.emulator.accessToken(ALICE, { scopes: [CLOUD_PLATFORM, "email"] });
});
afterAll(() => stage.close());

async function post(path: string, form: Record<string, string>) {
  const answer = await fetch(stage.emulator.url + path, { method: "POST", body: new URLSearchParams(form) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const get = async (path: string) => {
  const answer = await fetch(stage.emulator.url + path, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const exchange = (options: string, subject = token) =>
  post("/v1/token", {
    grant_type: GRANT,
    requested_token_type: TYPE,
    subject_token_type: TYPE,
    subject_token: subject,
    options,
  });
const options = JSON.stringify({ accessBoundary: boundary });

describe("an access boundary", () => {
  test.each([
    ["as Node, Java and Go send it", options],
    ["escaped once more, as Python does", encodeURIComponent(options)],
  ])("gets a token for less, %s, and tokeninfo shows it", async (_, given) => {
    const { status, body } = await exchange(given);
    expect([status, body]).toEqual([
      200,
      {
        access_token: expect.stringMatching(/^ya29\./),
        issued_token_type: TYPE,
        token_type: "Bearer",
        expires_in: expect.any(Number),
      },
    ]);
    const shown = await post("/tokeninfo", { access_token: String(body["access_token"]) });
    expect(shown.body).toMatchObject({ email: "alice@example.com", access_boundary: boundary });
    expect((await post("/tokeninfo", { access_token: token })).body).not.toHaveProperty("access_boundary");
  });

  test("leaves no permission of these APIs", async () => {
    const { body } = await exchange(options);
    const call = (bearer: string) =>
      fetch(`${stage.emulator.url}/v1/${nameOf(TARGET)}:signBlob`, {
        method: "POST",
        headers: { authorization: `Bearer ${bearer}` },
        body: '{"payload":"AQ=="}',
      });
    expect((await call(token)).status).toBe(200);
    const refused = await call(String(body["access_token"]));
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { error: { message: "Permission 'iam.serviceAccounts.signBlob' denied on resource (or it may not exist)." } },
    ]);
  });

  test("ends with the token that it came from, and is not confined again", async () => {
    const subject = await stage.emulator.accessToken(ALICE, { lifetime: 100 });
    const { body } = await exchange(options, subject);
    expect(body["expires_in"]).toBeGreaterThan(95);
    expect(body["expires_in"]).toBeLessThanOrEqual(100);
    expect((await exchange(options, String(body["access_token"]))).body["error"]).toBe("invalid_request");
    expect((await exchange(options, "ya29.c.none")).body["error"]).toBe("invalid_grant");
  });

  const [rule] = boundary.accessBoundaryRules;
  test.each([
    ["{}"],
    ["%7B%"],
    ['{"accessBoundary":{"accessBoundaryRules":[]}}'],
    [JSON.stringify({ accessBoundary: { accessBoundaryRules: new Array(11).fill(rule) } })],
    [JSON.stringify({ accessBoundary: { accessBoundaryRules: [{ ...rule, availableResource: "mine" }] } })],
    [JSON.stringify({ accessBoundary: { accessBoundaryRules: [{ ...rule, availablePermissions: ["roles/a"] }] } })],
    [JSON.stringify({ accessBoundary: { accessBoundaryRules: [{ ...rule, availabilityCondition: {} }] } })],
    [JSON.stringify({ accessBoundary: { accessBoundaryRules: [{ ...rule, more: 1 }] } })],
  ])("is refused where it is malformed: %s", async (given) => {
    expect(await exchange(given)).toEqual({
      status: 400,
      body: { error: "invalid_request", error_description: "Invalid options: malformed accessBoundary." },
    });
  });
});

describe("introspection", () => {
  test("tells gcloud whose a token is, and of any other text that it is not active", async () => {
    expect(await post("/v1/introspect", { token, token_type_hint: TYPE })).toEqual({
      status: 200,
      body: {
        active: true,
        scope: `${CLOUD_PLATFORM} email`,
        client_id: expect.stringMatching(/^100\d{18}$/),
        username: "alice@example.com",
        token_type: "Bearer",
        exp: expect.any(Number),
        sub: expect.stringMatching(/^100\d{18}$/),
        iss: "https://sts.googleapis.com/",
      },
    });
    expect((await post("/v1/introspect", { token: "other" })).body).toEqual({ active: false });
    expect((await post("/v1/introspect", {})).status).toBe(400);
  });
});

test("a project is looked up by its number as Google's libraries do it", async () => {
  const found = await get("/v1/projects/123456789012");
  expect(found).toEqual({
    status: 200,
    body: {
      projectNumber: "123456789012",
      projectId: "demo-project",
      lifecycleState: "ACTIVE",
      name: "demo-project",
      createTime: expect.stringMatching(/Z$/),
    },
  });
  expect((await get("/v1/projects/1")).status).toBe(403);
});

describe("organization policies", () => {
  const ask = (project: string, constraint: string) =>
    get(`/v2/projects/${project}/policies/iam.${constraint}:getEffectivePolicy`);

  test.each([
    ["disableServiceAccountKeyCreation", { enforce: true }],
    ["disableServiceAccountCreation", { enforce: false }],
    ["allowServiceAccountCredentialLifetimeExtension", { values: { allowedValues: [TARGET] } }],
  ])("are read as they hold: %s", async (constraint, rule) => {
    expect(await ask("demo-project", constraint)).toEqual({
      status: 200,
      body: { name: `projects/123456789012/policies/iam.${constraint}`, spec: { rules: [rule] } },
    });
  });

  test("are refused to who has no orgpolicy.policy.get", async () => {
    expect((await ask("other-project", "disableServiceAccountCreation")).status).toBe(403);
  });
});
