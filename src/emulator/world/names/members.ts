// SPDX-License-Identifier: Apache-2.0
// Decides which texts can be members of a policy, and whom a member stands for. Knows no roles.

import { isEmail } from "./account-names.js";

const withEmail = ["user", "serviceAccount", "group"] as const;
/** A domain. */
export const domain = /^[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/;
/** One federated identity, or a set of them. */
export const federatedMembers = /^principal(Set)?:\/\/[A-Za-z0-9.-]+\/[\x21-\x7e]{1,1024}$/;
const deleted = /^deleted:(user|serviceAccount|group):([^?]+)\?uid=[0-9]{1,30}$/;

/** Whether a policy can have this member. Does not check whether what it names exists. */
export function isPolicyMember(text: string): boolean {
  if (text === "allUsers" || text === "allAuthenticatedUsers") return true;
  const gone = deleted.exec(text);
  if (gone !== null) return isEmail(gone[2] ?? "");
  const colon = text.indexOf(":");
  const [kind, name] = [text.slice(0, colon), text.slice(colon + 1)];
  if (withEmail.some((candidate) => candidate === kind)) return isEmail(name);
  return kind === "domain" ? domain.test(name) : federatedMembers.test(text);
}

/**
 * Whether a member of a policy stands for a principal: it is the principal, everybody, or its domain. Groups have no
 * members here. Of the sets of federated principals, a whole pool stands for everybody from that pool.
 */
export function includesPrincipal(member: string, principal: string): boolean {
  if (member === principal || member === "allUsers" || member === "allAuthenticatedUsers") return true;
  if (member.startsWith("principalSet://") && member.endsWith("/*")) {
    return principal.startsWith(`principal://${member.slice("principalSet://".length, -1)}subject/`);
  }
  if (!member.startsWith("domain:") || !principal.startsWith("user:")) return false;
  return principal.toLowerCase().endsWith(`@${member.slice("domain:".length).toLowerCase()}`);
}

/** A service account as policies name it once it is deleted, so that a new account with the same name inherits nothing. */
export function formatDeletedAccount(email: string, uniqueId: string): string {
  return `deleted:serviceAccount:${email}?uid=${uniqueId}`;
}
