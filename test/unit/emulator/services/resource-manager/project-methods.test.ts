// SPDX-License-Identifier: Apache-2.0
// Projects: their ids and numbers, who finds them, and their policies, which are those that decide.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ProjectsService as projects } from "../../../../../generated/google/cloud/resourcemanager/v3/projects.js";
import { IAMService as admin } from "../../../../../generated/google/iam/admin/v1/iam.js";
import { ALICE, openStage, type Stage, TARGET } from "../../stage.js";

const OWNER = "owner";
const BOB = "user:bob@example.com";
const PROJECT = "projects/demo-project";

let stage: Stage;
let alice: string;
beforeEach(async () => {
  stage = await openStage({
    grants: [{ member: ALICE, role: "roles/browser", project: "demo-project" }],
    projects: [{ id: "other-project", number: "42" }],
    organizationNumber: "77",
  });
  alice = await stage.emulator.accessToken(ALICE);
});
afterEach(() => stage.close());

const get = (name: string, token = alice) => stage.client.call(projects.getProject, { name }, { token });
const search = async (query: string, token = OWNER) => {
  const request = { query, pageSize: 0, pageToken: "" };
  const { projects: found } = await stage.client.call(projects.searchProjects, request, { token });
  return found.map(({ projectId }) => projectId);
};
const getPolicy = (resource: string, token = alice) =>
  stage.client.call(projects.getIamPolicy, { resource, options: { requestedPolicyVersion: 3 } }, { token });

describe("a project", () => {
  test("is found by its id and by its number, which is always the same", async () => {
    const found = await get(PROJECT);
    expect(found).toMatchObject({
      name: "projects/123456789012",
      projectId: "demo-project",
      parent: "organizations/77",
      state: 1,
    });
    expect(await get(found.name)).toEqual(found);
    expect((await get("projects/other-project", OWNER)).name).toBe("projects/42");
    const { name } = await get("projects/third-project", OWNER);
    expect(name).toBe("projects/463457753176");
  });

  test("that is none, or nobody's business, is refused as Google refuses it", async () => {
    for (const [name, resource] of [
      ["projects/43", "projects/43"],
      ["projects/42", "projects/42"],
    ] as const) {
      expect(await stage.client.refusal(projects.getProject, { name }, { token: alice })).toEqual({
        code: 7,
        message: `Permission 'resourcemanager.projects.get' denied on resource '//cloudresourcemanager.googleapis.com/${resource}' (or it may not exist).`,
        info: {
          reason: "IAM_PERMISSION_DENIED",
          domain: "cloudresourcemanager.googleapis.com",
          metadata: { permission: "resourcemanager.projects.get", resource },
        },
      });
    }
    const { code } = await stage.client.refusal(projects.getProject, { name: "folders/1" }, { token: alice });
    expect(code).toBe(3);
  });

  test("is listed for who may read it, by id, number, state, with a star and page by page", async () => {
    expect(await search("")).toEqual(["demo-project", "other-project"]);
    expect(await search("", alice)).toEqual(["demo-project"]);
    expect(await search("projectNumber:42")).toEqual(["other-project"]);
    expect(await search("id:DEMO-* state:ACTIVE")).toEqual(["demo-project"]);
    expect(await search("parent=organizations/78")).toEqual([]);
    const first = await stage.client.call(
      projects.searchProjects,
      { query: "", pageSize: 1, pageToken: "" },
      { token: OWNER },
    );
    const request = { query: "", pageSize: 1, pageToken: first.nextPageToken };
    const second = await stage.client.call(projects.searchProjects, request, { token: OWNER });
    expect([first, second].map(({ projects: [each] }) => each?.projectId)).toEqual(["demo-project", "other-project"]);
    const bad = { query: "toString:x", pageSize: 0, pageToken: "" };
    expect((await stage.client.refusal(projects.searchProjects, bad, { token: OWNER })).code).toBe(3);
  });
});

