// SPDX-License-Identifier: Apache-2.0
// Decides what the Organization Policy API says about the policies in force in a project. They are options; no call writes them.

import { isPermittedOnProject } from "../../world/policy/permissions.js";
import { invalidArgument, permissionDenied } from "../../world/refusals/service-error.js";
import type { ServiceMethod, ServiceWorld } from "../method/service-method.js";

/** A request for a policy. */
interface EffectivePolicyRequest {
  /** `projects/{project}/policies/{constraint}`. Required. */
  readonly name: string;
}

/** A policy. Source: the REST reference of orgpolicy, v2. */
interface EffectivePolicy {
  /** Its name, by the project's number. Required. */
  readonly name: string;
  /** What it says. Required. */
  readonly spec: { readonly rules: readonly PolicyRule[] };
}

/** A rule: whether a constraint is enforced, or the values that it allows. */
type PolicyRule =
  | { readonly enforce: boolean }
  | { readonly denyAll: true }
  | { readonly values: { readonly allowedValues: readonly string[] } };

/** The path. */
export const effectivePolicyTemplate = "/v2/{name=projects/*/policies/*}:getEffectivePolicy";

const EXTENSION = "iam.allowServiceAccountCredentialLifetimeExtension";

function ruleOf({ settings }: ServiceWorld, constraint: string): PolicyRule {
  if (constraint !== EXTENSION) {
    return { enforce: [...settings.organizationPolicies].some((policy) => constraint === `iam.${policy}`) };
  }
  const allowedValues = [...settings.extendedLifetimeAccounts];
  return allowedValues.length === 0 ? { denyAll: true } : { values: { allowedValues } };
}

/** GetEffectivePolicy. A constraint that the emulator does not know is not enforced. */
export const getEffectivePolicy: ServiceMethod<EffectivePolicyRequest, EffectivePolicy> = {
  name: "GetEffectivePolicy",
  target: () => ({ name: undefined, delegates: [] }),
  async run(world, principal, { name }) {
    const [, given = "", constraint = ""] = /^projects\/([^/]+)\/policies\/([A-Za-z0-9.]{1,200})$/.exec(name) ?? [];
    if (constraint === "") throw invalidArgument();
    const project = world.projects.find(given);
    const permission = "orgpolicy.policy.get";
    if (project === undefined || !isPermittedOnProject(world, principal, permission, project)) {
      throw permissionDenied(permission);
    }
    const rules = [ruleOf(world, constraint)];
    return { name: `projects/${world.projects.numberOf(project)}/policies/${constraint}`, spec: { rules } };
  },
};
