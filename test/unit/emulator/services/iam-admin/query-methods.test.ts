// SPDX-License-Identifier: Apache-2.0
// The queries of the admin API: what can be granted, tested and logged on a resource, and what is wrong with a condition.

import { afterAll, beforeAll, describe, expect, it, test } from "@jest/globals";
import {
  LintResult_Level as Level,
  RoleView,
  LintResult_Severity as Severity,
} from "../../../../../generated/google/iam/admin/v1/iam.js";
import { admin, BOB, openRobotStage, PROJECT, type RobotStage } from "./admin-stage.js";

const PROJECT_NAME = `//cloudresourcemanager.googleapis.com/projects/${PROJECT}`;
const BUCKET = "//storage.googleapis.com/projects/_/buckets/b";
const page = { pageSize: 0, pageToken: "" };
const grantable = (fullResourceName: string, view = RoleView.BASIC) => ({ fullResourceName, view, ...page });
const INVALID = { code: 3, message: "Request contains an invalid argument." };

let stage: RobotStage;
beforeAll(async () => {
  stage = await openRobotStage();
});
afterAll(() => stage.close());

const accountResource = () => `//iam.googleapis.com/${stage.robot.name}`;

describe("grantable roles", () => {
  const rolesOn = async (name: string) => (await stage.call(admin.queryGrantableRoles, grantable(name))).roles;

  it("are those that hold a permission on the resource", async () => {
    const onAccount = (await rolesOn(accountResource())).map(({ name }) => name);
    expect(onAccount).toContain("roles/iam.serviceAccountTokenCreator");
    expect(onAccount).not.toContain("roles/iam.roleViewer");
    expect((await rolesOn(PROJECT_NAME)).map(({ name }) => name)).toContain("roles/iam.roleViewer");
    expect(await rolesOn(BUCKET)).toEqual([]);
  });

  it("include the project's own, as long as they are not deleted", async () => {
    const parent = `projects/${PROJECT}`;
    const role = { includedPermissions: ["iam.serviceAccounts.get"], title: "", description: "", stage: 0 };
    const created = await stage.call(admin.createRole, {
      parent,
      roleId: "custom",
      role: { ...role, name: "", etag: Buffer.alloc(0), deleted: false },
    });
    const names = async () => (await rolesOn(accountResource())).map(({ name }) => name);
    expect(await names()).toContain(created.name);
    await stage.call(admin.deleteRole, { name: created.name, etag: Buffer.alloc(0) });
    expect(await names()).not.toContain(created.name);
  });

  it("come with their permissions when all of them is asked for", async () => {
    const { roles } = await stage.call(admin.queryGrantableRoles, grantable(accountResource(), RoleView.FULL));
    expect(roles.every(({ includedPermissions }) => includedPermissions.length > 0)).toBe(true);
    const basic = await rolesOn(accountResource());
    expect(basic.every(({ includedPermissions }) => includedPermissions.length === 0)).toBe(true);
  });
});

it("testable permissions come in pages, each once", async () => {
  const names: string[] = [];
  let pageToken = "";
  do {
    const request = { fullResourceName: PROJECT_NAME, pageSize: 7, pageToken };
    const answer = await stage.call(admin.queryTestablePermissions, request);
    expect(answer.permissions.length).toBeLessThanOrEqual(7);
    names.push(...answer.permissions.map(({ name }) => name));
    pageToken = answer.nextPageToken;
  } while (pageToken !== "");
  expect(names.length).toBeGreaterThan(7);
  expect(new Set(names).size).toBe(names.length);
});

it("auditable services are the two that the emulator began with", async () => {
  const { services } = await stage.call(admin.queryAuditableServices, { fullResourceName: PROJECT_NAME });
  expect(services.map(({ name }) => name)).toEqual(["iam.googleapis.com", "iamcredentials.googleapis.com"]);
});

describe("a condition", () => {
  const lint = async (expression: string) => {
    const condition = { title: "t", description: "", location: "", expression };
    return (await stage.call(admin.lintPolicy, { fullResourceName: "", condition })).lintResults;
  };

  it("that is well-formed has no findings", async () => {
    expect(await lint('resource.name.startsWith("projects/_/buckets/b")')).toEqual([]);
  });

  it("that is not has one, with the place in it", async () => {
    const [finding, ...others] = await lint("request.time < ");
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      fieldName: "condition.expression",
      level: Level.CONDITION,
      severity: Severity.ERROR,
    });
    expect(finding?.debugMessage).not.toBe("");
  });

  it("that is not there is an invalid argument", async () => {
    const request = { fullResourceName: "", condition: undefined };
    expect(await stage.refusal(admin.lintPolicy, request)).toMatchObject(INVALID);
  });
});

test.each(["", "projects/demo-project", "//"])("a resource may not be named %j", async (name) => {
  expect(await stage.refusal(admin.queryGrantableRoles, grantable(name))).toMatchObject(INVALID);
  expect(await stage.refusal(admin.queryTestablePermissions, { fullResourceName: name, ...page })).toMatchObject(
    INVALID,
  );
  expect(await stage.refusal(admin.queryAuditableServices, { fullResourceName: name })).toMatchObject(INVALID);
});

it("queries need a caller and no permission", async () => {
  const token = await stage.tokenOf(BOB);
  const request = { fullResourceName: PROJECT_NAME };
  expect((await stage.call(admin.queryAuditableServices, request, { token })).services).toHaveLength(2);
  expect((await stage.client.refusal(admin.queryAuditableServices, request)).code).toBe(16);
});
