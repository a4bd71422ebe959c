// SPDX-License-Identifier: Apache-2.0
// Decides which permissions there are, and on which resources each can be tested. Does not know who has one.

const serviceAccount = [
  "iam.serviceAccountKeys.create",
  "iam.serviceAccountKeys.delete",
  "iam.serviceAccountKeys.disable",
  "iam.serviceAccountKeys.enable",
  "iam.serviceAccountKeys.get",
  "iam.serviceAccountKeys.list",
  "iam.serviceAccounts.actAs",
  "iam.serviceAccounts.delete",
  "iam.serviceAccounts.disable",
  "iam.serviceAccounts.enable",
  "iam.serviceAccounts.get",
  "iam.serviceAccounts.getAccessToken",
  "iam.serviceAccounts.getIamPolicy",
  "iam.serviceAccounts.getOpenIdToken",
  "iam.serviceAccounts.implicitDelegation",
  "iam.serviceAccounts.list",
  "iam.serviceAccounts.setIamPolicy",
  "iam.serviceAccounts.signBlob",
  "iam.serviceAccounts.signJwt",
  "iam.serviceAccounts.undelete",
  "iam.serviceAccounts.update",
];
const projectOnly = [
  "iam.roles.create",
  "iam.roles.delete",
  "iam.roles.get",
  "iam.roles.list",
  "iam.roles.undelete",
  "iam.roles.update",
  "iam.serviceAccounts.create",
  "orgpolicy.policy.get",
  "resourcemanager.projects.get",
  "resourcemanager.projects.getIamPolicy",
  "resourcemanager.projects.setIamPolicy",
  "serviceusage.services.disable",
  "serviceusage.services.enable",
  "serviceusage.services.get",
  "serviceusage.services.list",
  "serviceusage.services.use",
];

/** The permissions that a service account's policy can give, in order. */
export const accountPermissions: readonly string[] = serviceAccount;

/** The permissions that a project's policy can give, in order. */
export const projectPermissions: readonly string[] = [...serviceAccount, ...projectOnly].sort();

const all = new Set(projectPermissions);

/** Whether the text is a permission that the emulator knows. */
export function isPermission(text: unknown): boolean {
  return typeof text === "string" && all.has(text);
}
