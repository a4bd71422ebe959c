// SPDX-License-Identifier: Apache-2.0
// Gives and takes a role in the policy at the service, and checks whether it is there: edit-policy.ts does the editing, update-policy.ts
// the reading and writing.

import type { CallOptions } from "../rpc/call-options.js";
import { addToPolicy, policyHasBinding, removeFromPolicy } from "./edit-policy.js";
import type { Policy } from "./policy-message.js";
import { checkRoleBinding, type RoleBinding, type RoleBindingFilter } from "./role-binding.js";
import { type PolicyCalls, type PolicyModifier, type PolicyTools, updatePolicy } from "./update-policy.js";

/** What adding or removing a binding did. */
export interface BindingChange {
  /** Whether the policy had to be changed; `false`: it was already as wanted, and nothing was written. */
  readonly isChanged: boolean;
  /** The policy as it stands now. */
  readonly policy: Policy;
}

/** A binding of one resource's policy. */
interface BindingOf<Binding> {
  /** The resource, in any of its forms. */
  readonly resource: string;
  /** The binding that is meant. */
  readonly binding: Binding;
  /** Those of the call. */
  readonly options: CallOptions | undefined;
}

/** Adds a binding. @throws RequestError; RpcError */
export async function addBinding(tools: PolicyTools, wanted: BindingOf<RoleBinding>): Promise<BindingChange> {
  checkRoleBinding(wanted.binding, false);
  return change(tools, wanted, (policy) => addToPolicy(policy, wanted.binding));
}

/** Removes a binding. @throws RequestError; RpcError */
export async function removeBinding(
  tools: PolicyTools,
  unwanted: BindingOf<RoleBindingFilter>,
): Promise<BindingChange> {
  checkRoleBinding(unwanted.binding, true);
  return change(tools, unwanted, (policy) => removeFromPolicy(policy, unwanted.binding));
}

/** Whether a policy names a member for a role. @throws RequestError; RpcError */
export async function hasBinding(
  calls: Pick<PolicyCalls, "getIamPolicy">,
  { resource, binding, options }: BindingOf<RoleBindingFilter>,
): Promise<boolean> {
  checkRoleBinding(binding, true);
  const policy = await calls.getIamPolicy({ resource, options: { requestedPolicyVersion: 3 } }, options);
  return policyHasBinding(policy, binding);
}

async function change(
  tools: PolicyTools,
  { resource, options }: BindingOf<unknown>,
  modify: PolicyModifier,
): Promise<BindingChange> {
  const { policy, isWritten } = await updatePolicy(tools, { resource, modify, options });
  return { isChanged: isWritten, policy };
}
