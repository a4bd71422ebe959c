// SPDX-License-Identifier: Apache-2.0
// One method per RPC: which row of the method table it is. What the client has beside them is in client.ts.

import { ClientBase } from "../client/client-base.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { PagedList } from "../rpc/paging.js";
import * as methods from "./methods.js";
import type * as requests from "./requests.js";
import type * as resources from "./resources.js";
import type * as responses from "./responses.js";

/**
 * The RPCs of the service. A request's mistake is a RequestError that names the field, before anything is sent: a promise rejects with
 * it, a list throws it at once. Then there is RpcError, when the service says no, and CredentialsError, without a token to call with.
 *
 * Source: google.iam.admin.v1.IAM.
 */
export class IAMMethods extends ClientBase {
  /** The service accounts of a project, fetched page by page while they are read. Needs `iam.serviceAccounts.list` on the project. */
  listServiceAccounts(
    request: requests.ListServiceAccountsRequest,
    options?: CallOptions,
  ): PagedList<resources.ServiceAccount, responses.ListServiceAccountsResponse> {
    return this.list(methods.listServiceAccounts, request, options);
  }

  /** Reads an account. Needs `iam.serviceAccounts.get` on it. */
  getServiceAccount(request: requests.AccountRequest, options?: CallOptions): Promise<resources.ServiceAccount> {
    return this.call(methods.getServiceAccount, request, options);
  }

  /** Makes an account. Needs `iam.serviceAccounts.create` on the project. Not repeated by itself: the second attempt would find it there. */
  createServiceAccount(
    request: requests.CreateServiceAccountRequest,
    options?: CallOptions,
  ): Promise<resources.ServiceAccount> {
    return this.call(methods.createServiceAccount, request, options);
  }

  /**
   * Writes an account's display name, whatever it is; {@link IAMMethods.patchServiceAccount} is to be preferred. Needs
   * `iam.serviceAccounts.update` on it.
   */
  updateServiceAccount(
    request: requests.UpdateServiceAccountRequest,
    options?: CallOptions,
  ): Promise<resources.ServiceAccount> {
    return this.call(methods.updateServiceAccount, request, options);
  }

  /** Writes an account's display name, description or both. Needs `iam.serviceAccounts.update` on it. */
  patchServiceAccount(
    request: requests.PatchServiceAccountRequest,
    options?: CallOptions,
  ): Promise<resources.ServiceAccount> {
    return this.call(methods.patchServiceAccount, request, options);
  }

  /** Deletes an account, for good after 30 days. Needs `iam.serviceAccounts.delete` on it. */
  deleteServiceAccount(request: requests.AccountRequest, options?: CallOptions): Promise<void> {
    return this.call(methods.deleteServiceAccount, request, options);
  }

  /** Brings back an account, by its unique id, that was deleted less than 30 days ago. Needs `iam.serviceAccounts.undelete`. */
  undeleteServiceAccount(
    request: requests.AccountRequest,
    options?: CallOptions,
  ): Promise<responses.UndeleteServiceAccountResponse> {
    return this.call(methods.undeleteServiceAccount, request, options);
  }

  /** Switches an account on again. Needs `iam.serviceAccounts.enable` on it. */
  enableServiceAccount(request: requests.AccountRequest, options?: CallOptions): Promise<void> {
    return this.call(methods.enableServiceAccount, request, options);
  }

  /** Switches an account off: nobody can act as it. Needs `iam.serviceAccounts.disable` on it. */
  disableServiceAccount(request: requests.AccountRequest, options?: CallOptions): Promise<void> {
    return this.call(methods.disableServiceAccount, request, options);
  }

  /** All keys of an account, or those of some kinds; they do not come in pages. Needs `iam.serviceAccountKeys.list` on it. */
  listServiceAccountKeys(
    request: requests.ListServiceAccountKeysRequest,
    options?: CallOptions,
  ): Promise<responses.ListServiceAccountKeysResponse> {
    return this.call(methods.listServiceAccountKeys, request, options);
  }

  /** Reads a key, with its public half if asked for. Needs `iam.serviceAccountKeys.get` on the account. */
  getServiceAccountKey(
    request: requests.GetServiceAccountKeyRequest,
    options?: CallOptions,
  ): Promise<resources.ServiceAccountKey> {
    return this.call(methods.getServiceAccountKey, request, options);
  }

  /**
   * Makes a key; `privateKeyData` is in this answer and never again. Needs `iam.serviceAccountKeys.create` on the account. Not repeated
   * by itself: a lost answer would leave a key behind that nobody has.
   */
  createServiceAccountKey(
    request: requests.CreateServiceAccountKeyRequest,
    options?: CallOptions,
  ): Promise<resources.ServiceAccountKey> {
    return this.call(methods.createServiceAccountKey, request, options);
  }

  /** Makes a key of the public half of one's own. Needs `iam.serviceAccountKeys.create` on the account. */
  uploadServiceAccountKey(
    request: requests.UploadServiceAccountKeyRequest,
    options?: CallOptions,
  ): Promise<resources.ServiceAccountKey> {
    return this.call(methods.uploadServiceAccountKey, request, options);
  }

