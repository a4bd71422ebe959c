// SPDX-License-Identifier: Apache-2.0
// The record of a decision about a permission: who wanted what on what, how it ended, and which binding decided. Decides nothing.

import type { RoleGrant } from "./resource-policy.js";

/** A binding that gives a permission, or would. */
export interface DecidingBinding {
  /** Whose policy has it. Required. */
  readonly policy: "account" | "project";
  /** The role's name. Required. */
  readonly role: string;
  /** The member, as the policy has it. Required. */
  readonly member: string;
  /** The expression of its condition. Default: it has none. */
  readonly condition?: string;
  /** Whether the condition held; absent without one. */
  readonly conditionResult?: boolean;
  /** When it takes effect, if it has not yet; absent otherwise. */
  readonly inEffectAt?: Date;
}

/** A decision about one permission: one hop of a chain of delegates, or the only one. */
export interface PermissionDecision {
  /** Who wanted it: an IAM member, or `owner`. Required. */
  readonly from: string;
  /** On what: the e-mail of an account, or the id of a project. Required. */
  readonly to: string;
  /** What was wanted, for example `iam.serviceAccounts.signBlob`. Required. */
  readonly permission: string;
  /** How it ended; `notReached`: a hop before it was denied. Required. */
  readonly outcome: "granted" | "denied" | "notReached";
  /**
   * The binding that gave it; when denied, the one that would give it but for its condition, or because it is not in effect yet.
   * Absent for `owner`, and where no binding gives it.
   */
  readonly by?: DecidingBinding;
}

/** Describes a binding. */
export function describeBinding(
  policy: DecidingBinding["policy"],
  { role, member, condition }: RoleGrant,
  found: Pick<DecidingBinding, "conditionResult" | "inEffectAt"> = {},
): DecidingBinding {
  const expression = condition === undefined ? {} : { condition: condition.text.expression };
  return { policy, role, member, ...expression, ...found };
}
