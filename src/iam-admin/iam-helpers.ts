// SPDX-License-Identifier: Apache-2.0
// What takes more than one RPC: changes of policies that lose nothing, keys as files, delegation chains. Each method is a line here,
// and stands in a file of its own beneath policy/, keys/ and chain/.

import type { ServiceAccountInfo } from "../auth/service-account.js";
import type { ClientOptions } from "../client/client-options.js";
import type { CloseOptions } from "../client/client-session.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { ServiceDescription } from "../rpc/method.js";
import { type ChainReport, type ChainTools, type CheckChainRequest, checkChain } from "./chain/check-chain.js";
import { CredentialsSession } from "./chain/credentials-session.js";
import {
  type GrantTokenCreatorOptions,
  type GrantTokenCreatorRequest,
  grantTokenCreator,
} from "./chain/grant-token-creator.js";
import { memberOfCredentials } from "./chain/hops.js";
import type { TokenCreatorGrant } from "./chain/token-creator-grant.js";
import { IAMMethods } from "./iam-methods.js";
import {
  type CreatedKey,
  type CreateKeyRequest,
  createKey,
  type Pkcs12Key,
  type WrittenKey,
} from "./keys/create-key.js";
import type { KeyReport, KeySummary } from "./keys/key-report.js";
import {
  type GetKeyRequest,
  getKey,
  getKeyReport,
  type ListKeysRequest,
  listKeys,
  type PublicKeyView,
} from "./keys/read-keys.js";
import { addToPolicy, policyHasBinding, removeFromPolicy } from "./policy/edit-policy.js";
import { checkRoleBinding, type RoleBinding, type RoleBindingFilter } from "./policy/role-binding.js";
import { type PolicyModifier, updatePolicy } from "./policy/update-policy.js";
import { normalizeAccountName } from "./request-checks.js";
import type { Policy } from "./resources.js";

/** What adding or removing a binding did. */
export interface BindingChange {
  /** Whether the policy had to be changed; `false`: it was so already, and nothing was written. */
  readonly isChanged: boolean;
  /** The policy as it stands now. */
  readonly policy: Policy;
}

/** The RPCs of the service, and what people do with several of them. */
export class IAMHelpers extends IAMMethods {
  readonly #credentials: CredentialsSession;
  readonly #self: string | undefined;

  /** @throws ConfigurationError naming the option or variable that is wrong */
  constructor(service: ServiceDescription, options: ClientOptions) {
    super(service, options);
    this.#credentials = new CredentialsSession(options);
    this.#self = memberOfCredentials(options.credentials);
  }

