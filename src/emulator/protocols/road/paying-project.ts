// SPDX-License-Identifier: Apache-2.0
// Decides which project pays for a call, and refuses one that must not: the caller must be allowed to bill it, and it must use the
// service. Does not know what is called.

import { parseAccountName } from "../../world/names/account-names.js";
import { projectOf } from "../../world/names/project-ids.js";
import { type Authority, isPermittedOnProject } from "../../world/policy/permissions.js";
import { titleOf } from "../../world/projects/service-book.js";
import { serviceDisabled, userProjectDenied } from "../../world/refusals/project-refusals.js";
import type { MethodIdentity } from "../../world/refusals/service-error.js";
import type { World } from "../../world/world.js";
import type { CallNotes } from "./operation.js";

/** What it needs from the world. */
export type PayingWorld = Pick<World, "accounts" | "now" | "policies" | "projects" | "roles" | "services" | "settings">;

/** What is known about the call. */
interface PaidCall {
  /** Who calls. Required. */
  readonly principal: string;
  /** The request, whatever it is. Required. */
  readonly request: unknown;
  /** The method. Required. */
  readonly identity: MethodIdentity;
  /** Receives the decision, and says whether a denied call passes. Required. */
  readonly authority: Pick<Authority, "letsPass" | "observe">;
}

const USE = "serviceusage.services.use";
const namingFields = ["name", "resource", "parent", "fullResourceName"] as const;

// The project of the resource that a request names.
function projectNamed({ accounts }: PayingWorld, request: unknown): string | undefined {
  const fields = Object(request) as Readonly<Record<string, unknown>>; // as: only four fields are read, and checked
  const [name = ""] = namingFields.flatMap((field) => (typeof fields[field] === "string" ? fields[field] : []));
  const account = /projects\/-\/serviceAccounts\/[^/]+/.exec(name)?.[0];
  if (account === undefined) return /(?:^|\/)projects\/([^/]+)/.exec(name)?.[1];
  const identifier = parseAccountName(account)?.identifier ?? "";
  return accounts.find(identifier)?.projectId ?? projectOf(identifier);
}

// Google bills the project of the client that a user logged in with. The emulator's users have none: the target's project pays.
function findPayer(world: PayingWorld, { principal, request }: PaidCall): string {
  const [kind, rest = ""] = principal.split(/:(.*)/s);
  if (kind === "serviceAccount") return world.accounts.ofMember(principal)?.projectId ?? projectOf(rest);
  const named = /\/projects\/([0-9]+)\//.exec(kind === "principal" ? rest : "")?.[1] ?? projectNamed(world, request);
  return (named === undefined ? undefined : world.projects.find(named)) ?? projectOf("");
}

/**
 * Checks that a call can be billed.
 *
 * @param notes holds the project that the call itself names
 * @throws ServiceError PERMISSION_DENIED, with Google's reason
 */
export function checkPayment(world: PayingWorld, call: PaidCall, notes: Pick<CallNotes, "quotaProject">): void {
  const { projects, services, settings } = world;
  const { quotaProject } = notes;
  const { service } = call.identity;
  if (quotaProject === undefined && services.isEnabledEverywhere(service)) return; // whoever pays
  const project = quotaProject === undefined ? findPayer(world, call) : (projects.find(quotaProject) ?? quotaProject);
  if (quotaProject !== undefined && settings.userProjects === "permitted") {
    const { now, policies, roles } = world;
    if (!isPermittedOnProject({ now, policies, roles, ...call.authority }, call.principal, USE, project)) {
      throw userProjectDenied(call.identity, quotaProject);
    }
  }
  if (!services.isEnabled(project, service)) {
    throw serviceDisabled(call.identity, titleOf(service), projects.numberOf(project));
  }
}
