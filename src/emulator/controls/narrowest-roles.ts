// SPDX-License-Identifier: Apache-2.0
// Decides which predefined role is granted for a permission: the one with the fewest permissions, preferring those that people use if
// several have it. Does not know who has a role.

import { projectPermissions } from "../world/policy/permission-list.js";
import { predefinedRoles } from "../world/policy/predefined-roles.js";

// Roles for a special purpose that happen to include more, or for everything.
const unusual: ReadonlySet<string> = new Set([
  "roles/iam.workloadIdentityUser", // for workloads of Kubernetes
  "roles/owner",
  "roles/editor",
  "roles/viewer",
]);

function narrowestRole(permission: string): string | undefined {
  const having = [...predefinedRoles].filter(([, permissions]) => permissions.has(permission));
  const bySize = having.sort(([, one], [, other]) => one.size - other.size).map(([name]) => name);
  return bySize.find((name) => !unusual.has(name)) ?? bySize[0];
}

/** Each permission that a predefined role gives, and which role is granted for it. */
export const narrowestRoles: ReadonlyMap<string, string> = new Map(
  projectPermissions.flatMap((permission) => {
    const role = narrowestRole(permission);
    return role === undefined ? [] : [[permission, role] as const];
  }),
);
