// SPDX-License-Identifier: Apache-2.0
// Reads from a policy whether a member has what a hop of a chain needs. Looks into no group and evaluates no condition; sends nothing.

import { memberKey } from "../../access-policy/member.js";
import type { Policy } from "../../access-policy/policy-message.js";
import { DELEGATION, OPEN_ID_TOKEN_CREATOR, TOKEN_CREATOR } from "./hops.js";

const TOKENS = ["iam.serviceAccounts.getAccessToken", "iam.serviceAccounts.getOpenIdToken"];
const SIGNATURES = ["iam.serviceAccounts.signBlob", "iam.serviceAccounts.signJwt"];

/**
 * Which of these permissions the predefined roles give that people mistake for one another.
 *
 * Source: "Roles for service account authentication" of the IAM documentation; roles/iam.workloadIdentityUser from memory.
 */
const ROLES: ReadonlyMap<string, readonly string[]> = new Map([
  [TOKEN_CREATOR, [...TOKENS, ...SIGNATURES, DELEGATION]],
  [OPEN_ID_TOKEN_CREATOR, ["iam.serviceAccounts.getOpenIdToken"]],
  ["roles/iam.workloadIdentityUser", TOKENS],
  ["roles/iam.serviceAccountUser", []],
  ["roles/iam.serviceAccountAdmin", []],
  ["roles/iam.serviceAccountKeyAdmin", []],
  ["roles/owner", []],
  ["roles/editor", []],
  ["roles/viewer", []],
]);

/** Whether a role gives a permission to act as an account; `undefined`: the role is not one of those that are known. */
export function isGivenByRole(role: string, permission: string): boolean | undefined {
  return ROLES.get(role)?.includes(permission);
}

/** The role by which a policy gives a member a permission, without a condition; `undefined`: it names none that is known to give it. */
export function findGivenRole(policy: Policy, member: string, permission: string): string | undefined {
  const key = memberKey(member);
  return policy.bindings.find(
    ({ role, members, condition }) =>
      condition === undefined &&
      isGivenByRole(role, permission) === true &&
      members.some((each) => memberKey(each) === key),
  )?.role;
}
