// SPDX-License-Identifier: Apache-2.0
// Decides which permissions a predefined role holds: the roles that matter to this API. Does not know who has a role.

// What the basic roles contain of this API; from memory. None of them gives a token or a signature.
const viewerPermissions = [
  "iam.roles.get",
  "iam.roles.list",
  "iam.serviceAccountKeys.get",
  "iam.serviceAccountKeys.list",
  "iam.serviceAccounts.get",
  "iam.serviceAccounts.getIamPolicy",
  "iam.serviceAccounts.list",
  "orgpolicy.policy.get",
  "resourcemanager.projects.get",
  "resourcemanager.projects.getIamPolicy",
  "serviceusage.services.get",
  "serviceusage.services.list",
];
const editorPermissions = [
  ...viewerPermissions,
  "iam.serviceAccountKeys.create",
  "iam.serviceAccountKeys.delete",
  "iam.serviceAccountKeys.disable",
  "iam.serviceAccountKeys.enable",
  "iam.serviceAccounts.actAs",
  "iam.serviceAccounts.create",
  "iam.serviceAccounts.delete",
  "iam.serviceAccounts.disable",
  "iam.serviceAccounts.enable",
  "iam.serviceAccounts.undelete",
  "iam.serviceAccounts.update",
  "serviceusage.services.disable",
  "serviceusage.services.enable",
  "serviceusage.services.use", // not with roles/viewer: GoogleCloudPlatform/gcpdiag#36
];
const rolePermissions = [
  "iam.roles.create",
  "iam.roles.delete",
  "iam.roles.get",
  "iam.roles.list",
  "iam.roles.undelete",
  "iam.roles.update",
];
const projectPolicyPermissions = [
  "resourcemanager.projects.get",
  "resourcemanager.projects.getIamPolicy",
  "resourcemanager.projects.setIamPolicy",
];

/**
 * The predefined roles and their permissions. Source: Google's page "Roles for service account authentication"; what is
 * marked "memory" below was not seen there.
 */
export const predefinedRoles: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    "roles/iam.serviceAccountTokenCreator",
    new Set([
      "iam.serviceAccounts.getAccessToken",
      "iam.serviceAccounts.getOpenIdToken",
      "iam.serviceAccounts.implicitDelegation",
      "iam.serviceAccounts.signBlob",
      "iam.serviceAccounts.signJwt",
      // memory
      "iam.serviceAccounts.get",
      "iam.serviceAccounts.list",
    ]),
  ],
  ["roles/iam.serviceAccountOpenIdTokenCreator", new Set(["iam.serviceAccounts.getOpenIdToken"])],
  // Attaches an account to a resource; explicitly gives no short-lived credentials.
  ["roles/iam.serviceAccountUser", new Set(["iam.serviceAccounts.actAs"])],
  [
    "roles/iam.workloadIdentityUser",
    new Set([
      // memory, all four
      "iam.serviceAccounts.getAccessToken",
      "iam.serviceAccounts.getOpenIdToken",
      "iam.serviceAccounts.get",
      "iam.serviceAccounts.list",
    ]),
  ],
  [
    "roles/iam.serviceAccountKeyAdmin",
    new Set([
      "iam.serviceAccountKeys.create",
      "iam.serviceAccountKeys.delete",
      "iam.serviceAccountKeys.disable",
      "iam.serviceAccountKeys.enable",
      "iam.serviceAccountKeys.get",
      "iam.serviceAccountKeys.list",
    ]),
  ],
  [
    "roles/iam.serviceAccountAdmin",
    new Set([
      // memory: whatever they are, none of them is a token permission
      "iam.serviceAccounts.create",
      "iam.serviceAccounts.delete",
      "iam.serviceAccounts.disable",
      "iam.serviceAccounts.enable",
      "iam.serviceAccounts.get",
      "iam.serviceAccounts.getIamPolicy",
      "iam.serviceAccounts.list",
      "iam.serviceAccounts.setIamPolicy",
      "iam.serviceAccounts.undelete",
      "iam.serviceAccounts.update",
    ]),
  ],
  ["roles/iam.roleAdmin", new Set(rolePermissions)],
  ["roles/iam.roleViewer", new Set(["iam.roles.get", "iam.roles.list"])],
  ["roles/browser", new Set(["resourcemanager.projects.get", "resourcemanager.projects.getIamPolicy"])],
  ["roles/resourcemanager.projectIamAdmin", new Set(projectPolicyPermissions)],
  ["roles/orgpolicy.policyViewer", new Set(["orgpolicy.policy.get"])],
  [
    "roles/serviceusage.serviceUsageAdmin",
    new Set([
      "serviceusage.services.disable",
      "serviceusage.services.enable",
      "serviceusage.services.get",
      "serviceusage.services.list",
      "serviceusage.services.use",
    ]),
  ],
  [
    "roles/serviceusage.serviceUsageConsumer",
    new Set(["serviceusage.services.get", "serviceusage.services.list", "serviceusage.services.use"]),
  ],
  ["roles/serviceusage.serviceUsageViewer", new Set(["serviceusage.services.get", "serviceusage.services.list"])],
  [
    "roles/owner",
    new Set([
      ...editorPermissions,
      ...rolePermissions,
      ...projectPolicyPermissions,
      "iam.serviceAccounts.setIamPolicy",
    ]),
  ],
  ["roles/editor", new Set(editorPermissions)],
  ["roles/viewer", new Set(viewerPermissions)],
]);
