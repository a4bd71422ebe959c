// SPDX-License-Identifier: Apache-2.0
// The tables of this service's messages and enums, which the rows share. A test compares them with the published descriptors.

import { enumOf, messageOf, repeated } from "../messages/message-fields.js";
import type {
  CustomRolesSupportLevel,
  KeyAlgorithm,
  KeyOrigin,
  KeyType,
  LintLevel,
  LintSeverity,
  LogType,
  PermissionLaunchStage,
  PrivateKeyType,
  PublicKeyType,
  RoleLaunchStage,
  RoleView,
} from "./resources.js";

/** google.iam.admin.v1.ServiceAccountKeyAlgorithm */
export const KEY_ALGORITHM = enumOf({
  KEY_ALG_UNSPECIFIED: 0,
  KEY_ALG_RSA_1024: 1,
  KEY_ALG_RSA_2048: 2,
} satisfies Record<KeyAlgorithm, number>);

/** google.iam.admin.v1.ServiceAccountPrivateKeyType */
export const PRIVATE_KEY_TYPE = enumOf({
  TYPE_UNSPECIFIED: 0,
  TYPE_PKCS12_FILE: 1,
  TYPE_GOOGLE_CREDENTIALS_FILE: 2,
} satisfies Record<PrivateKeyType, number>);

/** google.iam.admin.v1.ServiceAccountPublicKeyType */
export const PUBLIC_KEY_TYPE = enumOf({
  TYPE_NONE: 0,
  TYPE_X509_PEM_FILE: 1,
  TYPE_RAW_PUBLIC_KEY: 2,
} satisfies Record<PublicKeyType, number>);

/** google.iam.admin.v1.ServiceAccountKeyOrigin */
export const KEY_ORIGIN = enumOf({
  ORIGIN_UNSPECIFIED: 0,
  USER_PROVIDED: 1,
  GOOGLE_PROVIDED: 2,
} satisfies Record<KeyOrigin, number>);

/** google.iam.admin.v1.ListServiceAccountKeysRequest.KeyType */
export const KEY_TYPE = enumOf({
  KEY_TYPE_UNSPECIFIED: 0,
  USER_MANAGED: 1,
  SYSTEM_MANAGED: 2,
} satisfies Record<KeyType, number>);

/** google.iam.admin.v1.RoleView */
export const ROLE_VIEW = enumOf({ BASIC: 0, FULL: 1 } satisfies Record<RoleView, number>);

const ROLE_LAUNCH_STAGE = enumOf({
  ALPHA: 0,
  BETA: 1,
  GA: 2,
  DEPRECATED: 4,
  DISABLED: 5,
  EAP: 6,
} satisfies Record<RoleLaunchStage, number>);

const PERMISSION_LAUNCH_STAGE = enumOf({
  ALPHA: 0,
  BETA: 1,
  GA: 2,
  DEPRECATED: 3,
} satisfies Record<PermissionLaunchStage, number>);

const CUSTOM_ROLES_SUPPORT_LEVEL = enumOf({
  SUPPORTED: 0,
  TESTING: 1,
  NOT_SUPPORTED: 2,
} satisfies Record<CustomRolesSupportLevel, number>);

const LINT_LEVEL = enumOf({ LEVEL_UNSPECIFIED: 0, CONDITION: 3 } satisfies Record<LintLevel, number>);

const LINT_SEVERITY = enumOf({
  SEVERITY_UNSPECIFIED: 0,
  ERROR: 1,
  WARNING: 2,
  NOTICE: 3,
  INFO: 4,
  DEPRECATED: 5,
} satisfies Record<LintSeverity, number>);

const LOG_TYPE = enumOf({
  LOG_TYPE_UNSPECIFIED: 0,
  ADMIN_READ: 1,
  DATA_WRITE: 2,
  DATA_READ: 3,
} satisfies Record<LogType, number>);

/** google.iam.admin.v1.ServiceAccount */
export const SERVICE_ACCOUNT = {
  name: "string",
  projectId: "string",
  uniqueId: "string",
  email: "string",
  displayName: "string",
  etag: "bytes",
  description: "string",
  oauth2ClientId: "string",
  disabled: "bool",
} as const;

/** google.iam.admin.v1.ServiceAccountKey */
export const SERVICE_ACCOUNT_KEY = {
  name: "string",
  privateKeyType: PRIVATE_KEY_TYPE,
  keyAlgorithm: KEY_ALGORITHM,
  privateKeyData: "bytes",
  publicKeyData: "bytes",
  validAfterTime: "timestamp",
  validBeforeTime: "timestamp",
  keyOrigin: KEY_ORIGIN,
  keyType: KEY_TYPE,
  disabled: "bool",
} as const;

/** google.type.Expr */
export const EXPR = { expression: "string", title: "string", description: "string", location: "string" } as const;

const BINDING = { role: "string", members: repeated("string"), condition: messageOf(EXPR) } as const;
const AUDIT_LOG_CONFIG = { logType: LOG_TYPE, exemptedMembers: repeated("string") } as const;
const AUDIT_CONFIG = { service: "string", auditLogConfigs: repeated(messageOf(AUDIT_LOG_CONFIG)) } as const;

/** google.iam.v1.Policy */
export const POLICY = {
  version: "int32",
  bindings: repeated(messageOf(BINDING)),
  auditConfigs: repeated(messageOf(AUDIT_CONFIG)),
  etag: "bytes",
} as const;

/** google.iam.admin.v1.Role */
export const ROLE = {
  name: "string",
  title: "string",
  description: "string",
  includedPermissions: repeated("string"),
  stage: ROLE_LAUNCH_STAGE,
  etag: "bytes",
  deleted: "bool",
} as const;

/** google.iam.admin.v1.Permission */
export const PERMISSION = {
  name: "string",
  title: "string",
  description: "string",
  onlyInPredefinedRoles: "bool",
  stage: PERMISSION_LAUNCH_STAGE,
  customRolesSupportLevel: CUSTOM_ROLES_SUPPORT_LEVEL,
  apiDisabled: "bool",
  primaryPermission: "string",
} as const;

/** google.iam.admin.v1.LintResult */
export const LINT_RESULT = {
  level: LINT_LEVEL,
  validationUnitName: "string",
  severity: LINT_SEVERITY,
  fieldName: "string",
  locationOffset: "int32",
  debugMessage: "string",
} as const;
