// SPDX-License-Identifier: Apache-2.0
// What the emulator's own endpoints answer, as far as the console reads it; record-types.ts in its tests compares it with what they send.

/** A binding that gives a permission, or would. */
interface Binding {
  readonly policy: "account" | "project";
  readonly role: string;
  readonly member: string;
  readonly condition?: string;
  readonly conditionResult?: boolean;
  readonly inEffectAt?: string;
}

/** A decision about one hop. */
export interface Hop {
  readonly from: string;
  readonly to: string;
  readonly permission: string;
  readonly outcome: "granted" | "denied" | "notReached";
  readonly by?: Binding;
}

/** A call. */
export interface Call {
  readonly id: number;
  readonly service: string;
  readonly transport: string;
  readonly method: string;
  readonly status: string;
  readonly principal?: string;
  readonly serviceAccount?: string;
  readonly delegates: readonly string[];
  readonly at: string;
  readonly attempt?: number;
  readonly durationMs: number;
  readonly reason?: string;
  readonly message?: string;
  readonly httpStatus?: number;
  readonly permission?: string;
  readonly decision?: readonly Hop[];
  readonly faultId?: number;
  readonly observed?: boolean;
  readonly timeoutMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly userAgent?: string;
  readonly apiClient?: string;
  readonly requestParams?: string;
  readonly quotaProject?: string;
}

/** What the emulator is. */
export interface Info {
  readonly version: string;
  readonly instance?: string;
  readonly url: string;
  readonly listeners: readonly { readonly name: string; readonly url: string }[];
  readonly enforcement: "enforce" | "observe";
  readonly principals: readonly string[];
  readonly roles: readonly { readonly name: string; readonly permissions: readonly string[] }[];
  readonly permissions: Readonly<Record<string, string>>;
  readonly now: string;
  readonly propagationMs: number;
  readonly nextRotationAt?: string;
  readonly certificateAuthority?: string;
}

/** A service account. */
export interface Account {
  readonly email: string;
  readonly uniqueId: string;
  readonly projectId: string;
  readonly displayName: string;
  readonly description: string;
  readonly disabled: boolean;
  readonly deleted: boolean;
  readonly keys: { readonly user: number; readonly system: number };
}

/** A member's role on an account, or on its project. */
export interface PolicyBinding {
  readonly id: string | number;
  readonly role: string;
  readonly member: string;
  readonly condition?: { readonly expression: string; readonly title?: string };
  readonly from: "account" | "project";
  readonly inEffectAt?: string;
}

/** A key of an account. */
export interface Key {
  readonly id: string;
  readonly type: "USER_MANAGED" | "SYSTEM_MANAGED";
  readonly validAfter: string;
  readonly validBefore: string;
  readonly disabled: boolean;
}

/** What a fault does, and to which calls. */
export interface Fault {
  readonly method?: string;
  readonly principal?: string;
  readonly attempt?: number;
  readonly times?: number;
  readonly delayMs?: number;
  readonly connection?: string;
  readonly contentType?: string;
  readonly status?: { readonly code: string | number; readonly message?: string; readonly details?: readonly object[] };
}

/** A role to grant. */
export interface Grant {
  readonly member: string;
  readonly role: string;
  readonly serviceAccount?: string;
  readonly project?: string;
  readonly condition?: { readonly expression: string; readonly title: string };
  readonly propagate?: boolean;
}
