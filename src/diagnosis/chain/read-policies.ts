// SPDX-License-Identifier: Apache-2.0
// Reads the policies of an account and of its project, and what custom roles give, as far as the caller may. Draws no conclusion.

import type { Policy } from "../../access-policy/policy-message.js";
import type { Facts } from "../facts/facts.js";
import type { Means } from "../facts/means.js";

const CUSTOM = /^(projects|organizations)\/[^/]+\/roles\/[^/]+$/;

/** An account's policy; `undefined`: it may not be read. @throws only the signal's reason */
export function readAccountPolicy(resource: string, facts: Facts, means: Means): Promise<Policy | undefined> {
  const options = { requestedPolicyVersion: 3 } as const;
  return readIfAllowed(facts, () => means.admin.getIamPolicy({ resource, options }, means.call));
}

/** A project's policy; `undefined`: it may not be read, or there is no project. @throws only the signal's reason */
export async function readProjectPolicy(
  project: string | undefined,
  facts: Facts,
  means: Means,
): Promise<Policy | undefined> {
  if (project === undefined) return undefined;
  const request = { resource: `projects/${project}`, options: { requestedPolicyVersion: 3 } } as const;
  return readIfAllowed(facts, () => means.projects.getIamPolicy(request, means.call));
}

/** What the custom roles of some policies give, each as far as it may be read. @throws only the signal's reason */
export async function readCustomRoles(
  policies: readonly (Policy | undefined)[],
  facts: Facts,
  means: Means,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = new Set(policies.flatMap((policy) => policy?.bindings.map(({ role }) => role) ?? []));
  const found = new Map<string, readonly string[]>();
  for (const name of [...names].filter((role) => CUSTOM.test(role))) {
    const role = await readIfAllowed(facts, () => means.admin.getRole({ name }, means.call));
    if (role !== undefined) found.set(name, role.deleted || role.stage === "DISABLED" ? [] : role.includedPermissions);
  }
  return found;
}

/** An answer, or nothing where it is refused. @throws only the signal's reason */
async function readIfAllowed<Answer>(facts: Facts, ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch {
    facts.options.signal?.throwIfAborted();
    return undefined;
  }
}
