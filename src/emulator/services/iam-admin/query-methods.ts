// SPDX-License-Identifier: Apache-2.0
// Decides what can be granted, tested and logged on a resource, and which conditions are well-formed: the queries of
// google.iam.admin.v1.IAM. They need a caller but no permission.

import {
  LintResult_Level as Level,
  type LintPolicyRequest,
  type LintPolicyResponse,
  type Permission,
  Permission_PermissionLaunchStage as PermissionStage,
  type QueryAuditableServicesRequest,
  type QueryAuditableServicesResponse,
  type QueryGrantableRolesRequest,
  type QueryGrantableRolesResponse,
  type QueryTestablePermissionsRequest,
  type QueryTestablePermissionsResponse,
  LintResult_Severity as Severity,
  Permission_CustomRolesSupportLevel as SupportLevel,
} from "../../../../generated/google/iam/admin/v1/iam.js";
import { ConditionError, compileCondition } from "../../world/policy/compiled-condition.js";
import { accountPermissions, projectPermissions } from "../../world/policy/permission-list.js";
import { invalidArgument } from "../../world/refusals/service-error.js";
import { MissingPeerError } from "../../world/runtime/optional-peer.js";
import { conditionsUnavailable } from "../method/condition-text.js";
import { cutPage } from "../method/list-page.js";
import type { ServiceMethod, ServiceWorld } from "../method/service-method.js";
import { noTarget } from "./admin-access.js";
import { type FullResource, parseFullResourceName } from "./admin-names.js";
import { formatCustomRole, formatPredefinedRoles, showRole } from "./role-message.js";

function requireFullName(text: string): FullResource {
  const resource = parseFullResourceName(text);
  if (resource === undefined) throw invalidArgument();
  return resource;
}

function permissionsOn(resource: FullResource): readonly string[] {
  if ("project" in resource) return projectPermissions;
  return "account" in resource ? accountPermissions : [];
}

function projectOfResource({ projects }: ServiceWorld, resource: FullResource): string {
  if ("other" in resource) return "";
  const project = "project" in resource ? resource.project : resource.account.project;
  return projects.find(project) ?? project;
}

const queryGrantableRoles: ServiceMethod<QueryGrantableRolesRequest, QueryGrantableRolesResponse> = {
  name: "QueryGrantableRoles",
  target: noTarget,
  async run(world, _principal, request) {
    const resource = requireFullName(request.fullResourceName);
    const permissions = new Set(permissionsOn(resource));
    const parent = `projects/${projectOfResource(world, resource)}/`;
    const custom = world.roles
      .all()
      .filter(({ name, deletedAt }) => deletedAt === undefined && name.startsWith(parent));
    const roles = [...formatPredefinedRoles(), ...custom.map(formatCustomRole)].filter(({ includedPermissions }) =>
      includedPermissions.some((permission) => permissions.has(permission)),
    );
    const { items, nextPageToken } = cutPage(roles, request, {
      list: `grantable roles of ${request.fullResourceName}`,
      defaultSize: 300,
      maxSize: 2000,
      keyOf: ({ name }) => name,
    });
    return { roles: items.map((role) => showRole(role, request.view)), nextPageToken };
  },
};

function formatPermission(name: string): Permission {
  return {
    name,
    title: "",
    description: "",
    onlyInPredefinedRoles: false,
    stage: PermissionStage.GA,
    customRolesSupportLevel: SupportLevel.SUPPORTED,
    apiDisabled: false,
    primaryPermission: "",
  };
}

const queryTestablePermissions: ServiceMethod<QueryTestablePermissionsRequest, QueryTestablePermissionsResponse> = {
  name: "QueryTestablePermissions",
  target: noTarget,
  async run(_state, _principal, request) {
    const permissions = permissionsOn(requireFullName(request.fullResourceName));
    const { items, nextPageToken } = cutPage(permissions, request, {
      list: `testable permissions of ${request.fullResourceName}`,
      defaultSize: 100,
      maxSize: 1000,
      keyOf: (name) => name,
    });
    return { permissions: items.map(formatPermission), nextPageToken };
  },
};

const queryAuditableServices: ServiceMethod<QueryAuditableServicesRequest, QueryAuditableServicesResponse> = {
  name: "QueryAuditableServices",
  target: noTarget,
  async run(_state, _principal, { fullResourceName }) {
    requireFullName(fullResourceName);
    return { services: [{ name: "iam.googleapis.com" }, { name: "iamcredentials.googleapis.com" }] };
  },
};

const lintPolicy: ServiceMethod<LintPolicyRequest, LintPolicyResponse> = {
  name: "LintPolicy",
  target: noTarget,
  async run(world, _principal, { fullResourceName, condition }) {
    if (fullResourceName !== "") requireFullName(fullResourceName);
    if (condition === undefined) throw invalidArgument();
    try {
      compileCondition(world.peers, condition);
      return { lintResults: [] };
    } catch (error) {
      if (error instanceof MissingPeerError) throw conditionsUnavailable(error);
      if (!(error instanceof ConditionError)) throw error;
      const finding = {
        level: Level.CONDITION,
        validationUnitName: "LintValidationUnits/ConditionCompileCheck", // memory
        severity: Severity.ERROR,
        fieldName: "condition.expression",
        locationOffset: error.offset,
        debugMessage: error.message,
      };
      return { lintResults: [finding] };
    }
  },
};

/** The queries. */
export const queryMethods = {
  queryGrantableRoles,
  queryTestablePermissions,
  queryAuditableServices,
  lintPolicy,
} as const;
