// SPDX-License-Identifier: Apache-2.0
// The client: which row of the table an RPC is. What takes several calls is in access-policy/, keys/ and chain/. Decides nothing.

import * as bindings from "../access-policy/change-binding.js";
import type { Policy, TestIamPermissionsResponse } from "../access-policy/policy-message.js";
import type { RoleBinding, RoleBindingFilter } from "../access-policy/role-binding.js";
import { type PolicyModifier, type PolicyTools, updatePolicy } from "../access-policy/update-policy.js";
import type { ServiceAccountInfo } from "../auth/service-account.js";
import { ClientBase } from "../client/client-base.js";
import type { ClientOptions } from "../client/client-options.js";
import type { CloseOptions } from "../client/client-session.js";
import { buildStatics } from "../client/service-statics.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { PagedList } from "../rpc/paging.js";
import type { ChainReport, CheckChainRequest } from "./chain/chain-report.js";
import { checkChain } from "./chain/check-chain.js";
import { CredentialsSession } from "./chain/credentials-session.js";
import * as grants from "./chain/grant-token-creator.js";
import { memberOfCredentials } from "./chain/hops.js";
import type { TokenCreatorGrant } from "./chain/token-creator-grant.js";
import * as createKey from "./keys/create-key.js";
import type { KeyReport, KeySummary } from "./keys/key-report.js";
import * as readKeys from "./keys/read-keys.js";
import type { ServiceAccountKey } from "./keys/service-account-key.js";
import * as methods from "./methods.js";
import { normalizeAccountName } from "./request-checks.js";
import type * as requests from "./requests.js";
import * as names from "./resource-names.js";
import type * as resources from "./resources.js";
import type * as responses from "./responses.js";

/**
 * Administers service accounts, their keys and policies, and custom roles. Make one and keep it; it connects at its first call.
 *
 * A mistake in a request is a RequestError that names the field, before anything is sent: a promise rejects with it, a list throws it
 * at once. Then there is RpcError, when the service says no, and CredentialsError, without a token to call with.
 *
 * Source: google.iam.admin.v1.IAM; Python's `IAMAsyncClient` is the model.
 *
 * @example
 * const client = new IAMAsyncClient();
 * for await (const account of client.listServiceAccounts({ name: "projects/my-project" })) console.log(account.email);
 */
export class IAMAsyncClient extends ClientBase {
  readonly #credentials: CredentialsSession;
  readonly #tools: grants.GrantTools & PolicyTools & { readonly calls: IAMAsyncClient };

  /** @throws ConfigurationError naming the option or variable that is wrong */
  constructor(options: ClientOptions = {}) {
    super(methods.IAM, options);
    this.#credentials = new CredentialsSession(options);
    this.#tools = {
      ...{ context: this.context, calls: this, session: this.#credentials, label: "IAM.SetIamPolicy" },
      ...{ self: memberOfCredentials(options.credentials), normalizeResource: normalizeAccountName },
    };
  }

  static readonly #statics = buildStatics(methods.IAM, (options) => new IAMAsyncClient(options));
  /** The host in the default universe: `"iam.googleapis.com"`. */
  static readonly DEFAULT_ENDPOINT = IAMAsyncClient.#statics.DEFAULT_ENDPOINT;
  /** The host for mutual TLS: `"iam.mtls.googleapis.com"`. */
  static readonly DEFAULT_MTLS_ENDPOINT = IAMAsyncClient.#statics.DEFAULT_MTLS_ENDPOINT;
  /** {@link ServiceStatics.fromServiceAccountFile} */
  static readonly fromServiceAccountFile = IAMAsyncClient.#statics.fromServiceAccountFile;
  /** {@link ServiceStatics.fromServiceAccountJson} */
  static readonly fromServiceAccountJson = IAMAsyncClient.#statics.fromServiceAccountJson;
  /** {@link ServiceStatics.fromServiceAccountInfo} */
  static readonly fromServiceAccountInfo = IAMAsyncClient.#statics.fromServiceAccountInfo;
  /** {@link ServiceStatics.getMtlsEndpointAndCertSource} */
  static readonly getMtlsEndpointAndCertSource = IAMAsyncClient.#statics.getMtlsEndpointAndCertSource;
  /** {@link ServiceStatics.explainEndpoint} */
  static readonly explainEndpoint = IAMAsyncClient.#statics.explainEndpoint;

