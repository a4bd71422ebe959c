// SPDX-License-Identifier: Apache-2.0
// Decides which texts name a service account or a member. Does not know whether what they name exists.

import { isProjectReference } from "./project-ids.js";

const accountName = /^projects\/([^/]+)\/serviceAccounts\/([^/]+)$/;
/** Just enough to tell an e-mail from anything else: one @, a dotted host, nothing that breaks a URL path or a header. */
export const email = /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/;
const uniqueId = /^[0-9]{1,30}$/;
/** The name of a custom role. */
export const customRoleName = /^(projects\/[a-z0-9.:-]{1,100}|organizations\/[0-9]{1,30})\/roles\/[A-Za-z0-9_.]{3,64}$/;
/** An identity of a workload identity pool, as it calls. */
export const federatedMember = /^principal:\/\/[A-Za-z0-9.-]+\/[\x21-\x7e]{1,1024}$/;
const memberPrefixes = ["user:", "serviceAccount:"] as const;

/** Whether the text is shaped like an e-mail address. */
export function isEmail(text: string): boolean {
  return text.length <= 254 && email.test(text);
}

/** Whether the text is shaped like an e-mail address or a unique id. */
export function isAccountIdentifier(text: string): boolean {
  return isEmail(text) || uniqueId.test(text);
}

/** A service account as a request names it. */
export interface AccountName {
  /** The project's id or number, or a dash for whatever project it is in. Required. */
  readonly project: string;
  /** Its e-mail or unique id. Required. */
  readonly identifier: string;
}

/** Reads `projects/{project or -}/serviceAccounts/{e-mail or unique id}`; undefined when malformed. */
export function parseAccountName(name: string): AccountName | undefined {
  const [, project = "", identifier = ""] = accountName.exec(name) ?? [];
  const isName = (project === "-" || isProjectReference(project)) && isAccountIdentifier(identifier);
  return isName ? { project, identifier } : undefined;
}

/** Whether the text is shaped like the name of a custom role: `projects/{project}/roles/{id}`, or of an organization. */
export function isCustomRoleName(text: unknown): text is string {
  return typeof text === "string" && customRoleName.test(text);
}

/** Whether the text is an IAM member that can call: `user:{email}`, `serviceAccount:{email}` or `principal://{identity}`. */
export function isMember(text: string): boolean {
  const prefix = memberPrefixes.find((candidate) => text.startsWith(candidate));
  return prefix === undefined ? federatedMember.test(text) : isEmail(text.slice(prefix.length));
}
