// SPDX-License-Identifier: Apache-2.0
// The door of the admin API: exports by name, no logic. Errors, options and transports are at the front door.

export type { BindingChange } from "../access-policy/change-binding.js";
export { addToPolicy, policyHasBinding, removeFromPolicy } from "../access-policy/edit-policy.js";
export { checkMember } from "../access-policy/member.js";
export type {
  AuditConfig,
  AuditLogConfig,
  Binding,
  Expr,
  GetPolicyOptions,
  LogType,
  NewBinding,
  NewExpr,
  NewPolicy,
  Policy,
  TestIamPermissionsResponse,
} from "../access-policy/policy-message.js";
export type { BindingCondition, RoleBinding, RoleBindingFilter } from "../access-policy/role-binding.js";
export type { PolicyModifier } from "../access-policy/update-policy.js";
export type { NewerValue } from "../messages/plain-messages.js";
export type { PagedList } from "../rpc/paging.js";
export type { ChainHop, ChainReport, CheckChainRequest, HopEvidence, HopState } from "./chain/chain-report.js";
export type {
  ChainChecker,
  GrantProgress,
  GrantTokenCreatorOptions,
  GrantTokenCreatorRequest,
} from "./chain/grant-token-creator.js";
export type { ChainGrant, ChainPermission, ChainRequest } from "./chain/hops.js";
export { GrantError, type GrantedHop, type TokenCreatorGrant } from "./chain/token-creator-grant.js";
export { IAMAsyncClient } from "./client.js";
export type { CreatedKey, CreateKeyRequest, Pkcs12Key, WrittenKey } from "./keys/create-key.js";
export { KeyLimitError, type KeyReport, type KeySummary } from "./keys/key-report.js";
export type { GetKeyRequest, ListKeysRequest, PublicKeyView } from "./keys/read-keys.js";
export type {
  KeyAlgorithm,
  KeyOrigin,
  KeyType,
  PrivateKeyType,
  PublicKeyType,
  ServiceAccountKey,
} from "./keys/service-account-key.js";
export type {
  CreateRoleRequest,
  CreateServiceAccountKeyRequest,
  CreateServiceAccountRequest,
  CustomRoleRequest,
  GetIamPolicyRequest,
  GetRoleRequest,
  GetServiceAccountKeyRequest,
  KeyRequest,
  LintPolicyRequest,
  ListRequest,
  ListRolesRequest,
  ListServiceAccountKeysRequest,
  ListServiceAccountsRequest,
  NewRole,
  NewServiceAccount,
  PatchServiceAccountRequest,
  PolicyRequest,
  QueryGrantableRolesRequest,
  QueryTestablePermissionsRequest,
  ResourceRequest,
  RoleStateRequest,
  ServiceAccountRequest,
  SetIamPolicyRequest,
  SignBlobRequest,
  SignJwtRequest,
  TestIamPermissionsRequest,
  UpdateRoleRequest,
  UpdateServiceAccountRequest,
  UploadServiceAccountKeyRequest,
} from "./requests.js";
export type {
  AuditableService,
  CustomRolesSupportLevel,
  LintLevel,
  LintResult,
  LintSeverity,
  Permission,
  PermissionLaunchStage,
  Role,
  RoleLaunchStage,
  RoleView,
  ServiceAccount,
} from "./resources.js";
export type {
  LintPolicyResponse,
  ListRolesResponse,
  ListServiceAccountKeysResponse,
  ListServiceAccountsResponse,
  QueryAuditableServicesResponse,
  QueryGrantableRolesResponse,
  QueryTestablePermissionsResponse,
  SignBlobResponse,
  SignJwtResponse,
  UndeleteServiceAccountResponse,
} from "./responses.js";
