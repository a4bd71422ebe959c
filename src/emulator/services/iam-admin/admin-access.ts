// SPDX-License-Identifier: Apache-2.0
// Decides who may reach a resource of the admin API: reads its name, finds it, and checks the permission. Does not know
// what is done with it.

import type { ServiceAccount } from "../../world/accounts/account-book.js";
import { type AccountName, parseAccountName } from "../../world/names/account-names.js";
import { isPermitted, isPermittedOnProject } from "../../world/policy/permissions.js";
import { invalidArgument, permissionDenied, ServiceError } from "../../world/refusals/service-error.js";
import type { RequestTarget, ServiceWorld } from "../method/service-method.js";
import { parseProjectName } from "./admin-names.js";

/** What the log says of a request whose field `name` is an account. */
export const accountTarget = ({ name }: { readonly name: string }): RequestTarget => ({ name, delegates: [] });

/** What the log says of a request that acts on no account. */
export const noTarget = (): RequestTarget => ({ name: undefined, delegates: [] });

/** An account that does not exist, as reported to callers that may know (from memory). */
function unknownAccount(): ServiceError {
  return new ServiceError("NOT_FOUND", "Unknown service account");
}

/**
 * The id of the project in a name, if the caller has a permission on it. Every well-formed id names a project.
 *
 * @throws ServiceError INVALID_ARGUMENT when the name is malformed, PERMISSION_DENIED without the permission
 */
export function requireProject(world: ServiceWorld, principal: string, name: string, permission: string): string {
  const given = parseProjectName(name);
  if (given === undefined) throw invalidArgument();
  const project = world.projects.find(given);
  if (project === undefined || !isPermittedOnProject(world, principal, permission, project)) {
    throw permissionDenied(permission);
  }
  return project;
}

/**
 * Reads the name of an account.
 *
 * @throws ServiceError INVALID_ARGUMENT when it is malformed
 */
export function requireAccountName(name: string): AccountName {
  const parsed = parseAccountName(name);
  if (parsed === undefined) throw invalidArgument();
  return parsed;
}

/**
 * Whether an account is in the project that a name says.
 *
 * @param project an id, a number, or a dash for any project
 */
export function isInProject({ projects }: ServiceWorld, { projectId }: ServiceAccount, project: string): boolean {
  return project === "-" || projects.find(project) === projectId;
}

/** The account with a name; undefined when there is none, or when it is in a project other than the name says. */
export function findNamedAccount(
  world: ServiceWorld,
  { project, identifier }: AccountName,
): ServiceAccount | undefined {
  const account = world.accounts.find(identifier);
  return account !== undefined && isInProject(world, account, project) ? account : undefined;
}

/**
 * The error for an account that does not exist: under a project's id it is NOT_FOUND for callers with the permission on the
 * project, and behind a dash PERMISSION_DENIED to all (google/iam/admin/v1/iam.proto). An option makes it always one or the other.
 */
export function missingAccount(
  world: ServiceWorld,
  principal: string,
  { project }: AccountName,
  permission: string,
): ServiceError {
  if (world.settings.missingAccounts === "notFound") return unknownAccount();
  const projectId = project === "-" ? undefined : world.projects.find(project);
  const isTold =
    world.settings.missingAccounts === "google" &&
    projectId !== undefined &&
    isPermittedOnProject(world, principal, permission, projectId);
  return isTold ? unknownAccount() : permissionDenied(permission);
}

/**
 * The account with a name, if the caller has a permission on it.
 *
 * @throws ServiceError INVALID_ARGUMENT when the name is malformed, PERMISSION_DENIED without the permission, and one of
 * PERMISSION_DENIED and NOT_FOUND when there is no such account
 */
export function requireAccount(
  world: ServiceWorld,
  principal: string,
  name: string,
  permission: string,
): ServiceAccount {
  const parsed = requireAccountName(name);
  const account = findNamedAccount(world, parsed);
  if (account === undefined) throw missingAccount(world, principal, parsed, permission);
  if (!isPermitted(world, principal, permission, account)) throw permissionDenied(permission);
  return account;
}
