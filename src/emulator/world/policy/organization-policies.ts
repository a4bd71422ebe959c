// SPDX-License-Identifier: Apache-2.0
// Knows the organization policies that can be enforced, and the error of a call that one of them forbids. Does not know who calls.

import { listOf, oneOf } from "../../../base/options/checks.js";
import { ServiceError } from "../refusals/service-error.js";

/**
 * An organization policy: `disableServiceAccountCreation`, `disableServiceAccountKeyCreation` or `disableServiceAccountKeyUpload`.
 * Source: Google's list of constraints, where each has `constraints/iam.` in front.
 */
export type EmulatorOrganizationPolicy = keyof typeof texts;

// The first two texts are from memory, the third is modeled on them.
const texts = {
  disableServiceAccountCreation: "Service account creation is not allowed on this project.",
  disableServiceAccountKeyCreation: "Key creation is not allowed on this service account.",
  disableServiceAccountKeyUpload: "Key upload is not allowed on this service account.",
} as const;

/** The organization policies that are enforced. */
export const ORGANIZATION_POLICIES = listOf(
  oneOf(Object.keys(texts) as EmulatorOrganizationPolicy[]), // as: a record has no other keys
);

/**
 * Refuses what a policy forbids.
 *
 * @param enforced the policies that are enforced
 * @param resource the name of the resource that it would have affected
 * @throws ServiceError FAILED_PRECONDITION when the policy is enforced
 */
export function checkAllowed(
  enforced: ReadonlySet<EmulatorOrganizationPolicy>,
  policy: EmulatorOrganizationPolicy,
  resource: string,
): void {
  if (!enforced.has(policy)) return;
  const description = texts[policy];
  const violation = { type: `constraints/iam.${policy}`, subject: resource, description };
  throw new ServiceError("FAILED_PRECONDITION", description, undefined, { preconditions: [violation] });
}