  /** Closes what this client has opened. @throws ConfigurationError when the grace period is no number of milliseconds */
  override async close(options: CloseOptions = {}): Promise<void> {
    await Promise.all([super.close(options), this.#credentials.close(options)]);
  }

  /**
   * Changes the policy of a service account: reads it as version 3, has it changed, and writes it. When somebody else wrote it in
   * between, all of that again, from the reading on, until the call's `timeout` is spent (60 s by default). An etag is never sent
   * twice, and what `modify` leaves alone stays as it is. Nothing is written when nothing is changed.
   *
   * `retry` says what else than a conflict begins the whole anew, and with which delays; `false`: nothing does, a conflict neither.
   * Needs `iam.serviceAccounts.getIamPolicy` and `.setIamPolicy` on the account.
   *
   * @param resource the account: `projects/{project or -}/serviceAccounts/{email or unique id}`, the e-mail address or the unique id
   * @param modify gets a copy of the policy and returns what shall stand there; called once per attempt
   * @returns the policy as it stands now
   * @throws RequestError when the account's name is none, or what `modify` returns no policy; RpcError; what `modify` throws
   *
   * @example
   * await client.updatePolicy(robot, (policy) => addToPolicy(removeFromPolicy(policy, old), { role, member }));
   */
  async updatePolicy(resource: string, modify: PolicyModifier, options?: CallOptions): Promise<Policy> {
    return (await this.#update(resource, modify, options)).policy;
  }

  #update(resource: string, modify: PolicyModifier, options: CallOptions | undefined) {
    return updatePolicy(this.context, this, normalizeAccountName(resource, "resource"), modify, options);
  }

  /**
   * Gives a member a role on a service account, as `gcloud iam service-accounts add-iam-policy-binding` does: it joins the binding of
   * the same role and condition, or makes one. A read-modify-write like {@link IAMHelpers.updatePolicy}.
   *
   * @throws RequestError naming the field that is wrong, before anything is sent; RpcError
   */
  async addBinding(resource: string, binding: RoleBinding, options?: CallOptions): Promise<BindingChange> {
    checkRoleBinding(binding, false);
    const { policy, isWritten } = await this.#update(resource, (each) => addToPolicy(each, binding), options);
    return { isChanged: isWritten, policy };
  }

  /**
   * Takes a role from a member of a service account's policy, as `gcloud iam service-accounts remove-iam-policy-binding` does: from
   * the binding of the same condition alone (`condition: "any"`: from all of the role), which goes with its last member. One that is
   * not there is no mistake. A read-modify-write like {@link IAMHelpers.updatePolicy}.
   *
   * @throws RequestError naming the field that is wrong, before anything is sent; RpcError
   */
  async removeBinding(resource: string, binding: RoleBindingFilter, options?: CallOptions): Promise<BindingChange> {
    checkRoleBinding(binding, true);
    const { policy, isWritten } = await this.#update(resource, (each) => removeFromPolicy(each, binding), options);
    return { isChanged: isWritten, policy };
  }

  /**
   * Whether the policy of a service account names a member for a role. What comes by way of groups, custom roles or the project's
   * policy is not in it: {@link IAMHelpers.checkChain} and `testIamPermissions` ask what counts.
   *
   * @throws RequestError naming the field that is wrong, before anything is sent; RpcError
   */
  async hasBinding(resource: string, binding: RoleBindingFilter, options?: CallOptions): Promise<boolean> {
    checkRoleBinding(binding, true);
    return policyHasBinding(
      await this.getIamPolicy({ resource, options: { requestedPolicyVersion: 3 } }, options),
      binding,
    );
  }

  /**
   * Makes a key of a service account, and hands it out as the contents of a credentials file, ready for `fromServiceAccountInfo`; as
   * PKCS #12; or written to a `file` that its owner alone may read. The private key is nowhere else, and Google keeps no copy. When
   * the file cannot be written, the key is deleted again. Needs `iam.serviceAccountKeys.create` on the account.
   *
   * Not repeated by itself, and an aborted call may leave a key behind: {@link IAMHelpers.listKeys} shows it.
   *
   * @throws RequestError, for a `file` that exists before anything is sent; KeyLimitError when the account has all ten keys that it
   *   may have (if they may be listed: `iam.serviceAccountKeys.list`); RpcError
   *
   * @example
   * const client = IAMCredentialsAsyncClient.fromServiceAccountInfo(await admin.createKey({ name: robot }));
   */
  createKey(request: CreateKeyRequest & { readonly file: string }, options?: CallOptions): Promise<WrittenKey>;
  createKey(
    request: CreateKeyRequest & { readonly file?: undefined; readonly privateKeyType: "TYPE_PKCS12_FILE" },
    options?: CallOptions,
  ): Promise<Pkcs12Key>;
  createKey(
    request: CreateKeyRequest & {
      readonly file?: undefined;
      readonly privateKeyType?: "TYPE_GOOGLE_CREDENTIALS_FILE" | undefined;
    },
    options?: CallOptions,
  ): Promise<ServiceAccountInfo>;
  createKey(request: CreateKeyRequest, options?: CallOptions): Promise<CreatedKey>;
  createKey(request: CreateKeyRequest, options?: CallOptions): Promise<CreatedKey> {
    return createKey(this.context, this, request, options);
  }

  /**
   * A key of a service account with its public half: a certificate, or the key alone. Needs `iam.serviceAccountKeys.get`.
   *
   * @throws RequestError naming the field that is wrong; RpcError
   */
  getKey(request: GetKeyRequest, options?: CallOptions): Promise<PublicKeyView> {
    return getKey(this.context, this, request, options);
  }

  /**
   * The keys of a service account, or those of some types, with their ages, the oldest first. Needs `iam.serviceAccountKeys.list`.
   *
   * @throws RequestError naming the field that is wrong; RpcError
   */
  listKeys(request: ListKeysRequest, options?: CallOptions): Promise<readonly KeySummary[]> {
    return listKeys(this.context, this, request, options);
  }

  /**
   * How many user-managed keys a service account has of the ten that it may have, and which could go: `10 of 10 user-managed keys,
   * oldest unused …`. Needs `iam.serviceAccountKeys.list`.
   *
   * @throws RequestError naming the field that is wrong; RpcError
   */
  keyReport(request: Pick<ListKeysRequest, "name">, options?: CallOptions): Promise<KeyReport> {
    return getKeyReport(this.context, this, request, options);
  }

  /**
   * Finds out hop by hop whether the identity that this client calls as can act as `target`, directly or through `delegates`. Who
   * stands before a hop is asked by testIamPermissions, in its name; where it cannot be asked, a token or signature is asked for and
   * thrown away. What is missing is named as data and as the gcloud command that grants it. Changes nothing.
   *
   * The credentials API is called at the host that goes with this client's own, or at the same host if that is an emulator's.
   *
   * @throws RequestError naming the field that is wrong; RpcError when nothing could be asked
   */
  async checkChain(request: CheckChainRequest, options?: CallOptions): Promise<ChainReport> {
    return checkChain(this.#chainTools(), request, options);
  }

  #chainTools(): ChainTools {
    return { context: this.context, calls: this, session: this.#credentials, self: this.#self };
  }

  /**
   * Grants everything that `caller` needs to act as `target`, directly or through `delegates`: the role Service Account Token Creator
   * to each on the next (for ID tokens alone, Service Account OpenID Connect Identity Token Creator on `target`), says what was
   * there already, and waits until it is felt. Needs `iam.serviceAccounts.getIamPolicy` and `.setIamPolicy` on each account.
   *
   * @throws RequestError naming the field that is wrong, before anything is sent; RpcError when nothing was granted; GrantError, with
   *   what was granted, when something failed after that or was not felt in time; the reason of the signal
   *
   * @example
   * const grant = await client.grantTokenCreator({ caller: "user:dana@example.com", target: robot, delegates: [build] });
   * console.log(grant.hops.map(({ member, isAdded }) => `${member}: ${isAdded ? "added" : "was there"}`), grant.effect);
   * await grant.takeBack();
   */
  grantTokenCreator(request: GrantTokenCreatorRequest, options?: GrantTokenCreatorOptions): Promise<TokenCreatorGrant> {
    const tools = {
      ...this.#chainTools(),
      updatePolicy: this.updatePolicy.bind(this),
      removeBinding: this.removeBinding.bind(this),
    };
    return grantTokenCreator(tools, request, options);
  }
}
