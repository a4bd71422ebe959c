// SPDX-License-Identifier: Apache-2.0
// The rows of the service: what the protos cannot say about each RPC. The only file here that knows the generated rows.

import { IAMNames, IAMRows as rows } from "../../generated/google/iam/admin/v1/iam.tables.js";
import {
  normalizePolicyOptions,
  requireCondition,
  requirePermissions,
  requirePolicy,
  requireRoleName,
} from "../access-policy/policy-checks.js";
import type { Policy, TestIamPermissionsResponse } from "../access-policy/policy-message.js";
import { EMULATOR_VARIABLE } from "../base/environment.js";
import {
  maskOf,
  normalizePageSize,
  normalizeProjectName,
  requireBytes,
  requireObject,
} from "../messages/field-checks.js";
import { fromPlain, toNothing, toPlain } from "../messages/plain-messages.js";
import type { ServiceDescription } from "../rpc/method/method.js";
import { rowFromStub } from "../rpc/method/row-from-stub.js";
import { DEFAULT_RETRY } from "../rpc/retry/policy.js";
import type { ServiceAccountKey } from "./keys/service-account-key.js";
import * as checks from "./request-checks.js";
import type * as requests from "./requests.js";
import type * as resources from "./resources.js";
import type * as responses from "./responses.js";

/** The service, for the runtime. */
export const IAM: ServiceDescription = {
  ...IAMNames,
  // The emulator serves both services on one port, so one variable points at it.
  emulatorVariable: EMULATOR_VARIABLE,
  logName: "iam-admin",
};

const accountName = { name: checks.normalizeAccountName };
const keyName = { name: checks.normalizeKeyName };
const projectName = { name: normalizeProjectName };
const policyResource = { resource: checks.normalizeAccountName };
const fullResourceName = { fullResourceName: checks.requireFullResourceName };
const pageSize = { pageSize: normalizePageSize };
const ACCOUNT_MASK = ["displayName", "description"];
const ROLE_MASK = ["title", "description", "includedPermissions", "stage"];
const retry = DEFAULT_RETRY;

/** RPC ListServiceAccounts. */
export const listServiceAccounts = rowFromStub(rows.listServiceAccounts, {
  normalize: fromPlain<requests.ListServiceAccountsRequest>({ ...projectName, ...pageSize }),
  respond: toPlain<responses.ListServiceAccountsResponse>,
  retry,
});

/** RPC GetServiceAccount. */
export const getServiceAccount = rowFromStub(rows.getServiceAccount, {
  normalize: fromPlain<requests.ServiceAccountRequest>(accountName),
  respond: toPlain<resources.ServiceAccount>,
  retry,
});

/** RPC CreateServiceAccount. */
export const createServiceAccount = rowFromStub(rows.createServiceAccount, {
  normalize: fromPlain<requests.CreateServiceAccountRequest>({
    ...projectName,
    accountId: checks.requireAccountId,
    serviceAccount: checks.requireShortNames,
  }),
  respond: toPlain<resources.ServiceAccount>,
});

/** RPC UpdateServiceAccount. */
export const updateServiceAccount = rowFromStub(rows.updateServiceAccount, {
  normalize: fromPlain<requests.UpdateServiceAccountRequest>(accountName, (request) =>
    checks.requireShortNames(request, ""),
  ),
  respond: toPlain<resources.ServiceAccount>,
  retry,
});

/** RPC PatchServiceAccount. */
export const patchServiceAccount = rowFromStub(rows.patchServiceAccount, {
  normalize: fromPlain<requests.PatchServiceAccountRequest>(
    { serviceAccount: checks.requireNamedAccount, updateMask: maskOf(...ACCOUNT_MASK) },
    (request) => checks.fillMask(request, "serviceAccount", ACCOUNT_MASK),
  ),
  respond: toPlain<resources.ServiceAccount>,
});

/** RPC DeleteServiceAccount. */
export const deleteServiceAccount = rowFromStub(rows.deleteServiceAccount, {
  normalize: fromPlain<requests.ServiceAccountRequest>(accountName),
  respond: toNothing,
  retry,
});

/** RPC UndeleteServiceAccount. */
export const undeleteServiceAccount = rowFromStub(rows.undeleteServiceAccount, {
  normalize: fromPlain<requests.ServiceAccountRequest>(accountName),
  respond: toPlain<responses.UndeleteServiceAccountResponse>,
});

/** RPC EnableServiceAccount. */
export const enableServiceAccount = rowFromStub(rows.enableServiceAccount, {
  normalize: fromPlain<requests.ServiceAccountRequest>(accountName),
  respond: toNothing,
});

/** RPC DisableServiceAccount. */
export const disableServiceAccount = rowFromStub(rows.disableServiceAccount, {
  normalize: fromPlain<requests.ServiceAccountRequest>(accountName),
  respond: toNothing,
});

/** RPC ListServiceAccountKeys. */
export const listServiceAccountKeys = rowFromStub(rows.listServiceAccountKeys, {
  normalize: fromPlain<requests.ListServiceAccountKeysRequest>({ ...accountName, keyTypes: checks.normalizeKeyTypes }),
  respond: toPlain<responses.ListServiceAccountKeysResponse>,
  retry,
});

/** RPC GetServiceAccountKey. */
export const getServiceAccountKey = rowFromStub(rows.getServiceAccountKey, {
  normalize: fromPlain<requests.GetServiceAccountKeyRequest>(keyName),
  respond: toPlain<ServiceAccountKey>,
  retry,
});

/** RPC CreateServiceAccountKey. */
export const createServiceAccountKey = rowFromStub(rows.createServiceAccountKey, {
  normalize: fromPlain<requests.CreateServiceAccountKeyRequest>(accountName),
  respond: toPlain<ServiceAccountKey>,
});

