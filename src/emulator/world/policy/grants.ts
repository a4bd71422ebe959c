// SPDX-License-Identifier: Apache-2.0
// Decides what a grant may say, and by name what is wrong with one, and puts it into a policy. Does not know what a role permits.

import { anyText, object, value } from "../../../base/options/checks.js";
import { declare, type GivenOf, optional, required } from "../../../base/options/declaration.js";
import type { ServiceAccount } from "../accounts/account-book.js";
import { customRoleName } from "../names/account-names.js";
import { EMAIL, POLICY_MEMBER, PROJECT } from "../names/name-checks.js";
import type { Peers } from "../runtime/optional-peer.js";
import { compileCondition } from "./compiled-condition.js";
import type { PolicyBook } from "./policy-book.js";
import { predefinedRoles } from "./predefined-roles.js";
import type { GrantRemoval } from "./resource-policy.js";

/** The name of a role that the emulator has, or of a custom one. */
const ROLE = value<string>(
  (given) => typeof given === "string" && (predefinedRoles.has(given) || customRoleName.test(given)),
  `a custom role or one of ${[...predefinedRoles.keys()].join(", ")}`,
  {
    anyOf: [{ enum: [...predefinedRoles.keys()] }, { type: "string", pattern: customRoleName.source }],
  },
);

/** The condition under which a grant applies. */
export const CONDITION = declare({
  unknown: "is not a field of a condition",
  fields: {
    /** The expression, in Common Expression Language (CEL). Required. */
    expression: required(anyText),
    /** A human-readable name. Default: none. */
    title: optional(anyText, ""),
    /** A human-readable description. Default: none. */
    description: optional(anyText, ""),
  },
});

/** A role that a member has on a service account. */
export const GRANT = declare({
  unknown: "is not a field of a grant",
  fields: {
    /**
     * The member, as in a policy: `user:{email}`, `serviceAccount:{email}`, `principal://{identity}`, `domain:{domain}`, `allUsers`, … A
     * group has no members here. Required.
     */
    member: required(POLICY_MEMBER),
    /**
     * The role: a predefined one, for example `roles/iam.serviceAccountTokenCreator`, or an existing custom one,
     * `projects/{project}/roles/{id}`. Required.
     */
    role: required(ROLE),
    /** The account it is on: the e-mail of one that the emulator has. Required, or `project`. */
    serviceAccount: optional(EMAIL),
    /** The id of the project it is on; it then applies to every account in the project. Required, or `serviceAccount`. */
    project: optional(PROJECT),
    /** When it applies; needs the package `@bufbuild/cel`. Default: always. */
    condition: optional(object(CONDITION)),
  },
  schema: { oneOf: [{ required: ["serviceAccount"] }, { required: ["project"] }] },
  rule: ({ serviceAccount, project }) =>
    (serviceAccount === undefined) === (project === undefined)
      ? { path: "", text: "must have either serviceAccount or project" }
      : undefined,
});

/** A role that a member has on a service account. */
export interface EmulatorGrant extends GivenOf<typeof GRANT.fields> {}

/**
 * Adds a grant: a binding in the policy of its account or project.
 *
 * @param grant one whose form has been checked
 * @param account the account that it is on; undefined for one on a project
 * @param startsAt when it takes effect, in milliseconds since the epoch. Default: from the next call on
 * @returns its removal, which may be called more than once. A grant that was added twice stays until both are removed
 * @throws ConditionError when its condition is malformed; MissingPeerError when it has one and `@bufbuild/cel` is not installed
 */
export function addGrant(
  { policies, peers }: { readonly policies: PolicyBook; readonly peers: Peers },
  { member, role, condition, project }: EmulatorGrant,
  account: ServiceAccount | undefined,
  startsAt?: number,
): GrantRemoval {
  const { expression, title = "", description = "" } = condition ?? {};
  const compiled =
    expression === undefined ? undefined : compileCondition(peers, { expression, title, description, location: "" });
  const policy = account === undefined ? policies.ofProject(project ?? "") : policies.ofAccount(account.uniqueId);
  return policy.add({ member, role, condition: compiled }, startsAt);
}
