// SPDX-License-Identifier: Apache-2.0
// Decides what the methods for roles of google.iam.admin.v1.IAM do to the state. Custom roles can be of a project or of an
// organization; of those of an organization only the owner may read or write.

import {
  type CreateRoleRequest,
  type DeleteRoleRequest,
  type GetRoleRequest,
  type ListRolesRequest,
  type ListRolesResponse,
  type Role,
  Role_RoleLaunchStage as Stage,
  type UndeleteRoleRequest,
  type UpdateRoleRequest,
} from "../../../../generated/google/iam/admin/v1/iam.js";
import { isCustomRoleName } from "../../world/names/account-names.js";
import { isPermission } from "../../world/policy/permission-list.js";
import { isPermittedOnProject, OWNER } from "../../world/policy/permissions.js";
import type { CustomRole } from "../../world/policy/role-book.js";
import { invalidArgument, permissionDenied, ServiceError } from "../../world/refusals/service-error.js";
import { readMask } from "../method/field-mask.js";
import { cutPage } from "../method/list-page.js";
import type { ServiceMethod, ServiceWorld } from "../method/service-method.js";
import { noTarget } from "./admin-access.js";
import { isRoleParent, parseProjectName } from "./admin-names.js";
import { findPredefinedRole, formatCustomRole, formatPredefinedRoles, showRole } from "./role-message.js";

const MAX_TITLE = 100;
const MAX_DESCRIPTION = 300;
const stages: readonly number[] = [Stage.ALPHA, Stage.BETA, Stage.GA, Stage.DEPRECATED, Stage.DISABLED, Stage.EAP];

// Roles of a project have its id in their names, however the request names the project.
function requireParent(world: ServiceWorld, principal: string, parent: string, permission: string): string {
  if (!isRoleParent(parent)) throw invalidArgument();
  const given = parseProjectName(parent);
  const project = given === undefined ? undefined : world.projects.find(given);
  const isAllowed =
    project === undefined
      ? given === undefined && principal === OWNER
      : isPermittedOnProject(world, principal, permission, project);
  if (!isAllowed) throw permissionDenied(permission);
  return project === undefined ? parent : `projects/${project}`;
}

function roleNotFound(name: string): ServiceError {
  return new ServiceError("NOT_FOUND", `The role named ${name} was not found.`); // memory
}

function requireCustomRole(world: ServiceWorld, principal: string, name: string, permission: string): CustomRole {
  if (!isCustomRoleName(name)) throw invalidArgument();
  const [parent = "", roleId] = name.split("/roles/");
  const role = world.roles.find(`${requireParent(world, principal, parent, permission)}/roles/${roleId}`);
  if (role === undefined) throw roleNotFound(name);
  return role;
}

function checkRoleEtag(role: CustomRole, etag: Uint8Array): void {
  if (etag.length === 0 || role.etag.equals(etag)) return;
  // The text is the one for policies, as far as it fits.
  throw new ServiceError("ABORTED", "There were concurrent changes. Please retry the whole read-modify-write.");
}

function checkFields(role: Role): void {
  if (role.title.length > MAX_TITLE || role.description.length > MAX_DESCRIPTION) throw invalidArgument();
  if (!stages.includes(role.stage)) throw invalidArgument();
  const unknown = role.includedPermissions.find((permission) => !isPermission(permission));
  if (unknown !== undefined) {
    throw new ServiceError("INVALID_ARGUMENT", `Permission ${unknown} is not valid.`); // memory
  }
}

const listRoles: ServiceMethod<ListRolesRequest, ListRolesResponse> = {
  name: "ListRoles",
  target: noTarget,
  async run(world, principal, request) {
    const { view, showDeleted } = request;
    const parent = request.parent === "" ? "" : requireParent(world, principal, request.parent, "iam.roles.list");
    const custom = world.roles.all().map(formatCustomRole);
    const roles = (parent === "" ? formatPredefinedRoles() : custom).filter(
      ({ name, deleted }) => name.startsWith(parent === "" ? "roles/" : `${parent}/`) && (showDeleted || !deleted),
    );
    const { items, nextPageToken } = cutPage(roles, request, {
      list: `roles of ${parent}`,
      defaultSize: 300,
      maxSize: 1000,
      keyOf: ({ name }) => name,
    });
    return { roles: items.map((role) => showRole(role, view)), nextPageToken };
  },
};