describe("the policy of a project", () => {
  test("has what addGrant and the options gave, and what is written is what decides", async () => {
    const [browser] = (await getPolicy(PROJECT)).bindings;
    expect(browser).toEqual({ role: "roles/browser", members: [ALICE], condition: undefined });
    const read = await getPolicy("projects/123456789012", OWNER);
    const binding = { role: "roles/iam.serviceAccountTokenCreator", members: [BOB], condition: undefined };
    const policy = { ...read, bindings: [...read.bindings, binding] };
    const request = { resource: PROJECT, policy, updateMask: undefined };
    await stage.client.call(projects.setIamPolicy, request, { token: OWNER });
    const test = { resource: `projects/-/serviceAccounts/${TARGET}`, permissions: ["iam.serviceAccounts.signBlob"] };
    const token = await stage.emulator.accessToken(BOB);
    expect((await stage.client.call(admin.testIamPermissions, test, { token })).permissions).toEqual(test.permissions);
    expect(await stage.client.refusal(projects.setIamPolicy, request, { token: OWNER })).toMatchObject({ code: 10 });
    expect(stage.emulator.exportState().grants).toContainEqual({
      member: BOB,
      role: "roles/iam.serviceAccountTokenCreator",
      project: "demo-project",
    });
  });

  test("is written by who has the permission for it, and by no other", async () => {
    const request = { resource: PROJECT, policy: await getPolicy(PROJECT), updateMask: undefined };
    expect(await stage.client.refusal(projects.setIamPolicy, request, { token: alice })).toMatchObject({
      code: 7,
      info: { metadata: { permission: "resourcemanager.projects.setIamPolicy" } },
    });
    stage.emulator.addGrant({ member: ALICE, role: "roles/resourcemanager.projectIamAdmin", project: "demo-project" });
    const etag = Buffer.alloc(0);
    const written = { ...request, policy: { ...request.policy, etag } };
    expect((await stage.client.call(projects.setIamPolicy, written, { token: alice })).bindings).toHaveLength(1);
  });

  test("is tested for permissions on projects, those on accounts too, and for no others", async () => {
    const permissions = ["resourcemanager.projects.get", "iam.serviceAccounts.signBlob"];
    const call = (asked: string[]) => ({ resource: PROJECT, permissions: asked });
    const found = await stage.client.call(projects.testIamPermissions, call(permissions), { token: alice });
    expect(found.permissions).toEqual(["resourcemanager.projects.get"]);
    const refusal = await stage.client.refusal(projects.testIamPermissions, call(["a.b.c"]), { token: alice });
    expect(refusal).toMatchObject({ code: 3, message: "Permission a.b.c is not valid for this resource." });
    const unknown = { resource: "projects/99", permissions };
    expect(await stage.client.call(projects.testIamPermissions, unknown, { token: OWNER })).toEqual({
      permissions: [],
    });
  });
});

describe("version 1, over REST", () => {
  const ask = async (path: string, body?: object) => {
    const response = await fetch(`${stage.emulator.url}/v1/projects${path}`, {
      headers: { authorization: `Bearer ${OWNER}` },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as never };
  };

  test("reads and writes the policy that version 3 has", async () => {
    const read = await ask("/demo-project:getIamPolicy", { options: { requestedPolicyVersion: 3 } });
    expect(read).toMatchObject({ status: 200, body: { bindings: [{ role: "roles/browser", members: [ALICE] }] } });
    const bindings = [{ role: "roles/viewer", members: [BOB] }];
    const { etag } = read.body as { etag: string };
    expect((await ask("/123456789012:setIamPolicy", { policy: { etag, bindings } })).status).toBe(200);
    expect((await getPolicy(PROJECT, OWNER)).bindings).toMatchObject(bindings);
    expect((await ask("/demo-project:setIamPolicy", { policy: { etag, bindings } })).status).toBe(409);
    const asked = { permissions: ["resourcemanager.projects.get"] };
    expect((await ask("/demo-project:testIamPermissions", asked)).body).toEqual(asked);
  });

  test("lists projects as gcloud asks for them, page by page", async () => {
    const state = "filter=lifecycleState%3AACTIVE";
    const first = await ask(`?${state}&pageSize=1`);
    expect(first.body).toEqual({
      projects: [expect.objectContaining({ projectId: "demo-project", projectNumber: "123456789012" })],
      nextPageToken: expect.any(String),
    });
    const { nextPageToken } = first.body as { nextPageToken: string };
    const second = await ask(`?${state}&pageSize=1&pageToken=${nextPageToken}`);
    expect(second.body).toEqual({ projects: [expect.objectContaining({ projectId: "other-project" })] });
    expect((await ask("?pageSize=x")).status).toBe(400);
    expect((await ask("?filter=lifecycleState%3ADELETE_REQUESTED")).body).toEqual({ projects: [] });
  });
});

test("the scope for who only reads opens what only reads", async () => {
  const scopes = ["https://www.googleapis.com/auth/cloud-platform.read-only"];
  const token = await stage.emulator.accessToken(ALICE, { scopes });
  expect((await get(PROJECT, token)).projectId).toBe("demo-project");
  const request = { resource: PROJECT, policy: await getPolicy(PROJECT), updateMask: undefined };
  expect(await stage.client.refusal(projects.setIamPolicy, request, { token })).toMatchObject({
    code: 7,
    info: { reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT" },
  });
});