  /** {@link names.serviceAccountPath} */
  static readonly serviceAccountPath = names.serviceAccountPath;
  /** {@link names.keyPath} */
  static readonly keyPath = names.keyPath;
  /** {@link names.parseServiceAccountPath} */
  static readonly parseServiceAccountPath = names.parseServiceAccountPath;
  /** {@link names.parseKeyPath} */
  static readonly parseKeyPath = names.parseKeyPath;

  /** The service accounts of a project, fetched page by page while they are read. Needs `iam.serviceAccounts.list` on the project. */
  listServiceAccounts(
    request: requests.ListServiceAccountsRequest,
    options?: CallOptions,
  ): PagedList<resources.ServiceAccount, responses.ListServiceAccountsResponse> {
    return this.list(methods.listServiceAccounts, request, options);
  }

  /** Reads an account. Needs `iam.serviceAccounts.get` on it. */
  getServiceAccount(request: requests.ServiceAccountRequest, options?: CallOptions): Promise<resources.ServiceAccount> {
    return this.call(methods.getServiceAccount, request, options);
  }

  /** Makes an account. Needs `iam.serviceAccounts.create` on the project. Not retried automatically: a second try would find it there. */
  createServiceAccount(
    request: requests.CreateServiceAccountRequest,
    options?: CallOptions,
  ): Promise<resources.ServiceAccount> {
    return this.call(methods.createServiceAccount, request, options);
  }

  /** Writes an account's display name; prefer {@link IAMAsyncClient.patchServiceAccount}. Needs `iam.serviceAccounts.update` on it. */
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
  deleteServiceAccount(request: requests.ServiceAccountRequest, options?: CallOptions): Promise<void> {
    return this.call(methods.deleteServiceAccount, request, options);
  }

  /** Brings back an account, by its unique id, that was deleted less than 30 days ago. Needs `iam.serviceAccounts.undelete`. */
  undeleteServiceAccount(
    request: requests.ServiceAccountRequest,
    options?: CallOptions,
  ): Promise<responses.UndeleteServiceAccountResponse> {
    return this.call(methods.undeleteServiceAccount, request, options);
  }

  /** Switches an account on again. Needs `iam.serviceAccounts.enable` on it. */
  enableServiceAccount(request: requests.ServiceAccountRequest, options?: CallOptions): Promise<void> {
    return this.call(methods.enableServiceAccount, request, options);
  }

  /** Switches an account off: nobody can act as it. Needs `iam.serviceAccounts.disable` on it. */
  disableServiceAccount(request: requests.ServiceAccountRequest, options?: CallOptions): Promise<void> {
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
  ): Promise<ServiceAccountKey> {
    return this.call(methods.getServiceAccountKey, request, options);
  }

  /**
   * Makes a key; `privateKeyData` is in this answer and never again. Needs `iam.serviceAccountKeys.create` on the account. Not retried
   * automatically: a lost answer would leave a key behind that nobody has.
   */
  createServiceAccountKey(
    request: requests.CreateServiceAccountKeyRequest,
    options?: CallOptions,
  ): Promise<ServiceAccountKey> {
    return this.call(methods.createServiceAccountKey, request, options);
  }

  /** Makes a key from the public half of your own. Needs `iam.serviceAccountKeys.create` on the account. */
  uploadServiceAccountKey(
    request: requests.UploadServiceAccountKeyRequest,
    options?: CallOptions,
  ): Promise<ServiceAccountKey> {
    return this.call(methods.uploadServiceAccountKey, request, options);
  }

  /** Deletes a key. Tokens obtained with it stay valid. Needs `iam.serviceAccountKeys.delete` on the account. */
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

  /** Signs bytes with an account's system-managed key. @deprecated by the service; use `signBlob` of IAMCredentialsAsyncClient */
  signBlob(request: requests.SignBlobRequest, options?: CallOptions): Promise<responses.SignBlobResponse> {
    return this.call(methods.signBlob, request, options);
  }

  /** Signs a claims set with an account's system-managed key. @deprecated by the service; use `signJwt` of IAMCredentialsAsyncClient */
  signJwt(request: requests.SignJwtRequest, options?: CallOptions): Promise<responses.SignJwtResponse> {
    return this.call(methods.signJwt, request, options);
  }

