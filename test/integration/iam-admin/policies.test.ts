// SPDX-License-Identifier: Apache-2.0
// Policies, custom roles and the queries about them by the admin API against the emulator, over both transports.

import type { IAMAsyncClient, NewPolicy } from "../../../src/iam-admin/index.js";
import {
  ADMIN,
  type AdminStage,
  BOB,
  CARRIERS,
  makeAccount,
  openAdminStage,
  PROJECT,
} from "../../support/admin-stage.js";
import { rpcErrorOf } from "../../support/rejection-of.js";

const FULL_NAME = `//cloudresourcemanager.googleapis.com/projects/${PROJECT}`;

let stage: AdminStage;
beforeAll(async () => {
  stage = await openAdminStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

describe.each(CARRIERS)("over %s", (transport) => {
  let client: IAMAsyncClient;
  beforeAll(() => {
    client = stage.client(transport);
  });

  it("writes a policy with a condition and reads it back, and refuses one that another has overtaken", async () => {
    const { name: resource } = await makeAccount(client, `policy-${transport}`);
    const empty = await client.getIamPolicy({ resource });
    expect(empty).toEqual({ version: 0, bindings: [], auditConfigs: [], etag: expect.any(Buffer) });
    const condition = { expression: 'request.time < timestamp("2040-01-01T00:00:00Z")', title: "for now" };
    const policy: NewPolicy = {
      version: 3,
      etag: empty.etag,
      bindings: [
        { role: "roles/iam.serviceAccountUser", members: [BOB] },
        { role: "roles/iam.workloadIdentityUser", members: [BOB, ADMIN], condition },
      ],
    };
    const written = await client.setIamPolicy({ resource, policy });
    expect(written).toEqual({
      version: 3,
      bindings: [
        { role: "roles/iam.serviceAccountUser", members: [BOB], condition: undefined },
        {
          role: "roles/iam.workloadIdentityUser",
          members: [BOB, ADMIN],
          condition: { ...condition, description: "", location: "" },
        },
      ],
      auditConfigs: [],
      etag: expect.any(Buffer),
    });
    expect(await client.getIamPolicy({ resource, options: { requestedPolicyVersion: 3 } })).toEqual(written);
    expect(await client.getIamPolicy({ resource })).toMatchObject({ version: 1 });
    const error = await rpcErrorOf(client.setIamPolicy({ resource, policy }));
    expect([error.code, error.attempts]).toEqual([10, 1]);
    expect(error.message).toMatch(/^IAM\.SetIamPolicy: ABORTED: There were concurrent policy changes\. /);
    expect(await client.setIamPolicy({ resource, policy: written })).toMatchObject({ bindings: written.bindings });
    const auditConfigs = [
      { service: "allServices", auditLogConfigs: [{ logType: "DATA_READ" as const, exemptedMembers: [BOB] }] },
    ];
    const audited = await client.setIamPolicy({ resource, policy: { auditConfigs }, updateMask: ["auditConfigs"] });
    expect(audited).toMatchObject({ auditConfigs, bindings: written.bindings });
  });

  it("tells which permissions the caller has", async () => {
    const { name: resource } = await makeAccount(client, `tested-${transport}`);
    const permissions = ["iam.serviceAccounts.get", "iam.serviceAccounts.actAs"];
    expect(await client.testIamPermissions({ resource, permissions })).toEqual({
      permissions: permissions.slice(0, 1),
    });
    const bob = stage.client(transport, {}, BOB);
    expect(await bob.testIamPermissions({ resource, permissions })).toEqual({ permissions: [] });
  });

  it("creates, reads, changes, deletes and undeletes a custom role", async () => {
    const parent = `projects/${PROJECT}`;
    const roleId = `signer.${transport}`;
    const role = {
      title: "Signer",
      description: "signs",
      includedPermissions: ["iam.serviceAccounts.signBlob"],
      stage: "BETA",
    } as const;
    const created = await client.createRole({ parent, roleId, role });
    expect(created).toEqual({ name: `${parent}/roles/${roleId}`, ...role, etag: expect.any(Buffer), deleted: false });
    const { name } = created;
    expect(await client.getRole({ name })).toEqual(created);
    const updated = await client.updateRole({ name, role: { title: "Signer 2", etag: created.etag } });
    expect(updated).toEqual({ ...created, title: "Signer 2", etag: expect.any(Buffer) });
    const stale = await rpcErrorOf(client.deleteRole({ name, etag: created.etag }));
    expect([stale.code, stale.status]).toEqual([10, "ABORTED"]);
    expect(await client.deleteRole({ name, etag: updated.etag })).toMatchObject({ name, deleted: true });
    const names = async (showDeleted: boolean) => {
      const roles = await client.listRoles({ parent, showDeleted, view: "FULL" }).toArray();
      return roles.filter((each) => each.name === name).map(({ includedPermissions }) => includedPermissions);
    };
    expect(await names(false)).toEqual([]);
    expect(await names(true)).toEqual([role.includedPermissions]);
    expect(await client.undeleteRole({ name })).toMatchObject({ name, deleted: false });
    const predefined = await client.getRole({ name: "roles/iam.serviceAccountUser" });
    expect(predefined.includedPermissions).toContain("iam.serviceAccounts.actAs");
  });

  it("answers the queries", async () => {
    const grantable = await client.queryGrantableRoles({ fullResourceName: FULL_NAME, view: "FULL" }).toArray();
    expect(grantable.map(({ name }) => name)).toContain("roles/iam.serviceAccountTokenCreator");
    expect(grantable.every(({ includedPermissions }) => includedPermissions.length > 0)).toBe(true);
    const testable = await client.queryTestablePermissions({ fullResourceName: FULL_NAME, pageSize: 10 }).toArray();
    expect(testable.length).toBeGreaterThan(10);
    expect(testable[0]).toMatchObject({ stage: "GA", customRolesSupportLevel: "SUPPORTED", apiDisabled: false });
    const { services } = await client.queryAuditableServices({ fullResourceName: FULL_NAME });
    expect(services).toContainEqual({ name: "iam.googleapis.com" });
    expect(await client.lintPolicy({ condition: { expression: "request.time" } })).toMatchObject({
      lintResults: [{ level: "CONDITION", severity: "ERROR", fieldName: "condition.expression" }],
    });
    expect(await client.lintPolicy({ fullResourceName: FULL_NAME, condition: { expression: "true" } })).toEqual({
      lintResults: [],
    });
  });
});
