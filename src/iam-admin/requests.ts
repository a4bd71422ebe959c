// SPDX-License-Identifier: Apache-2.0
// What a caller may write for each method. The rows of methods.ts say which checks hold for which field.

import type { GetPolicyOptions, NewExpr, NewPolicy } from "../access-policy/policy-message.js";
import type { NewerValue } from "../messages/plain-messages.js";
import type { KeyAlgorithm, KeyType, PrivateKeyType, PublicKeyType } from "./keys/service-account-key.js";
import type { RoleLaunchStage, RoleView, ServiceAccount } from "./resources.js";

/** What the request for a paged list has. Source: AIP-158. */
export interface ListRequest {
  /** The most items a page may have. Default: the service's, which also has a limit of its own. */
  readonly pageSize?: number | undefined;
  /** Where to continue: the `nextPageToken` of a page of the same list. Default: at the start. */
  readonly pageToken?: string | undefined;
}

/** A request for one service account. */
export interface ServiceAccountRequest {
  /**
   * `projects/{project}/serviceAccounts/{email or unique id}`, where the project may be `-`, the e-mail address or the unique id.
   * With `-`, or without a project, the service says PERMISSION_DENIED of an account that does not exist, not NOT_FOUND. Required.
   */
  readonly name: string;
}

/** A request for one key. */
export interface KeyRequest {
  /** `projects/{project}/serviceAccounts/{email or unique ID}/keys/{key ID}`, where the project may be `-`. Required. */
  readonly name: string;
}

/** Asks for the accounts of a project. Source: google.iam.admin.v1.ListServiceAccountsRequest. */
export interface ListServiceAccountsRequest extends ListRequest {
  /** `projects/{project}`, or the project's id. Required. */
  readonly name: string;
}

/** What can be set on an account when it is created. */
export interface NewServiceAccount {
  /** A name for people, at most 100 bytes. Default: none. */
  readonly displayName?: string | undefined;
  /** What it is for, at most 256 bytes. Default: none. */
  readonly description?: string | undefined;
}

/** Makes an account. Source: google.iam.admin.v1.CreateServiceAccountRequest. */
export interface CreateServiceAccountRequest {
  /** `projects/{project}`, or the project's id. Required. */
  readonly name: string;
  /** What its address begins with: 6 to 30 lower-case letters, digits and dashes, a letter first. Required. */
  readonly accountId: string;
  /** Its names. Default: none. */
  readonly serviceAccount?: NewServiceAccount | undefined;
}

/** Writes an account's display name. Source: google.iam.admin.v1.ServiceAccount. */
export interface UpdateServiceAccountRequest extends ServiceAccountRequest, Partial<Omit<ServiceAccount, "name">> {}

/** Writes some fields of an account. Source: google.iam.admin.v1.PatchServiceAccountRequest. */
export interface PatchServiceAccountRequest {
  /** Which account, and its new names. Required. */
  readonly serviceAccount: ServiceAccountRequest & Partial<Omit<ServiceAccount, "name">>;
  /** Which of them are written: `displayName`, `description`. Default: those that are given. */
  readonly updateMask?: readonly string[] | undefined;
}

/** Asks for the keys of an account. Source: google.iam.admin.v1.ListServiceAccountKeysRequest. */
export interface ListServiceAccountKeysRequest extends ServiceAccountRequest {
  /** Which kinds, each once. Default: all. */
  readonly keyTypes?: readonly Exclude<KeyType, "KEY_TYPE_UNSPECIFIED">[] | undefined;
}

/** Asks for one key. Source: google.iam.admin.v1.GetServiceAccountKeyRequest. */
export interface GetServiceAccountKeyRequest extends KeyRequest {
  /** The format in which to return its public half. Default: `TYPE_NONE`, it is not returned. */
  readonly publicKeyType?: PublicKeyType | undefined;
}

/** Makes a key. Source: google.iam.admin.v1.CreateServiceAccountKeyRequest. */
export interface CreateServiceAccountKeyRequest extends ServiceAccountRequest {
  /** The format in which to return the private key. Default: `TYPE_GOOGLE_CREDENTIALS_FILE`. */
  readonly privateKeyType?: PrivateKeyType | undefined;
  /** Algorithm and size. Default: `KEY_ALG_RSA_2048`, by the service. */
  readonly keyAlgorithm?: KeyAlgorithm | undefined;
}

/** Makes a key of a public half. Source: google.iam.admin.v1.UploadServiceAccountKeyRequest. */
export interface UploadServiceAccountKeyRequest extends ServiceAccountRequest {
  /** An X.509 certificate in PEM form with an RSA key. Required. */
  readonly publicKeyData: Uint8Array;
}

/** Asks for a signature. Source: google.iam.admin.v1.SignBlobRequest. */
export interface SignBlobRequest extends ServiceAccountRequest {
  /** The bytes. Required. */
  readonly bytesToSign: Uint8Array;
}

/** Asks for a signed JSON Web Token. Source: google.iam.admin.v1.SignJwtRequest. */
export interface SignJwtRequest extends ServiceAccountRequest {
  /** The claims: a plain object, or a JSON object as text, which is signed as it is. Required. */
  readonly payload: string | Readonly<Record<string, unknown>>;
}