  /** Reads who may do what with an account. Needs `iam.serviceAccounts.getIamPolicy` on it. */
  getIamPolicy(request: requests.GetIamPolicyRequest, options?: CallOptions): Promise<Policy> {
    return this.call(methods.getIamPolicy, request, options);
  }

  /** Writes who may do what with an account, all of it. Needs `iam.serviceAccounts.setIamPolicy` on it. */
  setIamPolicy(request: requests.SetIamPolicyRequest, options?: CallOptions): Promise<Policy> {
    return this.call(methods.setIamPolicy, request, options);
  }

  /** Which of some permissions the caller has on an account. Needs none. */
  testIamPermissions(
    request: requests.TestIamPermissionsRequest,
    options?: CallOptions,
  ): Promise<TestIamPermissionsResponse> {
    return this.call(methods.testIamPermissions, request, options);
  }

  /** The roles that can be granted on a resource, fetched page by page while they are read. */
  queryGrantableRoles(
    request: requests.QueryGrantableRolesRequest,
    options?: CallOptions,
  ): PagedList<resources.Role, responses.QueryGrantableRolesResponse> {
    return this.list(methods.queryGrantableRoles, request, options);
  }

  /** The predefined roles, or the custom ones of a project or organization, page by page. Custom roles need `iam.roles.list` there. */
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

  /** The services whose use can be audit-logged for a resource. */
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

