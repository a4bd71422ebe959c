// SPDX-License-Identifier: Apache-2.0
// The method table of the service: one row per RPC. The only file here that knows the generated stubs.

import { IAMService as stubs } from "../../generated/google/iam/admin/v1/iam.js";
import { messageOf, repeated } from "../messages/message-fields.js";
import type { HttpBinding, ServiceDescription } from "../rpc/method.js";
import { DEFAULT_RETRY } from "../rpc/retry/policy.js";
import { emptyRowOf, pagedRowOf, rowOf, via } from "../rpc/table-rows.js";
import * as tables from "./messages.js";
import * as checks from "./request-checks.js";
import type * as requests from "./requests.js";
import type * as resources from "./resources.js";
import type * as responses from "./responses.js";

/** The service, for the runtime. */
export const IAM: ServiceDescription = {
  name: "IAM",
  hostPrefix: "iam",
  scopes: ["https://www.googleapis.com/auth/cloud-platform"],
  // The emulator serves both services on one port, so one variable points at it.
  emulatorVariable: "IAM_CREDENTIALS_EMULATOR_HOST",
  logName: "iam-admin",
};

const get = via("get");
const post = via("post", "*");
const ACCOUNT = "projects/*/serviceAccounts/*";
const KEY = `${ACCOUNT}/keys/*`;
/** The two forms of a custom role's path, or of their parent's. */
const forBothParents = (bind: (template: string) => readonly HttpBinding[], template: (parent: string) => string) =>
  ["organizations/*", "projects/*"].flatMap((parent) => bind(template(parent)));

const NAME = { name: "string" } as const;
const PAGE = { pageSize: "int32", pageToken: "string" } as const;
const FULL_RESOURCE_NAME = { fullResourceName: "string" } as const;
const accountName = { name: checks.normalizeAccountName };
const keyName = { name: checks.normalizeKeyName };
const projectName = { name: checks.normalizeProjectName };
const policyResource = { resource: checks.normalizeAccountName };
const fullResourceName = { fullResourceName: checks.requireFullResourceName };
const pageSize = { pageSize: checks.checkPageSize };
const ACCOUNT_MASK = ["displayName", "description"];
const ROLE_MASK = ["title", "description", "includedPermissions", "stage"];

/** RPC ListServiceAccounts. */
export const listServiceAccounts = pagedRowOf<
  requests.ListServiceAccountsRequest,
  responses.ListServiceAccountsResponse,
  resources.ServiceAccount
>(({ accounts }) => accounts)(stubs.listServiceAccounts, {
  bindings: get("/v1/{name=projects/*}/serviceAccounts"),
  request: { ...NAME, ...PAGE },
  checks: { ...projectName, ...pageSize },
  reply: { accounts: repeated(messageOf(tables.SERVICE_ACCOUNT)), nextPageToken: "string" },
  retry: DEFAULT_RETRY,
});

/** RPC GetServiceAccount. */
export const getServiceAccount = rowOf<requests.AccountRequest, resources.ServiceAccount>()(stubs.getServiceAccount, {
  bindings: get(`/v1/{name=${ACCOUNT}}`),
  request: NAME,
  checks: accountName,
  reply: tables.SERVICE_ACCOUNT,
  retry: DEFAULT_RETRY,
});

/** RPC CreateServiceAccount. */
export const createServiceAccount = rowOf<requests.CreateServiceAccountRequest, resources.ServiceAccount>()(
  stubs.createServiceAccount,
  {
    bindings: post("/v1/{name=projects/*}/serviceAccounts"),
    request: { ...NAME, accountId: "string", serviceAccount: messageOf(tables.SERVICE_ACCOUNT) },
    checks: { ...projectName, accountId: checks.requireAccountId, serviceAccount: checks.checkAccountNames },
    reply: tables.SERVICE_ACCOUNT,
  },
);

/** RPC UpdateServiceAccount. */
export const updateServiceAccount = rowOf<requests.UpdateServiceAccountRequest, resources.ServiceAccount>()(
  stubs.updateServiceAccount,
  {
    bindings: via("put", "*")(`/v1/{name=${ACCOUNT}}`),
    request: tables.SERVICE_ACCOUNT,
    checks: accountName,
    prepare: (request) => checks.checkAccountNames(request, ""),
    reply: tables.SERVICE_ACCOUNT,
    retry: DEFAULT_RETRY,
  },
);

