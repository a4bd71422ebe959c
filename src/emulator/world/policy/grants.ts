// SPDX-License-Identifier: Apache-2.0
// Decides what a grant may say, and by name what is wrong with one, and puts it into a policy. Does not know what a role permits.

import type { ServiceAccount } from "../accounts/account-book.js";
import { isCustomRoleName, requireEmail, requireMember } from "../names/account-names.js";
import { isProjectId } from "../names/project-ids.js";
import type { Peers } from "../runtime/optional-peer.js";
import { compileCondition } from "./condition.js";
import type { PolicyBook } from "./policy-book.js";
import { predefinedRoles } from "./predefined-roles.js";

/** A role that a member has on a service account. */
export interface EmulatorGrant {
  /** Who: `user:{email}` `serviceAccount:{email}`, or `principal://{identity}`. Required. */
  readonly member: string;
  /**
   * Which role: a predefined one, `roles/iam.serviceAccountTokenCreator` for one, or a custom one that exists,
   * `projects/{project}/roles/{id}`. Required.
   */
  readonly role: string;
  /** On which account: the e-mail of one that the emulator has. Required, or `project`. */
  readonly serviceAccount?: string | undefined;
  /** On which project, and so on every account in it: its id. Required, or `serviceAccount`. */
  readonly project?: string | undefined;
  /** Under which condition, in Common Expression Language; needs the package @bufbuild/cel. Default: always. */
  readonly condition?:
    | { readonly expression: string; readonly title?: string; readonly description?: string }
    | undefined;
}

function requireOne(grant: EmulatorGrant, label: string): Pick<EmulatorGrant, "serviceAccount" | "project"> {
  const { serviceAccount, project } = grant;
  if (project === undefined) return { serviceAccount: requireEmail(serviceAccount, `${label}.serviceAccount`) };
  if (serviceAccount !== undefined) throw new TypeError(`${label} must have serviceAccount or project, not both`);
  if (typeof project === "string" && isProjectId(project)) return { project };
  throw new TypeError(`${label}.project must be a project id, not ${JSON.stringify(project)}`);
}

function requireCondition(condition: EmulatorGrant["condition"], label: string): EmulatorGrant["condition"] {
  if (condition === undefined) return undefined;
  const { expression, title = "", description = "" } = condition ?? {};
  if (typeof expression !== "string" || typeof title !== "string" || typeof description !== "string") {
    throw new TypeError(`${label} must be an object with an expression, and with title and description or without`);
  }
  return { expression, title, description };
}

/**
 * Checks the form of a grant; whether its account or custom role exists is for whoever has them.
 *
 * @param label what the errors call it
 * @throws TypeError naming the field
 */
export function requireGrant(grant: EmulatorGrant, label: string): EmulatorGrant {
  if (typeof grant !== "object" || grant === null) throw new TypeError(`${label} must be an object`);
  const { role } = grant;
  const member = requireMember(grant.member, `${label}.member`);
  if (!predefinedRoles.has(role) && !isCustomRoleName(role)) {
    const known = [...predefinedRoles.keys()].join(", ");
    throw new TypeError(`${label}.role must be a custom role or one of ${known}, not ${JSON.stringify(role)}`);
  }
  const condition = requireCondition(grant.condition, `${label}.condition`);
  return { member, role, ...requireOne(grant, label), condition };
}

/**
 * Adds a grant, from the next call on: a binding in the policy of its account or project.
 *
 * @param grant one whose form has been checked
 * @param account the account that it is on; undefined for one on a project
 * @returns its removal, which may be called more than once. A grant that was added twice stays until both are removed
 * @throws ConditionError when its condition is malformed; MissingPeerError when it has one and @bufbuild/cel is not there
 */
export function addGrant(
  { policies, peers }: { readonly policies: PolicyBook; readonly peers: Peers },
  { member, role, condition, project }: EmulatorGrant,
  account: ServiceAccount | undefined,
): () => void {
  const compiled =
    condition === undefined
      ? undefined
      : compileCondition(peers, { title: "", description: "", location: "", ...condition });
  const policy = account === undefined ? policies.ofProject(project ?? "") : policies.ofAccount(account.uniqueId);
  return policy.add({ member, role, condition: compiled });
}