/** A request for the policy of an account. */
export interface PolicyRequest {
  /** The account, in the forms of {@link ServiceAccountRequest}. Required. */
  readonly resource: string;
}

/** Asks for a policy. Source: google.iam.v1.GetIamPolicyRequest. */
export interface GetIamPolicyRequest extends PolicyRequest {
  /** How to answer. Default: as version 1, without conditions. */
  readonly options?: GetPolicyOptions | undefined;
}

/** Writes a policy, all of it. Source: google.iam.v1.SetIamPolicyRequest. */
export interface SetIamPolicyRequest extends PolicyRequest {
  /** The policy. Required. */
  readonly policy: NewPolicy;
  /** Which of its fields are written. Default: `bindings` and `etag`, by the service. */
  readonly updateMask?: readonly string[] | undefined;
}

/** Asks which permissions the caller has. Source: google.iam.v1.TestIamPermissionsRequest. */
export interface TestIamPermissionsRequest extends PolicyRequest {
  /** Which to look at, without wildcards: `["iam.serviceAccounts.actAs"]`. Required. */
  readonly permissions: readonly string[];
}

/** A request about any resource of Google Cloud. */
export interface ResourceRequest {
  /** Its full name: `//cloudresourcemanager.googleapis.com/projects/my-project`. Required. */
  readonly fullResourceName: string;
}

/** Asks which roles can be granted on a resource. Source: google.iam.admin.v1.QueryGrantableRolesRequest. */
export interface QueryGrantableRolesRequest extends ResourceRequest, ListRequest {
  /** Whether the roles come with their permissions (`FULL`). Default: `BASIC`, without. */
  readonly view?: RoleView | undefined;
}

/** Asks for roles. Source: google.iam.admin.v1.ListRolesRequest. */
export interface ListRolesRequest extends ListRequest {
  /** Whose custom roles: `projects/{project}` or `organizations/{number}`. Default: the predefined roles. */
  readonly parent?: string | undefined;
  /** Whether the roles come with their permissions (`FULL`). Default: `BASIC`, without. */
  readonly view?: RoleView | undefined;
  /** Whether deleted ones are included. Default: false. */
  readonly showDeleted?: boolean | undefined;
}

/** A request for one role, predefined or custom. Source: google.iam.admin.v1.GetRoleRequest. */
export interface GetRoleRequest {
  /** `roles/…`, `projects/{project}/roles/…` or `organizations/{number}/roles/…`. Required. */
  readonly name: string;
}

/** A role as a caller writes it; one that was read fits. Source: google.iam.admin.v1.Role. */
export interface NewRole {
  /** Ignored by the service. Default: none. */
  readonly name?: string | undefined;
  /** A name for people, at most 100 bytes. Default: none. */
  readonly title?: string | undefined;
  /** What it is for, at most 256 characters. Default: none. */
  readonly description?: string | undefined;
  /** Its permissions. Default: none. */
  readonly includedPermissions?: readonly string[] | undefined;
  /** Its launch stage. Default: `ALPHA`. */
  readonly stage?: RoleLaunchStage | NewerValue | undefined;
  /** That of the role that was read: the service then refuses to overwrite another's change. Default: it overwrites it. */
  readonly etag?: Uint8Array | undefined;
  /** Ignored by the service. Default: false. */
  readonly deleted?: boolean | undefined;
}

/** Makes a custom role. Source: google.iam.admin.v1.CreateRoleRequest. */
export interface CreateRoleRequest {
  /** `projects/{project}` or `organizations/{number}`. Required. */
  readonly parent: string;
  /** What its name ends in: 3 to 64 letters, digits, underscores and dots. Required. */
  readonly roleId: string;
  /** What it is. Required. */
  readonly role: NewRole;
}

/** A request for one custom role. */
export interface CustomRoleRequest {
  /** `projects/{project}/roles/…` or `organizations/{number}/roles/…`. Required. */
  readonly name: string;
}

/** Writes a custom role. Source: google.iam.admin.v1.UpdateRoleRequest. */
export interface UpdateRoleRequest extends CustomRoleRequest {
  /** Its new fields. Required. */
  readonly role: NewRole;
  /** Which of them are written: `title`, `description`, `includedPermissions`, `stage`. Default: those that are given. */
  readonly updateMask?: readonly string[] | undefined;
}

/** Deletes a custom role, or takes that back. Source: google.iam.admin.v1.DeleteRoleRequest and UndeleteRoleRequest. */
export interface RoleStateRequest extends CustomRoleRequest {
  /** That of the role that was read: the service then refuses if it has changed since. Default: it does not check. */
  readonly etag?: Uint8Array | undefined;
}

/** Asks which permissions can be tested on a resource. Source: google.iam.admin.v1.QueryTestablePermissionsRequest. */
export interface QueryTestablePermissionsRequest extends ResourceRequest, ListRequest {}

/** Looks for mistakes in a condition. Source: google.iam.admin.v1.LintPolicyRequest. */
export interface LintPolicyRequest {
  /** The resource that the condition is meant for. Default: none, it is checked by itself. */
  readonly fullResourceName?: string | undefined;
  /** The condition. Required. */
  readonly condition: NewExpr;
}