/** RPC UploadServiceAccountKey. */
export const uploadServiceAccountKey = rowFromStub(rows.uploadServiceAccountKey, {
  normalize: fromPlain<requests.UploadServiceAccountKeyRequest>({
    ...accountName,
    publicKeyData: checks.requireCertificate,
  }),
  respond: toPlain<ServiceAccountKey>,
});

/** RPC DeleteServiceAccountKey. */
export const deleteServiceAccountKey = rowFromStub(rows.deleteServiceAccountKey, {
  normalize: fromPlain<requests.KeyRequest>(keyName),
  respond: toNothing,
  retry,
});

/** RPC DisableServiceAccountKey. */
export const disableServiceAccountKey = rowFromStub(rows.disableServiceAccountKey, {
  normalize: fromPlain<requests.KeyRequest>(keyName),
  respond: toNothing,
});

/** RPC EnableServiceAccountKey. */
export const enableServiceAccountKey = rowFromStub(rows.enableServiceAccountKey, {
  normalize: fromPlain<requests.KeyRequest>(keyName),
  respond: toNothing,
});

/** RPC SignBlob. */
export const signBlob = rowFromStub(rows.signBlob, {
  normalize: fromPlain<requests.SignBlobRequest>({ ...accountName, bytesToSign: requireBytes }),
  respond: toPlain<responses.SignBlobResponse>,
});

/** RPC SignJwt. */
export const signJwt = rowFromStub(rows.signJwt, {
  normalize: fromPlain<requests.SignJwtRequest>({ ...accountName, payload: checks.requireClaims }),
  respond: toPlain<responses.SignJwtResponse>,
});

/** RPC GetIamPolicy. */
export const getIamPolicy = rowFromStub(rows.getIamPolicy, {
  normalize: fromPlain<requests.GetIamPolicyRequest>({ ...policyResource, options: normalizePolicyOptions }),
  respond: toPlain<Policy>,
});

/** RPC SetIamPolicy. */
export const setIamPolicy = rowFromStub(rows.setIamPolicy, {
  normalize: fromPlain<requests.SetIamPolicyRequest>({
    ...policyResource,
    policy: requirePolicy,
    updateMask: maskOf("version", "bindings", "auditConfigs", "etag"),
  }),
  respond: toPlain<Policy>,
});

/** RPC TestIamPermissions. */
export const testIamPermissions = rowFromStub(rows.testIamPermissions, {
  normalize: fromPlain<requests.TestIamPermissionsRequest>({
    ...policyResource,
    permissions: requirePermissions,
  }),
  respond: toPlain<TestIamPermissionsResponse>,
});

/** RPC QueryGrantableRoles. */
export const queryGrantableRoles = rowFromStub(rows.queryGrantableRoles, {
  normalize: fromPlain<requests.QueryGrantableRolesRequest>({ ...fullResourceName, ...pageSize }),
  respond: toPlain<responses.QueryGrantableRolesResponse>,
});

/** RPC ListRoles. */
export const listRoles = rowFromStub(rows.listRoles, {
  normalize: fromPlain<requests.ListRolesRequest>({ parent: checks.normalizeRoleParent, ...pageSize }),
  respond: toPlain<responses.ListRolesResponse>,
});

/** RPC GetRole. */
export const getRole = rowFromStub(rows.getRole, {
  normalize: fromPlain<requests.GetRoleRequest>({ name: requireRoleName }),
  respond: toPlain<resources.Role>,
});

/** RPC CreateRole. */
export const createRole = rowFromStub(rows.createRole, {
  normalize: fromPlain<requests.CreateRoleRequest>({
    parent: checks.requireRoleParent,
    roleId: checks.requireRoleId,
    role: requireObject,
  }),
  respond: toPlain<resources.Role>,
});

/** RPC UpdateRole. */
export const updateRole = rowFromStub(rows.updateRole, {
  normalize: fromPlain<requests.UpdateRoleRequest>(
    { name: checks.requireCustomRoleName, role: requireObject, updateMask: maskOf(...ROLE_MASK) },
    (request) => checks.fillMask(request, "role", ROLE_MASK),
  ),
  respond: toPlain<resources.Role>,
});

/** RPC DeleteRole. */
export const deleteRole = rowFromStub(rows.deleteRole, {
  normalize: fromPlain<requests.RoleStateRequest>({ name: checks.requireCustomRoleName }),
  respond: toPlain<resources.Role>,
});

/** RPC UndeleteRole. */
export const undeleteRole = rowFromStub(rows.undeleteRole, {
  normalize: fromPlain<requests.RoleStateRequest>({ name: checks.requireCustomRoleName }),
  respond: toPlain<resources.Role>,
});

/** RPC QueryTestablePermissions. */
export const queryTestablePermissions = rowFromStub(rows.queryTestablePermissions, {
  normalize: fromPlain<requests.QueryTestablePermissionsRequest>({ ...fullResourceName, ...pageSize }),
  respond: toPlain<responses.QueryTestablePermissionsResponse>,
});

/** RPC QueryAuditableServices. */
export const queryAuditableServices = rowFromStub(rows.queryAuditableServices, {
  normalize: fromPlain<requests.ResourceRequest>(fullResourceName),
  respond: toPlain<responses.QueryAuditableServicesResponse>,
});

/** RPC LintPolicy. */
export const lintPolicy = rowFromStub(rows.lintPolicy, {
  normalize: fromPlain<requests.LintPolicyRequest>({
    fullResourceName: checks.normalizeFullResourceName,
    condition: requireCondition,
  }),
  respond: toPlain<responses.LintPolicyResponse>,
});
