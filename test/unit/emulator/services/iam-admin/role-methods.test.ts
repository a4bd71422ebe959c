// SPDX-License-Identifier: Apache-2.0
// Roles and the queries of the admin API, and what the deprecated methods sign.

import { createPublicKey, verify, X509Certificate } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { decodeJwt } from "jose";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { nameOf, TOKEN_CREATOR } from "../../stage.js";
import { type AdminStage, admin, BOB, denied, invalid, openAdminStage, PROJECT } from "./admin-stage.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const parent = `projects/${PROJECT}`;
const name = `${parent}/roles/signer`;
const permission = "iam.serviceAccounts.signJwt";

let stage: AdminStage;
beforeEach(async () => {
  stage = await openAdminStage();
});
afterEach(() => stage.close());

const roleOf = (fields: object = {}) => ({
  name: "",
  title: "Signer",
  description: "signs",
  includedPermissions: [permission],
  stage: 2,
  etag: Buffer.alloc(0),
  deleted: false,
  ...fields,
});
const create = (roleId = "signer", fields: object = {}) =>
  stage.call(admin.createRole, { parent, roleId, role: roleOf(fields) });
const noEtag = { etag: Buffer.alloc(0) };
const list = (listParent: string, fields: object = {}) =>
  stage.call(admin.listRoles, {
    parent: listParent,
    pageSize: 0,
    pageToken: "",
    view: 1,
    showDeleted: false,
    ...fields,
  });

async function signAs(member: string, email: string): Promise<string | number> {
  const request = { name: nameOf(email), delegates: [], payload: "{}" };
  const token = await stage.tokenOf(member);
  return stage.call(rows.signJwt, request, { token }).then(
    () => "signed",
    ({ code }: { code: number }) => code,
  );
}

