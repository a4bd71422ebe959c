// SPDX-License-Identifier: Apache-2.0
// Explains how a call along a chain would be decided, hop by hop, with the code that decides calls. Logs and calls nothing.

import { listOf, value } from "../../base/options/checks.js";
import { declare, type GivenOf, optional, required, settle } from "../../base/options/declaration.js";
import { isMember } from "../world/names/account-names.js";
import { EMAIL } from "../world/names/name-checks.js";
import type { PermissionDecision } from "../world/policy/decision.js";
import { accountPermissions } from "../world/policy/permission-list.js";
import { checkChain, OWNER } from "../world/policy/permissions.js";
import { refuseOption } from "../world/refusals/refuse-option.js";
import { ServiceError } from "../world/refusals/service-error.js";
import type { World } from "../world/world.js";
import { demandAccount } from "./account-controls.js";

const PRINCIPAL = value<string>(
  (given) => typeof given === "string" && (given === OWNER || isMember(given)),
  'an IAM member that can call, such as "user:" or "serviceAccount:" and an e-mail address, or "owner"',
);
const PERMISSION = value<string>(
  (given) => typeof given === "string" && accountPermissions.includes(given),
  'a permission on service accounts, such as "iam.serviceAccounts.signBlob"',
);

/** A call along a chain of delegates. */
export const CHAIN = declare({
  unknown: "is not a field of a chain",
  fields: {
    /** Who would call: an IAM member, or `owner`. Required. */
    principal: required(PRINCIPAL),
    /** The e-mails of the accounts between caller and account, caller's side first. Default: none. */
    delegates: optional(listOf(EMAIL), []),
    /** The account that would be acted on: its e-mail. Required. */
    serviceAccount: required(EMAIL),
    /** The permission needed on it, for example `iam.serviceAccounts.signBlob`. Required. */
    permission: required(PERMISSION),
  },
});

/** A call along a chain of delegates. */
export interface EmulatorChain extends GivenOf<typeof CHAIN.fields> {}

/**
 * Explains how a call would be decided.
 *
 * @returns a decision per hop, the caller's first
 * @throws TypeError naming the field that is wrong; MissingError when an account does not exist
 */
export function explainChain(
  world: Pick<World, "accounts" | "now" | "policies" | "roles">,
  chain: EmulatorChain,
): readonly PermissionDecision[] {
  const settled = settle(CHAIN, chain, { refuse: refuseOption });
  const delegates = settled.delegates.map((email) => demandAccount(world, email));
  const target = demandAccount(world, settled.serviceAccount);
  const { now, policies, roles } = world;
  const decision: PermissionDecision[] = [];
  const authority = { now, policies, roles, observe: (each: PermissionDecision) => void decision.push(each) };
  try {
    const { principal, permission } = settled;
    checkChain(authority, { principal, delegates, target, permission });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
  }
  return decision;
}
