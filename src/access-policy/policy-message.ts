// SPDX-License-Identifier: Apache-2.0
// A policy as callers read it, and as they write it. Source: google.iam.v1.

import type { NewerValue } from "../messages/plain-messages.js";

/** What is audit-logged when an API is used. Source: google.iam.v1.AuditLogConfig.LogType. */
export type LogType = "LOG_TYPE_UNSPECIFIED" | "ADMIN_READ" | "DATA_WRITE" | "DATA_READ";

/** When something holds, in the Common Expression Language. Source: google.type.Expr. */
export interface Expr {
  /** `request.time < timestamp("2030-01-01T00:00:00Z")`. */
  readonly expression: string;
  /** A name for people. */
  readonly title: string;
  /** What it is for. */
  readonly description: string;
  /** Where it was written, for error messages. */
  readonly location: string;
}

/** Who has a role, and when. Source: google.iam.v1.Binding. */
export interface Binding {
  /** `roles/iam.serviceAccountUser`, or a custom role. */
  readonly role: string;
  /** `user:…`, `serviceAccount:…`, `group:…`, `domain:…`, `principal://…`, `allUsers`, … */
  readonly members: readonly string[];
  /** When it holds; `undefined`: always. */
  readonly condition: Expr | undefined;
}

/** What is audit-logged for one kind of use. Source: google.iam.v1.AuditLogConfig. */
export interface AuditLogConfig {
  /** The kind. */
  readonly logType: LogType | NewerValue;
  /** Whose use is not logged. */
  readonly exemptedMembers: readonly string[];
}

/** What is audit-logged when a service is used. Source: google.iam.v1.AuditConfig. */
export interface AuditConfig {
  /** `allServices`, or one service. */
  readonly service: string;
  /** By kind of use. */
  readonly auditLogConfigs: readonly AuditLogConfig[];
}

/** Who may do what with a resource. Source: google.iam.v1.Policy. */
export interface Policy {
  /** 3 when a binding has a condition, else 1; 0 when there is nothing in it. */
  readonly version: number;
  /** Who has which role. */
  readonly bindings: readonly Binding[];
  /** What is audit-logged. */
  readonly auditConfigs: readonly AuditConfig[];
  /** Identifies this state: give it back when you write, so that nobody else's change is lost. */
  readonly etag: Buffer;
}

/** How to return a policy. Source: google.iam.v1.GetPolicyOptions. */
export interface GetPolicyOptions {
  /** 3 to see conditions; with 1, the service hides them, and what is written back has lost them. Default: 1. */
  readonly requestedPolicyVersion?: 0 | 1 | 3 | undefined;
}

/** When something holds, as a caller writes it. Source: google.type.Expr. */
export interface NewExpr {
  /** In the Common Expression Language: `request.time < timestamp("2030-01-01T00:00:00Z")`. Required. */
  readonly expression: string;
  /** A name for people. Default: none. */
  readonly title?: string | undefined;
  /** What it is for. Default: none. */
  readonly description?: string | undefined;
  /** Where it was written, for error messages. Default: none. */
  readonly location?: string | undefined;
}

/** Who has a role, as a caller writes it. Source: google.iam.v1.Binding. */
export interface NewBinding {
  /** `roles/iam.serviceAccountUser`, or a custom role. Required. */
  readonly role: string;
  /** `user:…`, `serviceAccount:…`, `group:…`, … Default: nobody. */
  readonly members?: readonly string[] | undefined;
  /** When it holds; the policy must then be of version 3. Default: always. */
  readonly condition?: NewExpr | undefined;
}

/** A policy as a caller writes it; one that was read fits. Source: google.iam.v1.Policy. */
export interface NewPolicy {
  /** 3 when a binding has a condition. Default: 1, by the service. */
  readonly version?: number | undefined;
  /** Who has which role. Default: nobody has any. */
  readonly bindings?: readonly NewBinding[] | undefined;
  /** What is audit-logged. Default: nothing. */
  readonly auditConfigs?: readonly AuditConfig[] | undefined;
  /** That of the policy that was read: the service then refuses to overwrite another's change. Default: it overwrites it. */
  readonly etag?: Uint8Array | undefined;
}

/** What the caller may do. Source: google.iam.v1.TestIamPermissionsResponse. */
export interface TestIamPermissionsResponse {
  /** Those that the caller has. */
  readonly permissions: readonly string[];
}
