// SPDX-License-Identifier: Apache-2.0
// Decides whether a principal may act on an account, directly or through delegates. Knows grants and roles, not methods.

import { predefinedRoles } from "./roles.js";
import { permissionDenied } from "./service-error.js";
import type { EmulatorState, ServiceAccount } from "./state.js";

/** The principal behind the bearer `owner`: has every permission on every account. */
export const OWNER = "owner";

const DELEGATION = "iam.serviceAccounts.implicitDelegation";

/** The IAM member that a service account is when it calls. */
export function memberOfAccount(account: ServiceAccount): string {
  return `serviceAccount:${account.email}`;
}

/**
 * Whether a principal has a permission on an account.
 *
 * @param principal an IAM member, or OWNER. An account has no permission on itself unless granted, as with Google
 * @param permission `iam.serviceAccounts.signBlob` for one
 */
export function isPermitted(
  state: EmulatorState,
  principal: string,
  permission: string,
  account: ServiceAccount,
): boolean {
  if (principal === OWNER) return true;
  for (const grant of state.grantsOn(account)) {
    if (grant.member === principal && predefinedRoles.get(grant.role)?.has(permission)) return true;
  }
  return false;
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
  state: EmulatorState,
  principal: string,
  delegates: readonly ServiceAccount[],
  target: ServiceAccount,
  permission: string,
): void {
  let actor = principal;
  for (const delegate of delegates) {
    if (!isPermitted(state, actor, DELEGATION, delegate)) throw permissionDenied(DELEGATION);
    actor = memberOfAccount(delegate);
  }
  if (!isPermitted(state, actor, permission, target)) throw permissionDenied(permission);
}
