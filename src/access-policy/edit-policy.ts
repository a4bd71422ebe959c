// SPDX-License-Identifier: Apache-2.0
// Adds and removes one member of one role in a policy, as gcloud's add- and remove-iam-policy-binding do. Pure functions: what they
// are given stays as it is, and they send nothing.

import { memberKey } from "./member.js";
import type { Binding, Expr, Policy } from "./policy-message.js";
import { checkRoleBinding, conditionKey, type RoleBinding, type RoleBindingFilter } from "./role-binding.js";

/**
 * The policy with a member in a role. It joins the binding of the same role and condition, or makes one.
 *
 * @returns the given policy itself when the member is there already, under the same condition
 * @throws RequestError naming the field of the binding that is wrong
 */
export function addToPolicy(policy: Policy, binding: RoleBinding): Policy {
  checkRoleBinding(binding, false);
  if (policyHasBinding(policy, binding)) return policy;
  const { role, member, condition } = binding;
  const bindings = [...policy.bindings];
  const at = bindings.findIndex((each) => isOf(each, binding));
  const joined = bindings[at];
  if (joined !== undefined) bindings[at] = { ...joined, members: [...joined.members, member] };
  else bindings.push({ role, members: [member], condition: condition && buildCondition(condition) });
  return { ...policy, bindings };
}

function buildCondition(condition: NonNullable<RoleBinding["condition"]>): Expr {
  const { expression, title, description = "", location = "" } = condition;
  return { expression, title, description, location };
}

/**
 * The policy without a member in a role. A binding that loses its last member goes with it; those under other conditions stay.
 *
 * @returns the given policy itself when the member is not there
 * @throws RequestError naming the field of the binding that is wrong
 */
export function removeFromPolicy(policy: Policy, binding: RoleBindingFilter): Policy {
  checkRoleBinding(binding, true);
  if (!policyHasBinding(policy, binding)) return policy;
  const key = memberKey(binding.member);
  const bindings = policy.bindings.flatMap((each) => {
    if (!isOf(each, binding)) return [each];
    const members = each.members.filter((member) => memberKey(member) !== key);
    if (members.length === each.members.length) return [each];
    return members.length === 0 ? [] : [{ ...each, members }];
  });
  return { ...policy, bindings };
}

/**
 * Whether a policy gives a member a role, by name: it looks into no group and no role, and evaluates no condition.
 *
 * @throws RequestError naming the field of the binding that is wrong
 */
export function policyHasBinding(policy: Policy, binding: RoleBindingFilter): boolean {
  checkRoleBinding(binding, true);
  const key = memberKey(binding.member);
  return policy.bindings.some(
    (each) => isOf(each, binding) && each.members.some((member) => memberKey(member) === key),
  );
}

/** Whether a binding of a policy is of the role and condition that are meant. */
function isOf(each: Binding, { role, condition }: RoleBindingFilter): boolean {
  return each.role === role && (condition === "any" || conditionKey(each.condition) === conditionKey(condition));
}
