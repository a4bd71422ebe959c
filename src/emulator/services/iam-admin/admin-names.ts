// SPDX-License-Identifier: Apache-2.0
// Reads the resource names of the admin API: projects, accounts, keys, parents of roles. Does not know what exists.

import { type AccountName, parseAccountName } from "../../world/names/account-names.js";
import { isProjectReference } from "../../world/names/project-ids.js";

/** A key as a request names it. */
interface KeyName {
  /** The name of its account. Required. */
  readonly account: string;
  /** Its id. Required. */
  readonly keyId: string;
}

/** Reads `projects/{id or number}`; undefined when malformed. A dash is not a project. */
export function parseProjectName(name: string): string | undefined {
  const project = /^projects\/([^/]+)$/.exec(name)?.[1];
  return project !== undefined && isProjectReference(project) ? project : undefined;
}

/** Reads `{account's name}/keys/{key id}`; undefined when malformed. The account's name is not parsed. */
export function parseKeyName(name: string): KeyName | undefined {
  const [, account, keyId] = /^(.+)\/keys\/([^/]+)$/.exec(name) ?? [];
  return account !== undefined && keyId !== undefined ? { account, keyId } : undefined;
}

/** Whether the text can be a parent of custom roles: `projects/{project}` or `organizations/{number}`. */
export function isRoleParent(text: string): boolean {
  return parseProjectName(text) !== undefined || /^organizations\/[0-9]{1,30}$/.test(text);
}

/** A resource by its full name: a project, or a service account. */
export type FullResource =
  | { readonly project: string }
  | { readonly account: AccountName }
  | { readonly other: string };

// A client whose endpoint is the emulator names resources by the emulator's host: gcloud does.
const isHostOf = (host: string, service: string) => host === service || !host.endsWith(".googleapis.com");

/**
 * Reads a full resource name: `//cloudresourcemanager.googleapis.com/projects/{project}`,
 * `//iam.googleapis.com/projects/{project}/serviceAccounts/{account}`, or one of a resource that the emulator does not have.
 * undefined when malformed.
 */
export function parseFullResourceName(text: string): FullResource | undefined {
  const [, host = "", path = ""] =
    /^\/\/([a-z0-9.-]+|[a-z0-9.-]*:[0-9]{1,5}|\[[0-9a-f:]+\]:[0-9]{1,5})\/(.+)$/.exec(text) ?? [];
  if (path === "") return undefined;
  const project = isHostOf(host, "cloudresourcemanager.googleapis.com") ? parseProjectName(path) : undefined;
  if (project !== undefined) return { project };
  const account = isHostOf(host, "iam.googleapis.com") ? parseAccountName(path) : undefined;
  return account === undefined ? { other: text } : { account };
}
