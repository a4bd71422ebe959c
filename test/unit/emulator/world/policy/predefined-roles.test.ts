// SPDX-License-Identifier: Apache-2.0
// What the predefined roles hold of the permissions that decide about tokens, and what they do not.

import { expect, it, test } from "@jest/globals";
import { predefinedRoles } from "../../../../../src/emulator/world/policy/predefined-roles.js";

const TOKENS = ["getAccessToken", "getOpenIdToken", "signBlob", "signJwt", "implicitDelegation"].map(
  (each) => `iam.serviceAccounts.${each}`,
);
const tokensOf = (role: string) => TOKENS.filter((permission) => predefinedRoles.get(role)?.has(permission));

test.each([
  ["roles/iam.serviceAccountTokenCreator", TOKENS],
  ["roles/iam.serviceAccountOpenIdTokenCreator", ["iam.serviceAccounts.getOpenIdToken"]],
  ["roles/iam.workloadIdentityUser", ["iam.serviceAccounts.getAccessToken", "iam.serviceAccounts.getOpenIdToken"]],
])("%s gives %j", (role, permissions) => {
  expect(tokensOf(role)).toEqual([...permissions].sort((a, b) => TOKENS.indexOf(a) - TOKENS.indexOf(b)));
});

it("no other role gives a token or a signature, the basic ones and the administrator's included", () => {
  const giving = [...predefinedRoles.keys()].filter((role) => tokensOf(role).length > 0);
  expect(giving.sort()).toEqual([
    "roles/iam.serviceAccountOpenIdTokenCreator",
    "roles/iam.serviceAccountTokenCreator",
    "roles/iam.workloadIdentityUser",
  ]);
});

it("an owner has what an editor has, and an editor what a viewer has", () => {
  const [viewer, editor, owner] = ["viewer", "editor", "owner"].map((each) => predefinedRoles.get(`roles/${each}`));
  for (const permission of viewer ?? []) expect(editor).toContain(permission);
  for (const permission of editor ?? []) expect(owner).toContain(permission);
  expect(editor).not.toContain("iam.serviceAccounts.setIamPolicy");
  expect(viewer).not.toContain("serviceusage.services.use");
});

it("the role User acts as an account and gives no credentials of it", () => {
  expect([...(predefinedRoles.get("roles/iam.serviceAccountUser") ?? [])]).toEqual(["iam.serviceAccounts.actAs"]);
});

test.each([...predefinedRoles])("%s has permissions in the form of permissions", (role, permissions) => {
  expect(role).toMatch(/^roles\/[a-z]+(\.[a-zA-Z]+)?$/);
  expect(permissions.size).toBeGreaterThan(0);
  for (const permission of permissions) expect(permission).toMatch(/^[a-z]+\.[a-zA-Z]+\.[a-zA-Z]+$/);
});
