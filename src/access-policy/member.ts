// SPDX-License-Identifier: Apache-2.0
// Decides which texts can be a member of a policy, and when two of them are the same one. Does not know who exists.

import { RequestError } from "../base/errors.js";

const EMAIL = /^[^\s@:/?#"`<>()[\]\\,;]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/;
/** A service account of Kubernetes, as the workload identity pool of a project names it. */
const KUBERNETES_ACCOUNT = /^[a-z0-9.:-]{1,100}\.svc\.id\.goog\[[a-z0-9.-]{1,63}\/[a-z0-9.-]{1,253}\]$/;
const DOMAIN = /^[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/;
const PROJECT = /^(?:[a-z0-9.-]{1,80}:)?[a-z][a-z0-9-]{3,61}[a-z0-9]$/;
/** What follows `principal://` and `principalSet://`: a host and a path, without blanks. */
const FEDERATED = /^[A-Za-z0-9.-]{1,253}\/[\x21-\x7e]{1,1024}$/;
const UID = /\?uid=\d{1,30}$/;
const GOOGLE_ACCOUNT_HOST = /\.gserviceaccount\.com$/i;

interface Kind {
  /** What the member starts with. */
  readonly prefix: string;
  /** What it looks like, for people. */
  readonly form: string;
  isName(name: string): boolean;
}

const kind = (prefix: string, form: string, isName: (name: string) => boolean): Kind => ({ prefix, form, isName });
const isEmail = (name: string): boolean => name.length <= 254 && EMAIL.test(name);
const isServiceAccount = (name: string): boolean => isEmail(name) || KUBERNETES_ACCOUNT.test(name);
const isDeleted = (isName: (name: string) => boolean) => (name: string) =>
  UID.test(name) && isName(name.replace(UID, ""));

// Source: "Principal identifiers" of the IAM documentation, and google/iam/v1/policy.proto.
const KINDS: readonly Kind[] = [
  kind("user:", "user:{email}", isEmail),
  kind("serviceAccount:", "serviceAccount:{email}", isServiceAccount),
  kind("group:", "group:{email}", isEmail),
  kind("domain:", "domain:{domain}", (name) => DOMAIN.test(name)),
  kind("principal://", "principal://{host}/{path}", (name) => FEDERATED.test(name)),
  kind("principalSet://", "principalSet://{host}/{path}", (name) => FEDERATED.test(name)),
  kind("projectOwner:", "projectOwner:{project}", (name) => PROJECT.test(name)),
  kind("projectEditor:", "projectEditor:{project}", (name) => PROJECT.test(name)),
  kind("projectViewer:", "projectViewer:{project}", (name) => PROJECT.test(name)),
  kind("deleted:user:", "deleted:user:{email}?uid={number}", isDeleted(isEmail)),
  kind("deleted:serviceAccount:", "deleted:serviceAccount:{email}?uid={number}", isDeleted(isServiceAccount)),
  kind("deleted:group:", "deleted:group:{email}?uid={number}", isDeleted(isEmail)),
  kind("deleted:principal://", "deleted:principal://{host}/{path}", (name) => FEDERATED.test(name)),
];
const EVERYBODY: readonly string[] = ["allUsers", "allAuthenticatedUsers"];

/**
 * Checks the form of a member of a policy. Whether whoever it names exists is for the service to say.
 *
 * @param member `user:{email}`, `serviceAccount:{email}`, `group:{email}`, `domain:{domain}`, `principal://…`, `principalSet://…`,
 *   `allUsers`, `allAuthenticatedUsers`, `projectOwner:{project}` and its like, or `deleted:…?uid={number}`
 * @param field what the error calls it
 * @returns the member, as it was given
 * @throws RequestError when it is not one, saying what would be right
 */
export function checkMember(member: unknown, field = "member"): string {
  if (typeof member !== "string" || member === "") {
    throw new RequestError(field, "is missing; must be a member such as user:{email} or serviceAccount:{email}");
  }
  if (EVERYBODY.includes(member)) return member;
  const own = KINDS.find(({ prefix }) => member.startsWith(prefix));
  if (own === undefined) throw new RequestError(field, `${JSON.stringify(member)} ${explainUnknownKind(member)}`);
  if (!own.isName(member.slice(own.prefix.length))) {
    throw new RequestError(field, `must be ${own.form}, not ${JSON.stringify(member)}`);
  }
  // The service refuses it with a text about types; nobody means anything else by it.
  if (own.prefix === "user:" && GOOGLE_ACCOUNT_HOST.test(member)) {
    const right = `serviceAccount:${member.slice("user:".length)}`;
    throw new RequestError(field, `${JSON.stringify(member)} is a service account; write ${right}`);
  }
  return member;
}

function explainUnknownKind(member: string): string {
  const colon = member.indexOf(":");
  const given = colon < 0 ? member : member.slice(0, colon + 1);
  const all = [...KINDS.map(({ form }) => form), ...EVERYBODY];
  const near = [...KINDS.map(({ prefix }) => prefix), ...EVERYBODY].find(
    (each) => each.toLowerCase() === given.toLowerCase(),
  );
  if (near !== undefined) return `is misspelled: members are case-sensitive; write ${near}`;
  if (isEmail(member)) {
    const guess = GOOGLE_ACCOUNT_HOST.test(member) ? `serviceAccount:${member}` : `user:${member} or group:${member}`;
    return `has no member type; write ${guess}`;
  }
  return `is not a member; valid forms are ${all.join(", ")}`;
}

/**
 * What two spellings of one member have in common: e-mail addresses and domains are compared without regard to case, as by the service,
 * federated identities exactly.
 */
export function memberKey(member: string): string {
  if (/^(deleted:)?principal(Set)?:/.test(member)) return member;
  const nameAt = member.lastIndexOf(":") + 1;
  return member.slice(0, nameAt) + (nameAt === 0 ? member : member.slice(nameAt).toLowerCase());
}