  /** Closes what this client has opened. @throws ConfigurationError when the grace period is not a number of milliseconds */
  override async close(options: CloseOptions = {}): Promise<void> {
    await Promise.all([super.close(options), this.#credentials.close(options)]);
  }

  /**
   * Changes the policy of a service account: reads it as version 3, has it changed, and writes it. When somebody else wrote it in between,
   * all of that is done again, starting with the read, until the call's `timeout` is spent (60 s by default). An etag is never sent twice,
   * and what `modify` leaves alone stays as it is. Nothing is written when nothing is changed. `retry` says what besides a conflict starts
   * it over, and with which delays; `false`: nothing does, not even a conflict. Needs `iam.serviceAccounts.getIamPolicy` and
   * `.setIamPolicy` on the account.
   *
   * @param resource the account: `projects/{project or -}/serviceAccounts/{email or unique id}`, the e-mail address or the unique id
   * @param modify gets a copy of the policy and returns what it should become; called once per attempt
   * @returns the policy as it stands now
   * @throws RequestError when the account's name is not one, or what `modify` returns is not a policy; RpcError; what `modify` throws
   *
   * @example
   * await client.updatePolicy(robot, (policy) => addToPolicy(removeFromPolicy(policy, old), { role, member }));
   */
  async updatePolicy(resource: string, modify: PolicyModifier, options?: CallOptions): Promise<Policy> {
    return (await updatePolicy(this.#tools, { resource, modify, options })).policy;
  }

  /**
   * Gives a member a role on a service account, as `gcloud iam service-accounts add-iam-policy-binding` does: it joins the binding of
   * the same role and condition, or makes one. A read-modify-write like {@link IAMAsyncClient.updatePolicy}.
   */
  addBinding(resource: string, binding: RoleBinding, options?: CallOptions): Promise<bindings.BindingChange> {
    return bindings.addBinding(this.#tools, { resource, binding, options });
  }

  /**
   * Takes a role from a member of a service account's policy, as `gcloud iam service-accounts remove-iam-policy-binding` does: from the
   * binding of the same condition alone (`condition: "any"`: from all of the role), which is removed with its last member. One that is not
   * there is not an error. A read-modify-write like {@link IAMAsyncClient.updatePolicy}.
   */
  removeBinding(resource: string, binding: RoleBindingFilter, options?: CallOptions): Promise<bindings.BindingChange> {
    return bindings.removeBinding(this.#tools, { resource, binding, options });
  }

  /**
   * Whether the policy of a service account names a member for a role. What comes through groups, custom roles or the project's policy is
   * not in it: {@link IAMAsyncClient.checkChain} and `testIamPermissions` tell what applies.
   */
  hasBinding(resource: string, binding: RoleBindingFilter, options?: CallOptions): Promise<boolean> {
    return bindings.hasBinding(this, { resource, binding, options });
  }

  /**
   * Makes a key of a service account, and hands it out as the contents of a credentials file, ready for `fromServiceAccountInfo`; as PKCS
   * #12; or written to a `file` that only its owner may read. The private key is nowhere else, and Google keeps no copy. When the file
   * cannot be written, the key is deleted again. Needs `iam.serviceAccountKeys.create` on the account. Not retried automatically, and an
   * aborted call may leave a key behind: {@link IAMAsyncClient.listKeys} shows it.
   *
   * @throws KeyLimitError when the account has all ten keys that it may have (if they may be listed: `iam.serviceAccountKeys.list`)
   *
   * @example
   * const client = IAMCredentialsAsyncClient.fromServiceAccountInfo(await admin.createKey({ name: robot }));
   */
  createKey(request: createKey.KeyFileRequest, options?: CallOptions): Promise<createKey.WrittenKey>;
  createKey(request: createKey.Pkcs12KeyRequest, options?: CallOptions): Promise<createKey.Pkcs12Key>;
  createKey(request: createKey.KeyInfoRequest, options?: CallOptions): Promise<ServiceAccountInfo>;
  createKey(request: createKey.CreateKeyRequest, options?: CallOptions): Promise<createKey.CreatedKey>;
  createKey(request: createKey.CreateKeyRequest, options?: CallOptions): Promise<createKey.CreatedKey> {
    return createKey.createKey(this.#tools, request, options);
  }

  /** A key of a service account with its public half: a certificate, or the key alone. Needs `iam.serviceAccountKeys.get`. */
  getKey(request: readKeys.GetKeyRequest, options?: CallOptions): Promise<readKeys.PublicKeyView> {
    return readKeys.getKey(this.#tools, request, options);
  }

  /** The keys of a service account, or those of some types, with their ages, oldest first. Needs `iam.serviceAccountKeys.list`. */
  listKeys(request: readKeys.ListKeysRequest, options?: CallOptions): Promise<readonly KeySummary[]> {
    return readKeys.listKeys(this.#tools, request, options);
  }

  /**
   * How many user-managed keys a service account has of the ten that it may have, and which could go: `10 of 10 user-managed keys,
   * oldest unused …`. Needs `iam.serviceAccountKeys.list`.
   */
  keyReport(request: Pick<readKeys.ListKeysRequest, "name">, options?: CallOptions): Promise<KeyReport> {
    return readKeys.getKeyReport(this.#tools, request, options);
  }

  /**
   * Finds out hop by hop whether the identity that this client calls as can act as `target`, directly or through `delegates`, and what
   * fixes it: by testIamPermissions as the identity before a hop, by reading account and policy, and where it may do neither, by asking for
   * a token or signature that is thrown away. Changes nothing. Beyond a broken hop it goes on where it may.
   *
   * The credentials API is called at the host that goes with this client's own, or at the same host if that is an emulator's. An
   * RpcError means that nothing could be asked.
   */
  checkChain(request: CheckChainRequest, options?: CallOptions): Promise<ChainReport> {
    return checkChain(this.#tools, request, options);
  }

  /**
   * Grants everything that `caller` needs to act as `target`, directly or through `delegates`: the role Service Account Token Creator
   * to each on the next (for ID tokens alone, Service Account OpenID Connect Identity Token Creator on `target`), says what was
   * there already, and waits until it is in effect. Needs `iam.serviceAccounts.getIamPolicy` and `.setIamPolicy` on each account.
   *
   * @throws RequestError naming the field that is wrong, before anything is sent; RpcError when nothing was granted; GrantError, with
   *   what was granted, when something failed after that or was not in effect in time; the reason of the signal
   *
   * @example
   * const grant = await client.grantTokenCreator({ caller: "user:dana@example.com", target: robot, delegates: [build] });
   * console.log(grant.hops.map(({ member, isAdded }) => `${member}: ${isAdded ? "added" : "was there"}`), grant.effect);
   * await grant.takeBack();
   */
  grantTokenCreator(
    request: grants.GrantTokenCreatorRequest,
    options?: grants.GrantTokenCreatorOptions,
  ): Promise<TokenCreatorGrant> {
    return grants.grantTokenCreator(this.#tools, request, options);
  }
}