/** RPC PatchServiceAccount. */
export const patchServiceAccount = rowOf<requests.PatchServiceAccountRequest, resources.ServiceAccount>()(
  stubs.patchServiceAccount,
  {
    bindings: via("patch", "*")(`/v1/{service_account.name=${ACCOUNT}}`),
    request: { serviceAccount: messageOf(tables.SERVICE_ACCOUNT), updateMask: "fieldMask" },
    checks: { serviceAccount: checks.requireNamedAccount, updateMask: checks.checkMask(...ACCOUNT_MASK) },
    prepare: (request) => checks.fillMask(request, "serviceAccount", ACCOUNT_MASK),
    reply: tables.SERVICE_ACCOUNT,
  },
);

/** RPC DeleteServiceAccount. */
export const deleteServiceAccount = emptyRowOf<requests.AccountRequest>()(stubs.deleteServiceAccount, {
  bindings: via("delete")(`/v1/{name=${ACCOUNT}}`),
  request: NAME,
  checks: accountName,
  retry: DEFAULT_RETRY,
});

/** RPC UndeleteServiceAccount. */
export const undeleteServiceAccount = rowOf<requests.AccountRequest, responses.UndeleteServiceAccountResponse>()(
  stubs.undeleteServiceAccount,
  {
    bindings: post(`/v1/{name=${ACCOUNT}}:undelete`),
    request: NAME,
    checks: accountName,
    reply: { restoredAccount: messageOf(tables.SERVICE_ACCOUNT) },
  },
);

/** RPC EnableServiceAccount. */
export const enableServiceAccount = emptyRowOf<requests.AccountRequest>()(stubs.enableServiceAccount, {
  bindings: post(`/v1/{name=${ACCOUNT}}:enable`),
  request: NAME,
  checks: accountName,
});

/** RPC DisableServiceAccount. */
export const disableServiceAccount = emptyRowOf<requests.AccountRequest>()(stubs.disableServiceAccount, {
  bindings: post(`/v1/{name=${ACCOUNT}}:disable`),
  request: NAME,
  checks: accountName,
});

/** RPC ListServiceAccountKeys. */
export const listServiceAccountKeys = rowOf<
  requests.ListServiceAccountKeysRequest,
  responses.ListServiceAccountKeysResponse
>()(stubs.listServiceAccountKeys, {
  bindings: get(`/v1/{name=${ACCOUNT}}/keys`),
  request: { ...NAME, keyTypes: repeated(tables.KEY_TYPE) },
  checks: { ...accountName, keyTypes: checks.checkKeyTypes },
  reply: { keys: repeated(messageOf(tables.SERVICE_ACCOUNT_KEY)) },
  retry: DEFAULT_RETRY,
});

/** RPC GetServiceAccountKey. */
export const getServiceAccountKey = rowOf<requests.GetServiceAccountKeyRequest, resources.ServiceAccountKey>()(
  stubs.getServiceAccountKey,
  {
    bindings: get(`/v1/{name=${KEY}}`),
    request: { ...NAME, publicKeyType: tables.PUBLIC_KEY_TYPE },
    checks: keyName,
    reply: tables.SERVICE_ACCOUNT_KEY,
    retry: DEFAULT_RETRY,
  },
);

/** RPC CreateServiceAccountKey. */
export const createServiceAccountKey = rowOf<requests.CreateServiceAccountKeyRequest, resources.ServiceAccountKey>()(
  stubs.createServiceAccountKey,
  {
    bindings: post(`/v1/{name=${ACCOUNT}}/keys`),
    request: { ...NAME, privateKeyType: tables.PRIVATE_KEY_TYPE, keyAlgorithm: tables.KEY_ALGORITHM },
    checks: accountName,
    reply: tables.SERVICE_ACCOUNT_KEY,
  },
);

/** RPC UploadServiceAccountKey. */
export const uploadServiceAccountKey = rowOf<requests.UploadServiceAccountKeyRequest, resources.ServiceAccountKey>()(
  stubs.uploadServiceAccountKey,
  {
    bindings: post(`/v1/{name=${ACCOUNT}}/keys:upload`),
    request: { ...NAME, publicKeyData: "bytes" },
    checks: { ...accountName, publicKeyData: checks.requireCertificate },
    reply: tables.SERVICE_ACCOUNT_KEY,
  },
);

