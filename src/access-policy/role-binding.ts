// SPDX-License-Identifier: Apache-2.0
// Decides what a binding of one member may say: role, member and condition, checked for form. Changes no policy.

import { RequestError } from "../base/errors.js";
import { checkKnownFields } from "../base/options/shared-options.js";
import { checkRequestFields } from "../messages/field-checks.js";
import { checkMember } from "./member.js";
import { requireRoleName } from "./policy-checks.js";

/** When a binding applies. Two conditions are the same when all their texts are. Source: google/type/expr.proto. */
export interface BindingCondition {
  /** What must hold, in Common Expression Language: `request.time < timestamp("2030-01-01T00:00:00Z")`. Required. */
  readonly expression: string;
  /** A name for people. Required, by the service. */
  readonly title: string;
  /** A text for people. Default: none. */
  readonly description?: string | undefined;
  /** Where the expression was written. Default: none. */
  readonly location?: string | undefined;
}

/** One member, its role, and when that applies. */
export interface RoleBinding {
  /** `roles/{role}`, or `projects/{project}/roles/{role}` or `organizations/{organization}/roles/{role}`. Required. */
  readonly role: string;
  /** Who: `user:{email}`, `serviceAccount:{email}`, `group:{email}`, … Required. */
  readonly member: string;
  /** When it applies. Default: always; that is a separate binding from those with conditions. */
  readonly condition?: BindingCondition | undefined;
}

/** Which bindings of one member are meant. */
export interface RoleBindingFilter extends Omit<RoleBinding, "condition"> {
  /**
   * The condition of the binding; `"any"`: those with any condition, and with none. Default: the binding without a condition, and no other.
   */
  readonly condition?: BindingCondition | "any" | undefined;
}

/** How a policy that was read as a version older than 3 shows a role that is given under a condition. */
const HIDDEN_CONDITION = /_withcond_[0-9a-f]+$/;
const FIELDS: readonly string[] = ["role", "member", "condition"];
const CONDITION_FIELDS = ["expression", "title", "description", "location"] as const;

/**
 * Checks the form of a binding.
 *
 * @param mayBeAny whether `condition: "any"` is allowed
 * @throws RequestError naming the field that is wrong
 */
export function checkRoleBinding(binding: RoleBindingFilter, mayBeAny: boolean): void {
  checkRequestFields(binding, "binding", FIELDS);
  checkRole(binding.role);
  checkMember(binding.member);
  if (binding.condition === undefined || (mayBeAny && binding.condition === "any")) return;
  checkCondition(binding.condition);
}

function checkRole(role: unknown): void {
  const name = requireRoleName(role, "role");
  if (!HIDDEN_CONDITION.test(name)) return;
  const problem = "stands for a binding with a condition, in a policy of a version below 3";
  throw new RequestError("role", `${JSON.stringify(name)} ${problem}`);
}

function checkCondition(condition: unknown): void {
  if (typeof condition !== "object" || condition === null) {
    throw new RequestError("condition", "must be an object with expression and title");
  }
  checkKnownFields(condition, CONDITION_FIELDS, { whole: "condition", path: "condition" });
  for (const [key, value] of Object.entries(condition)) {
    if (value !== undefined && typeof value !== "string")
      throw new RequestError(`condition.${key}`, "must be a string");
  }
  for (const field of ["expression", "title"] as const) {
    if (!Reflect.get(condition, field)) throw new RequestError(`condition.${field}`, "is missing");
  }
}

/** What two spellings of one condition have in common; empty for none. */
export function conditionKey(condition: BindingCondition | undefined): string {
  if (condition === undefined) return "";
  return JSON.stringify(CONDITION_FIELDS.map((field) => condition[field] ?? ""));
}