describe("a custom role", () => {
  test("is what was written, and permits it from then on", async () => {
    const created = await create();
    expect(created).toEqual({ ...roleOf(), name, etag: expect.any(Buffer) });
    expect(await stage.call(admin.getRole, { name })).toEqual(created);
    const { email } = await stage.create("robot-1");
    stage.emulator.addGrant({ member: BOB, role: name, serviceAccount: email });
    expect(await signAs(BOB, email)).toBe("signed");
    const role = roleOf({ includedPermissions: ["iam.serviceAccounts.get"], title: "no", etag: created.etag });
    const updated = await stage.call(admin.updateRole, { name, role, updateMask: ["included_permissions"] });
    expect(updated).toMatchObject({ title: "Signer", includedPermissions: ["iam.serviceAccounts.get"] });
    expect(await signAs(BOB, email)).toBe(7);
    expect(await stage.refusal(admin.updateRole, { name, role, updateMask: undefined })).toMatchObject({ code: 10 });
  });

  test("permits nothing while it is disabled or deleted", async () => {
    const { email } = await stage.create("robot-1");
    await create();
    stage.emulator.addGrant({ member: BOB, role: name, serviceAccount: email });
    const write = (launchStage: number) =>
      stage.call(admin.updateRole, { name, role: roleOf({ stage: launchStage }), updateMask: ["stage"] });
    await write(5);
    expect(await signAs(BOB, email)).toBe(7);
    await write(1);
    expect(await signAs(BOB, email)).toBe("signed");
    expect(await stage.call(admin.deleteRole, { name, ...noEtag })).toMatchObject({ deleted: true });
    expect(await signAs(BOB, email)).toBe(7);
    expect(await stage.call(admin.undeleteRole, { name, ...noEtag })).toMatchObject({ deleted: false });
    expect(await signAs(BOB, email)).toBe("signed");
  });

  test("comes back within seven days, and leaves its name free after 44", async () => {
    await create();
    await stage.call(admin.deleteRole, { name, ...noEtag });
    expect((await list(parent)).roles).toEqual([]);
    expect((await list(parent, { showDeleted: true })).roles).toMatchObject([{ name, deleted: true }]);
    expect(await stage.refusal(admin.createRole, { parent, roleId: "signer", role: roleOf() })).toEqual({
      code: 9,
      message: "You can't create a role_id (signer) which has been marked for deletion.",
      info: null,
    });
    stage.advance(7 * DAY_MS);
    expect(await stage.refusal(admin.undeleteRole, { name, ...noEtag }, { token: "owner" })).toMatchObject({ code: 9 });
    stage.advance(37 * DAY_MS);
    const request = { parent, roleId: "signer", role: roleOf() };
    await expect(stage.call(admin.createRole, request, { token: "owner" })).resolves.toMatchObject({ name });
  });

  test.each([
    ["a short id", { roleId: "ab" }],
    ["an id with a dash", { roleId: "a-b-c" }],
    ["no role", { role: undefined }],
    ["a title of 101 characters", { role: roleOf({ title: "x".repeat(101) }) }],
    ["a stage that there is not", { role: roleOf({ stage: 3 }) }],
    ["no parent", { parent: "" }],
  ])("is refused with %s", async (_title, fields) => {
    expect(await stage.refusal(admin.createRole, { parent, roleId: "signer", role: roleOf(), ...fields })).toEqual(
      invalid,
    );
  });

  test("is refused with a permission that there is not, and when its name is taken", async () => {
    const role = roleOf({ includedPermissions: ["iam.serviceAccounts.fly"] });
    expect(await stage.refusal(admin.createRole, { parent, roleId: "signer", role })).toEqual({
      code: 3,
      message: "Permission iam.serviceAccounts.fly is not valid.",
      info: null,
    });
    await create();
    expect(await stage.refusal(admin.createRole, { parent, roleId: "signer", role: roleOf() })).toEqual({
      code: 6,
      message: `A role named signer in ${parent} already exists.`,
      info: null,
    });
  });

  test("needs permissions on its project, and of an organization the owner's", async () => {
    await create();
    const token = { token: await stage.tokenOf(BOB) };
    const request = { parent, roleId: "other", role: roleOf() };
    const { refusal } = stage;
    expect(await refusal(admin.createRole, request, token)).toEqual(denied("iam.roles.create"));
    expect(await refusal(admin.getRole, { name }, token)).toEqual(denied("iam.roles.get"));
    const update = { name, role: roleOf(), updateMask: undefined };
    expect(await refusal(admin.updateRole, update, token)).toEqual(denied("iam.roles.update"));
    expect(await refusal(admin.deleteRole, { name, ...noEtag }, token)).toEqual(denied("iam.roles.delete"));
    expect(await refusal(admin.undeleteRole, { name, ...noEtag }, token)).toEqual(denied("iam.roles.undelete"));
    const ofOrganization = { ...request, parent: "organizations/123" };
    expect(await refusal(admin.createRole, ofOrganization)).toEqual(denied("iam.roles.create"));
    await expect(stage.call(admin.createRole, ofOrganization, { token: "owner" })).resolves.toMatchObject({
      name: "organizations/123/roles/other",
    });
  });

  test("is found by its project's number, and has the id in its name", async () => {
    const byNumber = "projects/42";
    await using other = await openAdminStage({ projects: [{ id: PROJECT, number: "42" }] });
    const role = roleOf({ includedPermissions: ["iam.serviceAccounts.signBlob"] });
    const made = await other.call(admin.createRole, { parent: byNumber, roleId: "signer", role });
    expect(made.name).toBe(`${parent}/roles/signer`);
    expect((await other.call(admin.getRole, { name: `${byNumber}/roles/signer` })).name).toBe(made.name);
    const list = { parent: byNumber, view: 0, pageSize: 0, pageToken: "", showDeleted: false };
    expect((await other.call(admin.listRoles, list)).roles.map((each) => each.name)).toEqual([made.name]);
    expect(await other.refusal(admin.getRole, { name: "projects/99/roles/signer" })).toEqual(denied("iam.roles.get"));
  });

  test("can be there from the start", async () => {
    const roles = [{ name, includedPermissions: [permission], title: "Signer" }];
    await using other = await openAdminStage({ roles, grants: [{ member: BOB, role: name, project: PROJECT }] });
    expect(await other.call(admin.getRole, { name })).toMatchObject({ title: "Signer", stage: 2 });
  });

  test("that does not exist is refused in a grant", () => {
    const grant = { member: BOB, role: `${parent}/roles/none`, project: PROJECT };
    expect(() => stage.emulator.addGrant(grant)).toThrow(`grant.role does not exist: ${parent}/roles/none`);
  });
});

describe("predefined roles", () => {
  test("are listed with their permissions, in pages", async () => {
    const { roles } = await list("");
    expect(roles.map((role) => role.name)).toContain(TOKEN_CREATOR);
    const basic = await list("", { view: 0, pageSize: 2 });
    expect(basic.roles).toHaveLength(2);
    expect(basic.roles.every(({ includedPermissions }) => includedPermissions.length === 0)).toBe(true);
    const next = await list("", { pageSize: 1000, pageToken: basic.nextPageToken });
    expect([...basic.roles, ...next.roles].map((role) => role.name)).toEqual(roles.map((role) => role.name).sort());
  });

  test("are read by anyone who is known", async () => {
    const request = { name: "roles/iam.serviceAccountOpenIdTokenCreator" };
    const token = await stage.tokenOf(BOB);
    expect(await stage.call(admin.getRole, request, { token })).toMatchObject({
      title: "Service Account OpenID Connect Identity Token Creator",
      includedPermissions: ["iam.serviceAccounts.getOpenIdToken"],
      etag: Buffer.from("AA==", "base64"),
    });
    const none = { code: 5, message: "The role named roles/none was not found.", info: null };
    expect(await stage.refusal(admin.getRole, { name: "roles/none" }, { token })).toEqual(none);
  });

  test("can't be changed", async () => {
    const update = { name: TOKEN_CREATOR, role: roleOf(), updateMask: undefined };
    expect(await stage.refusal(admin.updateRole, update, { token: "owner" })).toEqual(invalid);
  });
});