  /** Deletes a key. Tokens that were had with it live on. Needs `iam.serviceAccountKeys.delete` on the account. */
  deleteServiceAccountKey(request: requests.KeyRequest, options?: CallOptions): Promise<void> {
    return this.call(methods.deleteServiceAccountKey, request, options);
  }

  /** Switches a key off. Needs `iam.serviceAccountKeys.disable` on the account. */
  disableServiceAccountKey(request: requests.KeyRequest, options?: CallOptions): Promise<void> {
    return this.call(methods.disableServiceAccountKey, request, options);
  }

  /** Switches a key on again. Needs `iam.serviceAccountKeys.enable` on the account. */
  enableServiceAccountKey(request: requests.KeyRequest, options?: CallOptions): Promise<void> {
    return this.call(methods.enableServiceAccountKey, request, options);
  }

  /**
   * Signs bytes with an account's system-managed key.
   *
   * @deprecated by the service; use `signBlob` of IAMCredentialsAsyncClient
   */
  signBlob(request: requests.SignBlobRequest, options?: CallOptions): Promise<responses.SignBlobResponse> {
    return this.call(methods.signBlob, request, options);
  }

  /**
   * Signs a claims set with an account's system-managed key.
   *
   * @deprecated by the service; use `signJwt` of IAMCredentialsAsyncClient
   */
  signJwt(request: requests.SignJwtRequest, options?: CallOptions): Promise<responses.SignJwtResponse> {
    return this.call(methods.signJwt, request, options);
  }

  /** Reads who may do what with an account. Needs `iam.serviceAccounts.getIamPolicy` on it. */
  getIamPolicy(request: requests.GetIamPolicyRequest, options?: CallOptions): Promise<resources.Policy> {
    return this.call(methods.getIamPolicy, request, options);
  }

  /** Writes who may do what with an account, all of it. Needs `iam.serviceAccounts.setIamPolicy` on it. */
  setIamPolicy(request: requests.SetIamPolicyRequest, options?: CallOptions): Promise<resources.Policy> {
    return this.call(methods.setIamPolicy, request, options);
  }

  /** Which of some permissions the caller has on an account. Needs none. */
  testIamPermissions(
    request: requests.TestIamPermissionsRequest,
    options?: CallOptions,
  ): Promise<responses.TestIamPermissionsResponse> {
    return this.call(methods.testIamPermissions, request, options);
  }

  /** The roles that can be granted on a resource, fetched page by page while they are read. */
  queryGrantableRoles(
    request: requests.QueryGrantableRolesRequest,
    options?: CallOptions,
  ): PagedList<resources.Role, responses.QueryGrantableRolesResponse> {
    return this.list(methods.queryGrantableRoles, request, options);
  }

  /**
   * The predefined roles, or the custom roles of a project or organization, fetched page by page while they are read. Custom roles need
   * `iam.roles.list` there.
   */
  listRoles(
    request: requests.ListRolesRequest = {},
    options?: CallOptions,
  ): PagedList<resources.Role, responses.ListRolesResponse> {
    return this.list(methods.listRoles, request, options);
  }

  /** Reads a role, with its permissions. A custom one needs `iam.roles.get` on its project or organization. */
  getRole(request: requests.GetRoleRequest, options?: CallOptions): Promise<resources.Role> {
    return this.call(methods.getRole, request, options);
  }

  /** Makes a custom role. Needs `iam.roles.create` on the project or organization. */
  createRole(request: requests.CreateRoleRequest, options?: CallOptions): Promise<resources.Role> {
    return this.call(methods.createRole, request, options);
  }

  /** Writes fields of a custom role. Needs `iam.roles.update` on its project or organization. */
  updateRole(request: requests.UpdateRoleRequest, options?: CallOptions): Promise<resources.Role> {
    return this.call(methods.updateRole, request, options);
  }

  /** Deletes a custom role, for good after 7 days; its bindings stay and give nothing. Needs `iam.roles.delete`. */
  deleteRole(request: requests.RoleStateRequest, options?: CallOptions): Promise<resources.Role> {
    return this.call(methods.deleteRole, request, options);
  }

  /** Brings back a custom role that was deleted less than 7 days ago. Needs `iam.roles.undelete`. */
  undeleteRole(request: requests.RoleStateRequest, options?: CallOptions): Promise<resources.Role> {
    return this.call(methods.undeleteRole, request, options);
  }

  /** The permissions that can be tested on a resource, fetched page by page while they are read. */
  queryTestablePermissions(
    request: requests.QueryTestablePermissionsRequest,
    options?: CallOptions,
  ): PagedList<resources.Permission, responses.QueryTestablePermissionsResponse> {
    return this.list(methods.queryTestablePermissions, request, options);
  }

  /** The services whose use can be written down for a resource. */
  queryAuditableServices(
    request: requests.ResourceRequest,
    options?: CallOptions,
  ): Promise<responses.QueryAuditableServicesResponse> {
    return this.call(methods.queryAuditableServices, request, options);
  }

  /** Looks for mistakes in a condition before it is granted. */
  lintPolicy(request: requests.LintPolicyRequest, options?: CallOptions): Promise<responses.LintPolicyResponse> {
    return this.call(methods.lintPolicy, request, options);
  }
}
