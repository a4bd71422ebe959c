// SPDX-License-Identifier: Apache-2.0
// Decides which grants the calls so far needed: those that let them pass, and those that would have. Changes nothing.

import type { CallRecord } from "../world/calls/call-log.js";
import { projectOf } from "../world/names/project-ids.js";
import type { DecidingBinding, PermissionDecision } from "../world/policy/decision.js";
import { isPermitted, isPermittedOnProject, OWNER } from "../world/policy/permissions.js";
import type { World } from "../world/world.js";
import { narrowestRoles } from "./narrowest-roles.js";

/** The condition of a grant, as commands take it. */
export interface EmulatorGrantCondition {
  /** In Common Expression Language. */
  readonly expression: string;
  /** A human-readable name. */
  readonly title: string;
}

/** A grant that calls needed. */
export interface EmulatorNeededGrant {
  /** Who: the caller, or a member that stands for it. */
  readonly member: string;
  /** Which role: the one that gave the permission, or the narrowest predefined one that would have. */
  readonly role: string;
  /** On which account: its e-mail. Absent for one on a project. */
  readonly serviceAccount?: string;
  /** On which project: its id. Absent for one on an account. */
  readonly project?: string;
  /** The condition under which it is granted. Absent when there is none, or when it is not granted. */
  readonly condition?: EmulatorGrantCondition;
  /** The permissions that were needed from it, in order. */
  readonly permissions: readonly string[];
  /** How often one of them was needed. */
  readonly count: number;
  /** Whether it is granted now, or was when it was needed. */
  readonly isGranted: boolean;
}

type NeedWorld = Pick<World, "accounts" | "calls" | "now" | "policies" | "roles">;

function projectIdOf({ accounts }: NeedWorld, email: string): string {
  return accounts.find(email)?.projectId ?? projectOf(email);
}

// The policies' current answer: a hop that was not reached may be granted, and a denied one may have been granted since.
function decideNow(world: NeedWorld, { from, to, permission }: PermissionDecision): PermissionDecision | undefined {
  const { now, policies, roles } = world;
  const decisions: PermissionDecision[] = [];
  const authority = { now, policies, roles, observe: (each: PermissionDecision) => void decisions.push(each) };
  const account = world.accounts.find(to);
  if (account !== undefined) isPermitted(authority, from, permission, account);
  else if (!to.includes("@")) isPermittedOnProject(authority, from, permission, to);
  return decisions[0];
}

// A binding that gave it, or will once it is in effect.
function bindingFor(world: NeedWorld, decision: PermissionDecision): DecidingBinding | undefined {
  const latest = decision.outcome === "granted" ? decision : decideNow(world, decision);
  return latest?.outcome === "granted" || latest?.by?.inEffectAt !== undefined ? latest.by : undefined;
}

// The title is in the policy; a binding that is gone by now has none.
function conditionOf(world: NeedWorld, binding: DecidingBinding, to: string): EmulatorGrantCondition | undefined {
  const { condition: expression, policy, role, member } = binding;
  if (expression === undefined) return undefined;
  const account = world.accounts.find(to);
  const project = account?.projectId ?? to;
  const written =
    policy === "account" && account !== undefined
      ? world.policies.ofAccount(account.uniqueId)
      : world.policies.ofProject(project);
  const found = written
    .grants()
    .find((each) => each.role === role && each.member === member && each.condition?.text.expression === expression);
  return { expression, title: found?.condition?.text.title || "condition" };
}

type Need = Omit<EmulatorNeededGrant, "count" | "permissions">;

function needOf(world: NeedWorld, decision: PermissionDecision): Need | undefined {
  const { from, to, permission } = decision;
  const by = bindingFor(world, decision);
  const role = by?.role ?? narrowestRoles.get(permission);
  if (from === OWNER || role === undefined) return undefined;
  const isOnAccount = to.includes("@") && by?.policy !== "project";
  const project = to.includes("@") ? projectIdOf(world, to) : to;
  const condition = by === undefined ? undefined : conditionOf(world, by, to);
  return {
    member: by?.member ?? from,
    role,
    ...(isOnAccount ? { serviceAccount: to } : { project }),
    ...(condition === undefined ? {} : { condition }),
    isGranted: by !== undefined,
  };
}

// The same need is decided once, however many calls had it.
function countWants(calls: readonly CallRecord[]): Iterable<readonly [PermissionDecision, number]> {
  const wants = new Map<string, [PermissionDecision, number]>();
  for (const decision of calls.flatMap(({ decision: all = [] }) => all)) {
    const key = JSON.stringify([decision.from, decision.to, decision.permission, decision.outcome, decision.by]);
    const want = wants.get(key) ?? [decision, 0];
    want[1]++;
    wants.set(key, want);
  }
  return wants.values();
}

/**
 * The grants that the calls in the log needed: for each permission that was needed, the grant that gave it, or one that would have.
 * Calls by `owner` need none.
 */
export function listNeededGrants(world: NeedWorld): readonly EmulatorNeededGrant[] {
  const grants = new Map<string, EmulatorNeededGrant>();
  for (const [decision, times] of countWants(world.calls.list())) {
    const need = needOf(world, decision);
    if (need === undefined) continue;
    const { isGranted, ...grant } = need;
    const key = JSON.stringify(grant);
    const { permissions = [], count = 0, isGranted: isFound = false } = grants.get(key) ?? {};
    grants.set(key, {
      ...grant,
      permissions: [...new Set([...permissions, decision.permission])].sort(),
      count: count + times,
      isGranted: isGranted || isFound,
    });
  }
  return [...grants.values()];
}