describe("queries", () => {
  const account = `//iam.googleapis.com/${parent}/serviceAccounts/robot-1@demo-project.iam.gserviceaccount.com`;
  const project = `//cloudresourcemanager.googleapis.com/${parent}`;

  test("QueryGrantableRoles gives predefined roles and the project's own", async () => {
    await create();
    const query = async (fullResourceName: string) => {
      const request = { fullResourceName, view: 0, pageSize: 0, pageToken: "" };
      return (await stage.call(admin.queryGrantableRoles, request)).roles.map((role) => role.name);
    };
    expect(await query(account)).toEqual(expect.arrayContaining([TOKEN_CREATOR, name]));
    expect(await query(account)).not.toContain("roles/iam.roleAdmin");
    expect(await query(project)).toContain("roles/iam.roleAdmin");
    expect(await query("//storage.googleapis.com/buckets/x")).toEqual([]);
  });

  test("QueryTestablePermissions gives what a resource knows", async () => {
    const query = async (fullResourceName: string) => {
      const request = { fullResourceName, pageSize: 0, pageToken: "" };
      return (await stage.call(admin.queryTestablePermissions, request)).permissions.map((found) => found.name);
    };
    expect(await query(account)).toContain("iam.serviceAccounts.getAccessToken");
    expect(await query(account)).not.toContain("iam.roles.create");
    // gcloud names resources by the host of the endpoint that it was given.
    for (const host of [stage.emulator.host, "iam.localhost:8519", "[::1]:8519"]) {
      expect(await query(`//${host}/${parent}`)).toEqual(await query(project));
    }
    expect(await query(project)).toContain("iam.roles.create");
  });

  test("QueryAuditableServices names both services", async () => {
    const { services } = await stage.call(admin.queryAuditableServices, { fullResourceName: project });
    expect(services).toEqual([{ name: "iam.googleapis.com" }, { name: "iamcredentials.googleapis.com" }]);
  });

  test("refuse what is no full resource name", async () => {
    expect(await stage.refusal(admin.queryAuditableServices, { fullResourceName: parent })).toEqual(invalid);
  });

  test("LintPolicy finds nothing in a good condition, and says where a bad one is bad", async () => {
    const lint = (expression: string) =>
      stage.call(admin.lintPolicy, {
        fullResourceName: account,
        condition: { expression, title: "", description: "", location: "" },
      });
    expect(await lint("resource.name == 'x'")).toEqual({ lintResults: [] });
    expect(await lint("true && && true")).toEqual({
      lintResults: [
        {
          level: 3,
          validationUnitName: "LintValidationUnits/ConditionCompileCheck",
          severity: 1,
          fieldName: "condition.expression",
          locationOffset: 5,
          debugMessage: expect.stringMatching(/./),
        },
      ],
    });
    expect((await lint("1")).lintResults).toMatchObject([{ debugMessage: "the expression must evaluate to a bool" }]);
    expect(await stage.refusal(admin.lintPolicy, { fullResourceName: account })).toEqual(invalid);
  });
});

describe("the deprecated methods", () => {
  test("sign with the same key as the credentials API, and SignJwt adds an exp of an hour", async () => {
    const robot = await stage.create("robot-1");
    stage.emulator.addGrant({ member: BOB, role: TOKEN_CREATOR, serviceAccount: robot.email });
    const token = { token: await stage.tokenOf(BOB) };
    const { keyId, signature } = await stage.call(
      admin.signBlob,
      { name: robot.name, bytesToSign: Buffer.from("x") },
      token,
    );
    const response = await fetch(`${stage.emulator.url}/service_accounts/v1/metadata/x509/${robot.email}`);
    const certificates = (await response.json()) as Record<string, string>;
    const certificate = new X509Certificate(certificates[keyId] ?? "");
    expect(
      verify(
        "sha256",
        Buffer.from("x"),
        createPublicKey(certificate.publicKey.export({ type: "spki", format: "pem" })),
        signature,
      ),
    ).toBe(true);
    const now = Math.floor(Date.now() / 1000);
    const jwt = await stage.call(admin.signJwt, { name: robot.name, payload: '{"sub":"x"}' }, token);
    const { sub, exp } = decodeJwt(jwt.signedJwt);
    expect([jwt.keyId, sub]).toEqual([keyId, "x"]);
    expect(Number(exp) - now).toBeGreaterThanOrEqual(3600);
    expect(Number(exp) - now).toBeLessThan(3660);
    const payload = `{ "exp": ${now + 60} }`;
    const kept = await stage.call(admin.signJwt, { name: robot.name, payload }, token);
    expect(Buffer.from(kept.signedJwt.split(".")[1] ?? "", "base64url").toString()).toBe(payload);
    for (const bad of ["", "[]", '{"exp":1}']) {
      expect(await stage.refusal(admin.signJwt, { name: robot.name, payload: bad }, token)).toEqual(invalid);
    }
  });
});
