// SPDX-License-Identifier: Apache-2.0
// Decides whether a principal may act on an account, directly or through delegates. Knows policies and roles, not methods.

import { memberOf, type ServiceAccount } from "../accounts/account-book.js";
import { includesPrincipal } from "../names/members.js";
import { permissionDenied } from "../refusals/service-error.js";
import type { ConditionContext } from "./compiled-condition.js";
import { type DecidingBinding, describeBinding, type PermissionDecision } from "./decision.js";
import type { PolicyBook } from "./policy-book.js";
import type { ResourcePolicy, RoleGrant } from "./resource-policy.js";
import type { RoleBook } from "./role-book.js";

/** The principal behind the bearer `owner`: has every permission on every account. */
export const OWNER = "owner";

/** What permission checks need. */
export interface Authority {
  /** The clock, in milliseconds since the epoch. Required. */
  readonly now: () => number;
  /** Who has which role on what. Required. */
  readonly policies: PolicyBook;
  /** What the roles permit. Required. */
  readonly roles: RoleBook;
  /** Called with each decision. Default: not called. */
  readonly observe?: (decision: PermissionDecision) => void;
  /** Whether a denied call passes anyway, once that is logged (option `enforcement`). Default: false. */
  readonly letsPass?: boolean;
}

const DELEGATION = "iam.serviceAccounts.implicitDelegation";

/** A policy and the resource that it belongs to. */
type PolicyOf = readonly [policy: ResourcePolicy, of: DecidingBinding["policy"]];

interface Wanted {
  readonly principal: string;
  readonly permission: string;
  readonly policies: readonly PolicyOf[];
  readonly resource: Omit<ConditionContext, "at">;
}

function isMeant({ roles }: Authority, { principal, permission }: Wanted, { member, role }: RoleGrant): boolean {
  return includesPrincipal(member, principal) && roles.permits(role, permission);
}

// The binding that decides: one that gives it, else the first that would.
function decide(authority: Authority, wanted: Wanted): Pick<PermissionDecision, "outcome" | "by"> {
  if (wanted.principal === OWNER) return { outcome: "granted" };
  const at = authority.now();
  let almost: DecidingBinding | undefined;
  for (const [policy, of] of wanted.policies) {
    for (const grant of policy.grantsAt(at)) {
      if (!isMeant(authority, wanted, grant)) continue;
      const { condition } = grant;
      if (condition === undefined) return { outcome: "granted", by: describeBinding(of, grant) };
      const conditionResult = condition.holds({ at, ...wanted.resource });
      const by = describeBinding(of, grant, { conditionResult });
      if (conditionResult) return { outcome: "granted", by };
      almost ??= by;
    }
  }
  almost ??= findPending(authority, wanted, at);
  return almost === undefined ? { outcome: "denied" } : { outcome: "denied", by: almost };
}

function findPending(authority: Authority, wanted: Wanted, at: number): DecidingBinding | undefined {
  for (const [policy, of] of wanted.policies) {
    for (const { grant, startsAt } of policy.pendingAt(at)) {
      if (isMeant(authority, wanted, grant)) return describeBinding(of, grant, { inEffectAt: new Date(startsAt) });
    }
  }
  return undefined;
}

function isGranted(authority: Authority, to: string, wanted: Wanted): boolean {
  const decision = decide(authority, wanted);
  authority.observe?.({ from: wanted.principal, to, permission: wanted.permission, ...decision });
  return decision.outcome === "granted" || authority.letsPass === true;
}

/**
 * Whether a principal has a permission on an account, by the account's policy or by its project's.
 *
 * @param principal an IAM member, or OWNER. An account has no permission on itself unless granted, as with Google
 * @param permission for example `iam.serviceAccounts.signBlob`
 */
export function isPermitted(
  authority: Authority,
  principal: string,
  permission: string,
  account: ServiceAccount,
): boolean {
  const { uniqueId, projectId } = account;
  const policies: readonly PolicyOf[] = [
    [authority.policies.ofAccount(uniqueId), "account"],
    [authority.policies.ofProject(projectId), "project"],
  ];
  const resource = {
    resourceName: `projects/${projectId}/serviceAccounts/${uniqueId}`,
    resourceType: "iam.googleapis.com/ServiceAccount",
    resourceService: "iam.googleapis.com",
  };
  return isGranted(authority, account.email, { principal, permission, policies, resource });
}

/**
 * Whether a principal has a permission on a project.
 *
 * @param principal an IAM member, or OWNER
 * @param permission for example `iam.serviceAccounts.create`
 */
export function isPermittedOnProject(
  authority: Authority,
  principal: string,
  permission: string,
  projectId: string,
): boolean {
  const policies: readonly PolicyOf[] = [[authority.policies.ofProject(projectId), "project"]];
  const resource = {
    resourceName: `projects/${projectId}`,
    resourceType: "cloudresourcemanager.googleapis.com/Project",
    resourceService: "cloudresourcemanager.googleapis.com",
  };
  return isGranted(authority, projectId, { principal, permission, policies, resource });
}

/** How a caller wants to act as an account. */
interface ChainRequest {
  /** Who calls. */
  readonly principal: string;
  /** The accounts between caller and target, caller's side first. */
  readonly delegates: readonly ServiceAccount[];
  /** The account to act as. */
  readonly target: ServiceAccount;
  /** What the method needs on the target. */
  readonly permission: string;
}

/**
 * Checks a delegation chain hop by hop: the caller needs implicitDelegation on the first delegate, each delegate on the
 * next, and the last one (the caller, when there is none) the permission itself on the target. Google documents the
 * roles along a chain; that the permission of the hops is implicitDelegation is inferred.
 *
 * @throws ServiceError PERMISSION_DENIED at the first hop that is not granted
 */
export function checkChain(authority: Authority, { principal, delegates, target, permission }: ChainRequest): void {
  const hops = [...delegates, target].map((account, index) => ({
    account,
    actor: index === 0 ? principal : memberOf(delegates[index - 1] ?? target),
    wanted: index < delegates.length ? DELEGATION : permission,
  }));
  const broken = hops.findIndex(({ actor, wanted, account }) => !isPermitted(authority, actor, wanted, account));
  if (broken === -1) return;
  for (const { actor, wanted, account } of hops.slice(broken + 1)) {
    authority.observe?.({ from: actor, to: account.email, permission: wanted, outcome: "notReached" });
  }
  throw permissionDenied(hops[broken]?.wanted ?? permission);
}
