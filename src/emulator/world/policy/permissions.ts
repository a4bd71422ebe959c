// SPDX-License-Identifier: Apache-2.0
// Decides whether a principal may act on an account, directly or through delegates. Knows policies and roles, not methods.

import { memberOf, type ServiceAccount } from "../accounts/account-book.js";
import { includesPrincipal } from "../names/members.js";
import { permissionDenied } from "../refusals/service-error.js";
import type { ConditionContext } from "./condition.js";
import type { PolicyBook } from "./policy-book.js";
import type { ResourcePolicy } from "./resource-policy.js";
import type { RoleBook } from "./role-book.js";

/** The principal behind the bearer `owner`: has every permission on every account. */
export const OWNER = "owner";

/** What decides about permissions. */
export interface Authority {
  /** The clock, in milliseconds since the epoch. Required. */
  readonly now: () => number;
  /** Who has which role on what. Required. */
  readonly policies: PolicyBook;
  /** What the roles permit. Required. */
  readonly roles: RoleBook;
}

const DELEGATION = "iam.serviceAccounts.implicitDelegation";

function isGranted(
  authority: Authority,
  principal: string,
  permission: string,
  policies: readonly ResourcePolicy[],
  resource: Omit<ConditionContext, "at">,
): boolean {
  if (principal === OWNER) return true;
  const at = authority.now();
  for (const policy of policies) {
    for (const { member, role, condition } of policy.grantsAt(at)) {
      if (!includesPrincipal(member, principal) || !authority.roles.permits(role, permission)) continue;
      if (condition === undefined || condition.holds({ at, ...resource })) return true;
    }
  }
  return false;
}

/**
 * Whether a principal has a permission on an account, by the account's policy or by its project's.
 *
 * @param principal an IAM member, or OWNER. An account has no permission on itself unless granted, as with Google
 * @param permission `iam.serviceAccounts.signBlob` for one
 */
export function isPermitted(
  authority: Authority,
  principal: string,
  permission: string,
  account: ServiceAccount,
): boolean {
  const { uniqueId, projectId } = account;
  const policies = [authority.policies.ofAccount(uniqueId), authority.policies.ofProject(projectId)];
  return isGranted(authority, principal, permission, policies, {
    resourceName: `projects/${projectId}/serviceAccounts/${uniqueId}`,
    resourceType: "iam.googleapis.com/ServiceAccount",
    resourceService: "iam.googleapis.com",
  });
}

/**
 * Whether a principal has a permission on a project.
 *
 * @param principal an IAM member, or OWNER
 * @param permission `iam.serviceAccounts.create` for one
 */
export function isPermittedOnProject(
  authority: Authority,
  principal: string,
  permission: string,
  projectId: string,
): boolean {
  return isGranted(authority, principal, permission, [authority.policies.ofProject(projectId)], {
    resourceName: `projects/${projectId}`,
    resourceType: "cloudresourcemanager.googleapis.com/Project",
    resourceService: "cloudresourcemanager.googleapis.com",
  });
}

/**
 * Checks a delegation chain hop by hop: the caller needs implicitDelegation on the first delegate, each delegate on the
 * next, and the last one (the caller, when there is none) the permission itself on the target. Google documents the
 * roles along a chain; that the permission of the hops is implicitDelegation is inferred.
 *
 * @param principal who calls
 * @param delegates the accounts between caller and target, caller's side first
 * @param target the account to act as
 * @param permission what the method needs on the target
 * @throws ServiceError PERMISSION_DENIED at the first hop that is not granted
 */
export function requireChain(
  authority: Authority,
  principal: string,
  delegates: readonly ServiceAccount[],
  target: ServiceAccount,
  permission: string,
): void {
  let actor = principal;
  for (const delegate of delegates) {
    if (!isPermitted(authority, actor, DELEGATION, delegate)) throw permissionDenied(DELEGATION);
    actor = memberOf(delegate);
  }
  if (!isPermitted(authority, actor, permission, target)) throw permissionDenied(permission);
}
