// SPDX-License-Identifier: Apache-2.0
// Makes messages of roles, predefined and custom. Does not know who may see them.

import { type Role, RoleView, Role_RoleLaunchStage as Stage } from "../../../../generated/google/iam/admin/v1/iam.js";
import { predefinedRoles } from "../../world/policy/predefined-roles.js";
import type { CustomRole } from "../../world/policy/role-book.js";

// The titles of the console.
const titles: Readonly<Record<string, string>> = {
  "roles/iam.serviceAccountTokenCreator": "Service Account Token Creator",
  "roles/iam.serviceAccountOpenIdTokenCreator": "Service Account OpenID Connect Identity Token Creator",
  "roles/iam.serviceAccountUser": "Service Account User",
  "roles/iam.workloadIdentityUser": "Workload Identity User",
  "roles/iam.serviceAccountKeyAdmin": "Service Account Key Admin",
  "roles/iam.serviceAccountAdmin": "Service Account Admin",
  "roles/iam.roleAdmin": "Role Administrator",
  "roles/iam.roleViewer": "Role Viewer",
  "roles/owner": "Owner",
  "roles/editor": "Editor",
  "roles/viewer": "Viewer",
};

const PREDEFINED_ETAG = Buffer.of(0);

function formatPredefined(name: string, permissions: ReadonlySet<string>): Role {
  return {
    name,
    title: titles[name] ?? name,
    description: "",
    includedPermissions: [...permissions].sort(),
    stage: Stage.GA,
    etag: PREDEFINED_ETAG,
    deleted: false,
  };
}

/** The predefined roles that the emulator has, in order. */
export function formatPredefinedRoles(): readonly Role[] {
  return [...predefinedRoles].map(([name, permissions]) => formatPredefined(name, permissions));
}

/** A predefined role; undefined when there is none of that name. */
export function findPredefinedRole(name: string): Role | undefined {
  const permissions = predefinedRoles.get(name);
  return permissions === undefined ? undefined : formatPredefined(name, permissions);
}

/** A custom role as a message. */
export function formatCustomRole(role: CustomRole): Role {
  const { name, title, description, includedPermissions, stage, etag, deletedAt } = role;
  const deleted = deletedAt !== undefined;
  return { name, title, description, includedPermissions: [...includedPermissions], stage, etag, deleted };
}

/** The part of a role that a view shows. */
export function showRole(role: Role, view: RoleView): Role {
  return view === RoleView.FULL ? role : { ...role, includedPermissions: [] };
}