/** RPC DeleteServiceAccountKey. */
export const deleteServiceAccountKey = emptyRowOf<requests.KeyRequest>()(stubs.deleteServiceAccountKey, {
  bindings: via("delete")(`/v1/{name=${KEY}}`),
  request: NAME,
  checks: keyName,
  retry: DEFAULT_RETRY,
});

/** RPC DisableServiceAccountKey. */
export const disableServiceAccountKey = emptyRowOf<requests.KeyRequest>()(stubs.disableServiceAccountKey, {
  bindings: post(`/v1/{name=${KEY}}:disable`),
  request: NAME,
  checks: keyName,
});

/** RPC EnableServiceAccountKey. */
export const enableServiceAccountKey = emptyRowOf<requests.KeyRequest>()(stubs.enableServiceAccountKey, {
  bindings: post(`/v1/{name=${KEY}}:enable`),
  request: NAME,
  checks: keyName,
});

/** RPC SignBlob. */
export const signBlob = rowOf<requests.SignBlobRequest, responses.SignBlobResponse>()(stubs.signBlob, {
  bindings: post(`/v1/{name=${ACCOUNT}}:signBlob`),
  request: { ...NAME, bytesToSign: "bytes" },
  checks: { ...accountName, bytesToSign: checks.requireBytes },
  reply: { keyId: "string", signature: "bytes" },
});

/** RPC SignJwt. */
export const signJwt = rowOf<requests.SignJwtRequest, responses.SignJwtResponse>()(stubs.signJwt, {
  bindings: post(`/v1/{name=${ACCOUNT}}:signJwt`),
  request: { ...NAME, payload: "string" },
  checks: { ...accountName, payload: checks.requireClaims },
  reply: { keyId: "string", signedJwt: "string" },
});

/** RPC GetIamPolicy. */
export const getIamPolicy = rowOf<requests.GetIamPolicyRequest, resources.Policy>()(stubs.getIamPolicy, {
  bindings: via("post")(`/v1/{resource=${ACCOUNT}}:getIamPolicy`),
  request: { resource: "string", options: messageOf({ requestedPolicyVersion: "int32" }) },
  checks: { ...policyResource, options: checks.checkPolicyOptions },
  reply: tables.POLICY,
});

/** RPC SetIamPolicy. */
export const setIamPolicy = rowOf<requests.SetIamPolicyRequest, resources.Policy>()(stubs.setIamPolicy, {
  bindings: post(`/v1/{resource=${ACCOUNT}}:setIamPolicy`),
  request: { resource: "string", policy: messageOf(tables.POLICY), updateMask: "fieldMask" },
  checks: {
    ...policyResource,
    policy: checks.requirePolicy,
    updateMask: checks.checkMask("version", "bindings", "auditConfigs", "etag"),
  },
  reply: tables.POLICY,
});

/** RPC TestIamPermissions. */
export const testIamPermissions = rowOf<requests.TestIamPermissionsRequest, responses.TestIamPermissionsResponse>()(
  stubs.testIamPermissions,
  {
    bindings: post(`/v1/{resource=${ACCOUNT}}:testIamPermissions`),
    request: { resource: "string", permissions: repeated("string") },
    checks: { ...policyResource, permissions: checks.requirePermissions },
    reply: { permissions: repeated("string") },
  },
);

/** RPC QueryGrantableRoles. */
export const queryGrantableRoles = pagedRowOf<
  requests.QueryGrantableRolesRequest,
  responses.QueryGrantableRolesResponse,
  resources.Role
>(({ roles }) => roles)(stubs.queryGrantableRoles, {
  bindings: post("/v1/roles:queryGrantableRoles"),
  request: { ...FULL_RESOURCE_NAME, view: tables.ROLE_VIEW, ...PAGE },
  checks: { ...fullResourceName, ...pageSize },
  reply: { roles: repeated(messageOf(tables.ROLE)), nextPageToken: "string" },
});

