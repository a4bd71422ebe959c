// SPDX-License-Identifier: Apache-2.0
// The service's resources as JavaScript objects: accounts, policies, roles. Enums are the names in the proto.

import type { NewerValue } from "../messages/plain-messages.js";

/** How much to return of a role: everything but its permissions, or everything. Source: google.iam.admin.v1.RoleView. */
export type RoleView = "BASIC" | "FULL";

/** The launch stage of a role. Source: google.iam.admin.v1.Role.RoleLaunchStage. */
export type RoleLaunchStage = "ALPHA" | "BETA" | "GA" | "DEPRECATED" | "DISABLED" | "EAP";

/** The launch stage of a permission. Source: google.iam.admin.v1.Permission.PermissionLaunchStage. */
export type PermissionLaunchStage = "ALPHA" | "BETA" | "GA" | "DEPRECATED";

/** Whether custom roles may have a permission. Source: google.iam.admin.v1.Permission.CustomRolesSupportLevel. */
export type CustomRolesSupportLevel = "SUPPORTED" | "TESTING" | "NOT_SUPPORTED";

/** What a lint result is about. Source: google.iam.admin.v1.LintResult.Level. */
export type LintLevel = "LEVEL_UNSPECIFIED" | "CONDITION";

/** How bad a lint result is. Source: google.iam.admin.v1.LintResult.Severity. */
export type LintSeverity = "SEVERITY_UNSPECIFIED" | "ERROR" | "WARNING" | "NOTICE" | "INFO" | "DEPRECATED";

/** An identity for a program. Source: google.iam.admin.v1.ServiceAccount. */
export interface ServiceAccount {
  /** `projects/{project}/serviceAccounts/{email}`. */
  readonly name: string;
  /** The project that owns it. */
  readonly projectId: string;
  /** A number of 21 digits that no other account ever gets. */
  readonly uniqueId: string;
  /** Its address. */
  readonly email: string;
  /** A name for people, at most 100 bytes. */
  readonly displayName: string;
  /** Deprecated by the service; it decides nothing. */
  readonly etag: Buffer;
  /** What it is for, at most 256 bytes. */
  readonly description: string;
  /** The OAuth 2.0 client id of domain-wide delegation. */
  readonly oauth2ClientId: string;
  /** Whether it is switched off. */
  readonly disabled: boolean;
}

/** A set of permissions that can be granted. Source: google.iam.admin.v1.Role. */
export interface Role {
  /** `roles/…`, `projects/{project}/roles/…` or `organizations/{organization}/roles/…`. */
  readonly name: string;
  /** A name for people. */
  readonly title: string;
  /** What it is for. */
  readonly description: string;
  /** Its permissions; empty in lists of the view `BASIC`. */
  readonly includedPermissions: readonly string[];
  /** Its launch stage. */
  readonly stage: RoleLaunchStage | NewerValue;
  /** Identifies this state. */
  readonly etag: Buffer;
  /** Whether it is deleted, and can still be undeleted. */
  readonly deleted: boolean;
}

/** What can be allowed. Source: google.iam.admin.v1.Permission. */
export interface Permission {
  /** `iam.serviceAccounts.get`. */
  readonly name: string;
  /** A name for people. */
  readonly title: string;
  /** What it allows. */
  readonly description: string;
  /** Deprecated by the service. */
  readonly onlyInPredefinedRoles: boolean;
  /** Its launch stage. */
  readonly stage: PermissionLaunchStage | NewerValue;
  /** Whether custom roles may have it. */
  readonly customRolesSupportLevel: CustomRolesSupportLevel | NewerValue;
  /** Whether its API is switched off for the project. */
  readonly apiDisabled: boolean;
  /** The permission that stands for it; empty when it stands for itself. */
  readonly primaryPermission: string;
}

/** A service whose use can be audit-logged. Source: google.iam.admin.v1.QueryAuditableServicesResponse.AuditableService. */
export interface AuditableService {
  /** `iam.googleapis.com`. */
  readonly name: string;
}

/** What is wrong with a condition. Source: google.iam.admin.v1.LintResult. */
export interface LintResult {
  /** What it is about. */
  readonly level: LintLevel | NewerValue;
  /** Which check found it. */
  readonly validationUnitName: string;
  /** How bad it is. */
  readonly severity: LintSeverity | NewerValue;
  /** The field that it is in. */
  readonly fieldName: string;
  /** Where in the expression, in characters from its start. */
  readonly locationOffset: number;
  /** What it says. */
  readonly debugMessage: string;
}
