// SPDX-License-Identifier: Apache-2.0
// The checks of what a caller writes about a policy, whatever the resource. They throw RequestError.

import { RequestError } from "../base/errors.js";
import { requireForm, requireObject, requireText } from "../messages/field-checks.js";

/** The owner of a custom role. */
export const ROLE_PARENT = "(projects/([a-z0-9][a-z0-9.-]*:)?[a-z0-9][a-z0-9-]*|organizations/\\d+)";

/** The name of a role, predefined or custom. */
export function requireRoleName(value: unknown, field: string): string {
  const forms = "roles/{role}, projects/{project}/roles/{role} or organizations/{number}/roles/{role}";
  return requireForm(value, field, new RegExp(`^(${ROLE_PARENT}/)?roles/[A-Za-z0-9_.]+$`), forms);
}

/** Permissions, at least one. */
export function requirePermissions(value: unknown, field: string): unknown {
  if (!Array.isArray(value) || value.length === 0) {
    throw new RequestError(field, "must be an array of at least one permission, such as iam.serviceAccounts.actAs");
  }
  for (const [index, permission] of value.entries()) {
    const forms = "a permission such as iam.serviceAccounts.actAs, without wildcards";
    requireForm(permission, `${field}[${index}]`, /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/, forms);
  }
  return value;
}

/** A condition. */
export function requireCondition(value: unknown, field: string): unknown {
  const { expression } = Object(requireObject(value, field));
  requireText(expression, `${field}.expression`, "an expression in the Common Expression Language");
  return value;
}

/** A policy whose conditions would not be lost. Source: google.iam.v1.Policy. */
export function requirePolicy(value: unknown, field: string): unknown {
  const { bindings, version } = Object(requireObject(value, field));
  if (!Array.isArray(bindings)) return value;
  for (const [index, binding] of bindings.entries()) {
    const { role, condition } = Object(binding);
    const at = `${field}.bindings[${index}]`;
    requireText(role, `${at}.role`, "a role such as roles/iam.serviceAccountUser");
    if (condition === undefined) continue;
    requireCondition(condition, `${at}.condition`);
    if (version !== 3) throw new RequestError(`${field}.version`, `must be 3, since ${at} has a condition`);
  }
  return value;
}

/** How to return a policy. */
export function normalizePolicyOptions(value: unknown, field: string): unknown {
  const { requestedPolicyVersion: version } = Object(value);
  if (version === undefined || version === 0 || version === 1 || version === 3) return value;
  throw new RequestError(`${field}.requestedPolicyVersion`, "must be 1 or 3");
}