const getRole: ServiceMethod<GetRoleRequest, Role> = {
  name: "GetRole",
  target: noTarget,
  async run(world, principal, { name }) {
    if (!name.startsWith("roles/")) return formatCustomRole(requireCustomRole(world, principal, name, "iam.roles.get"));
    const role = findPredefinedRole(name);
    if (role === undefined) throw roleNotFound(name);
    return role;
  },
};

const createRole: ServiceMethod<CreateRoleRequest, Role> = {
  name: "CreateRole",
  target: noTarget,
  async run(world, principal, { parent: given, roleId, role }) {
    if (!isCustomRoleName(`${given}/roles/${roleId}`) || !isRoleParent(given) || role === undefined) {
      throw invalidArgument();
    }
    checkFields(role);
    const parent = requireParent(world, principal, given, "iam.roles.create");
    const name = `${parent}/roles/${roleId}`;
    const existing = world.roles.find(name);
    if (existing?.deletedAt !== undefined) {
      const message = `You can't create a role_id (${roleId}) which has been marked for deletion.`; // memory
      throw new ServiceError("FAILED_PRECONDITION", message);
    }
    if (existing !== undefined) {
      throw new ServiceError("ALREADY_EXISTS", `A role named ${roleId} in ${parent} already exists.`); // memory
    }
    const { title, description, includedPermissions, stage } = role;
    return formatCustomRole(world.roles.put(name, { title, description, includedPermissions, stage }));
  },
};

const updateRole: ServiceMethod<UpdateRoleRequest, Role> = {
  name: "UpdateRole",
  target: noTarget,
  async run(world, principal, { name, role, updateMask }) {
    if (role === undefined) throw invalidArgument();
    checkFields(role);
    const { title, description, includedPermissions, stage } = role;
    const fields = readMask(updateMask, {
      title: title !== "",
      description: description !== "",
      included_permissions: includedPermissions.length > 0,
      stage: stage !== Stage.ALPHA,
    });
    const custom = requireCustomRole(world, principal, name, "iam.roles.update");
    checkRoleEtag(custom, role.etag);
    if (custom.deletedAt !== undefined) {
      throw new ServiceError("FAILED_PRECONDITION", `You can't update the role ${name}, which is deleted.`);
    }
    if (fields.has("title")) custom.title = title;
    if (fields.has("description")) custom.description = description;
    if (fields.has("included_permissions")) custom.includedPermissions = includedPermissions;
    if (fields.has("stage")) custom.stage = stage;
    world.roles.touch(custom);
    return formatCustomRole(custom);
  },
};

const deleteRole: ServiceMethod<DeleteRoleRequest, Role> = {
  name: "DeleteRole",
  target: noTarget,
  async run(world, principal, { name, etag }) {
    const role = requireCustomRole(world, principal, name, "iam.roles.delete");
    checkRoleEtag(role, etag);
    role.deletedAt ??= world.now();
    world.roles.touch(role);
    return formatCustomRole(role);
  },
};

const undeleteRole: ServiceMethod<UndeleteRoleRequest, Role> = {
  name: "UndeleteRole",
  target: noTarget,
  async run(world, principal, { name, etag }) {
    const role = requireCustomRole(world, principal, name, "iam.roles.undelete");
    checkRoleEtag(role, etag);
    if (role.deletedAt === undefined || !world.roles.isUndeletable(role)) {
      throw new ServiceError("FAILED_PRECONDITION", `You can't undelete the role ${name}.`);
    }
    role.deletedAt = undefined;
    world.roles.touch(role);
    return formatCustomRole(role);
  },
};

/** The methods for roles. */
export const roleMethods = { listRoles, getRole, createRole, updateRole, deleteRole, undeleteRole } as const;
