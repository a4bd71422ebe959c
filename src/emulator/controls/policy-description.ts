// SPDX-License-Identifier: Apache-2.0
// A policy as test code sees it: grant by grant, with what an account inherits from its project. Changes nothing.

import type { ConditionText } from "../world/policy/compiled-condition.js";
import type { ResourcePolicy } from "../world/policy/resource-policy.js";
import type { World } from "../world/world.js";
import { demandAccount } from "./account-controls.js";

/** A role that a member has on a resource: one member of a binding. */
export interface EmulatorBinding {
  /** The number of the grant, for `removeGrant`. */
  readonly id: number;
  /** The role's name. */
  readonly role: string;
  /** The member, as the policy has it. */
  readonly member: string;
  /** The condition. Absent: always. */
  readonly condition?: ConditionText;
  /** Whose policy has it: an account inherits those of its project. */
  readonly from: "account" | "project";
  /** When it comes into effect. Absent once it is. */
  readonly inEffectAt?: Date;
}

/** The policy of a resource as test code sees it. */
export interface EmulatorPolicy {
  /** The version of the resource's own policy, in base64. */
  readonly etag: string;
  /** Who has which role, those in the resource's own policy first. */
  readonly bindings: readonly EmulatorBinding[];
}

function describe(policy: ResourcePolicy, from: EmulatorBinding["from"], now: number): EmulatorBinding[] {
  return policy.grants().map(({ id, role, member, condition, startsAt }) => ({
    id,
    role,
    member,
    ...(condition === undefined ? {} : { condition: condition.text }),
    from,
    ...(startsAt > now ? { inEffectAt: new Date(startsAt) } : {}),
  }));
}

/** The policy of an account, by e-mail or unique id. @throws MissingError when there is no such account */
export function describeAccountPolicy(
  world: Pick<World, "accounts" | "now" | "policies">,
  identifier: string,
): EmulatorPolicy {
  const { uniqueId, projectId } = demandAccount(world, identifier);
  const own = world.policies.ofAccount(uniqueId);
  const bindings = [
    ...describe(own, "account", world.now()),
    ...describe(world.policies.ofProject(projectId), "project", world.now()),
  ];
  return { etag: own.etag.toString("base64"), bindings };
}

/** The policy of a project, by its id. Every well-formed project exists. */
export function describeProjectPolicy({ policies, now }: Pick<World, "now" | "policies">, id: string): EmulatorPolicy {
  const policy = policies.ofProject(id);
  return { etag: policy.etag.toString("base64"), bindings: describe(policy, "project", now()) };
}