/** RPC ListRoles. */
export const listRoles = pagedRowOf<requests.ListRolesRequest, responses.ListRolesResponse, resources.Role>(
  ({ roles }) => roles,
)(stubs.listRoles, {
  bindings: [...get("/v1/roles"), ...forBothParents(get, (parent) => `/v1/{parent=${parent}}/roles`)],
  request: { parent: "string", ...PAGE, view: tables.ROLE_VIEW, showDeleted: "bool" },
  checks: { parent: checks.checkRoleParent, ...pageSize },
  reply: { roles: repeated(messageOf(tables.ROLE)), nextPageToken: "string" },
});

/** RPC GetRole. */
export const getRole = rowOf<requests.GetRoleRequest, resources.Role>()(stubs.getRole, {
  bindings: [...get("/v1/{name=roles/*}"), ...forBothParents(get, (parent) => `/v1/{name=${parent}/roles/*}`)],
  request: NAME,
  checks: { name: checks.requireRoleName },
  reply: tables.ROLE,
});

/** RPC CreateRole. */
export const createRole = rowOf<requests.CreateRoleRequest, resources.Role>()(stubs.createRole, {
  bindings: forBothParents(post, (parent) => `/v1/{parent=${parent}}/roles`),
  request: { parent: "string", roleId: "string", role: messageOf(tables.ROLE) },
  checks: { parent: checks.requireRoleParent, roleId: checks.requireRoleId, role: checks.requireObject },
  reply: tables.ROLE,
});

/** RPC UpdateRole. */
export const updateRole = rowOf<requests.UpdateRoleRequest, resources.Role>()(stubs.updateRole, {
  bindings: forBothParents(via("patch", "role"), (parent) => `/v1/{name=${parent}/roles/*}`),
  request: { ...NAME, role: messageOf(tables.ROLE), updateMask: "fieldMask" },
  checks: {
    name: checks.requireCustomRoleName,
    role: checks.requireObject,
    updateMask: checks.checkMask(...ROLE_MASK),
  },
  prepare: (request) => checks.fillMask(request, "role", ROLE_MASK),
  reply: tables.ROLE,
});

const ROLE_STATE = {
  request: { ...NAME, etag: "bytes" },
  checks: { name: checks.requireCustomRoleName },
  reply: tables.ROLE,
} as const;

/** RPC DeleteRole. */
export const deleteRole = rowOf<requests.RoleStateRequest, resources.Role>()(stubs.deleteRole, {
  bindings: forBothParents(via("delete"), (parent) => `/v1/{name=${parent}/roles/*}`),
  ...ROLE_STATE,
});

/** RPC UndeleteRole. */
export const undeleteRole = rowOf<requests.RoleStateRequest, resources.Role>()(stubs.undeleteRole, {
  bindings: forBothParents(post, (parent) => `/v1/{name=${parent}/roles/*}:undelete`),
  ...ROLE_STATE,
});

/** RPC QueryTestablePermissions. */
export const queryTestablePermissions = pagedRowOf<
  requests.QueryTestablePermissionsRequest,
  responses.QueryTestablePermissionsResponse,
  resources.Permission
>(({ permissions }) => permissions)(stubs.queryTestablePermissions, {
  bindings: post("/v1/permissions:queryTestablePermissions"),
  request: { ...FULL_RESOURCE_NAME, ...PAGE },
  checks: { ...fullResourceName, ...pageSize },
  reply: { permissions: repeated(messageOf(tables.PERMISSION)), nextPageToken: "string" },
});

/** RPC QueryAuditableServices. */
export const queryAuditableServices = rowOf<requests.ResourceRequest, responses.QueryAuditableServicesResponse>()(
  stubs.queryAuditableServices,
  {
    bindings: post("/v1/iamPolicies:queryAuditableServices"),
    request: FULL_RESOURCE_NAME,
    checks: fullResourceName,
    reply: { services: repeated(messageOf(NAME)) },
  },
);

/** RPC LintPolicy. */
export const lintPolicy = rowOf<requests.LintPolicyRequest, responses.LintPolicyResponse>()(stubs.lintPolicy, {
  bindings: post("/v1/iamPolicies:lintPolicy"),
  request: { ...FULL_RESOURCE_NAME, condition: messageOf(tables.EXPR) },
  checks: { fullResourceName: checks.checkFullResourceName, condition: checks.requireCondition },
  reply: { lintResults: repeated(messageOf(tables.LINT_RESULT)) },
});
