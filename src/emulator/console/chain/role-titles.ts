// SPDX-License-Identifier: Apache-2.0
// What roles are called in Google's console. The emulator decides which permissions a role has.

/** The roles that matter to service accounts, with their names in Google's console. */
export const roleTitles: ReadonlyMap<string, string> = new Map([
  ["roles/iam.serviceAccountTokenCreator", "Service Account Token Creator"],
  ["roles/iam.serviceAccountOpenIdTokenCreator", "Service Account OpenID Connect Identity Token Creator"],
  ["roles/iam.serviceAccountUser", "Service Account User"],
  ["roles/iam.workloadIdentityUser", "Workload Identity User"],
  ["roles/iam.serviceAccountAdmin", "Service Account Admin"],
  ["roles/iam.serviceAccountKeyAdmin", "Service Account Key Admin"],
  ["roles/iam.roleAdmin", "Role Administrator"],
  ["roles/iam.roleViewer", "Role Viewer"],
  ["roles/serviceusage.serviceUsageConsumer", "Service Usage Consumer"],
  ["roles/serviceusage.serviceUsageAdmin", "Service Usage Admin"],
  ["roles/serviceusage.serviceUsageViewer", "Service Usage Viewer"],
  ["roles/resourcemanager.projectIamAdmin", "Project IAM Admin"],
  ["roles/orgpolicy.policyViewer", "Organization Policy Viewer"],
  ["roles/browser", "Browser"],
  ["roles/viewer", "Viewer"],
  ["roles/editor", "Editor"],
  ["roles/owner", "Owner"],
]);

/** The permissions along a chain, one for each kind of credentials, and that of delegates. */
export const chainPermissions = [
  "iam.serviceAccounts.getAccessToken",
  "iam.serviceAccounts.getOpenIdToken",
  "iam.serviceAccounts.signBlob",
  "iam.serviceAccounts.signJwt",
  "iam.serviceAccounts.implicitDelegation",
] as const;

/** A role's title, or its name if it has none. */
export function roleTitle(role: string): string {
  return roleTitles.get(role) ?? role;
}
