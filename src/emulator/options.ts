// SPDX-License-Identifier: Apache-2.0
// Decides which options an emulator takes, and says by name what is wrong with one. Does not know what exists in a
// running emulator.

import { isEmail, isMember } from "./resource-name.js";
import { predefinedRoles } from "./roles.js";

/** A role that a member has on a service account. */
export interface EmulatorGrant {
  /** Who: `user:{email}` or `serviceAccount:{email}`. Required. */
  readonly member: string;
  /** Which predefined role, `roles/iam.serviceAccountTokenCreator` for one. Required. */
  readonly role: string;
  /** On which account: the e-mail of one that the emulator has. Required. */
  readonly serviceAccount: string;
}

/** What an emulator starts with. */
export interface EmulatorOptions {
  /** The e-mails of the service accounts that exist. Default: none. */
  readonly serviceAccounts?: readonly string[];
  /** Who may do what on them. Default: none, and then only `owner` may do anything. */
  readonly grants?: readonly EmulatorGrant[];
  /** The port on 127.0.0.1. Default: 0, any free one, so that test runs can't collide. */
  readonly port?: number;
  /** Whether the bearer `owner` is a principal with every role. Default: true, so that a client without credentials can call. */
  readonly owner?: boolean;
  /**
   * The e-mails of accounts whose access tokens may live for 43,200 seconds: what the organization policy
   * constraints/iam.allowServiceAccountCredentialLifetimeExtension does. Default: none; the limit is 3,600 seconds.
   */
  readonly extendedLifetimeAccounts?: readonly string[];
}

/** The options with nothing left open. */
export type ResolvedOptions = Required<EmulatorOptions>;

const defaults: ResolvedOptions = {
  serviceAccounts: [],
  grants: [],
  port: 0,
  owner: true,
  extendedLifetimeAccounts: [],
};

/**
 * Checks an e-mail.
 *
 * @param label what the error calls it
 * @throws TypeError when it is none
 */
export function requireEmail(email: unknown, label: string): string {
  if (typeof email === "string" && isEmail(email)) return email;
  throw new TypeError(`${label} must be an e-mail address, not ${JSON.stringify(email)}`);
}

/**
 * Checks an IAM member.
 *
 * @param label what the error calls it
 * @throws TypeError when it is no `user:{email}` or `serviceAccount:{email}`
 */
export function requireMember(member: unknown, label: string): string {
  if (typeof member === "string" && isMember(member)) return member;
  const given = JSON.stringify(member);
  throw new TypeError(`${label} must start with "user:" or "serviceAccount:" and go on with an e-mail, not ${given}`);
}

/**
 * Checks the form of a grant; whether its account exists is for whoever has the accounts.
 *
 * @param label what the errors call it
 * @throws TypeError naming the field
 */
export function requireGrant(grant: EmulatorGrant, label: string): EmulatorGrant {
  if (typeof grant !== "object" || grant === null) throw new TypeError(`${label} must be an object`);
  const member = requireMember(grant.member, `${label}.member`);
  if (!predefinedRoles.has(grant.role)) {
    const known = [...predefinedRoles.keys()].join(", ");
    throw new TypeError(`${label}.role must be one of ${known}, not ${JSON.stringify(grant.role)}`);
  }
  return { member, role: grant.role, serviceAccount: requireEmail(grant.serviceAccount, `${label}.serviceAccount`) };
}

function requireList<Item>(list: readonly Item[], label: string): readonly Item[] {
  if (!Array.isArray(list)) throw new TypeError(`${label} must be an array`);
  return list;
}

/**
 * Settles the options.
 *
 * @throws TypeError naming the option that is wrong or unknown
 */
export function resolveOptions(options: EmulatorOptions): ResolvedOptions {
  if (typeof options !== "object" || options === null) throw new TypeError("options must be an object");
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(defaults, key));
  if (unknown !== undefined) throw new TypeError(`${unknown} is no option of the emulator`);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const { serviceAccounts, grants, port, owner, extendedLifetimeAccounts }: ResolvedOptions = { ...defaults, ...given };
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TypeError(`port must be an integer from 0 to 65535, not ${JSON.stringify(port)}`);
  }
  if (typeof owner !== "boolean") throw new TypeError(`owner must be a boolean, not ${JSON.stringify(owner)}`);
  const emails = (list: readonly string[], label: string) =>
    requireList(list, label).map((email, index) => requireEmail(email, `${label}[${index}]`));
  return {
    serviceAccounts: emails(serviceAccounts, "serviceAccounts"),
    grants: requireList(grants, "grants").map((grant, index) => requireGrant(grant, `grants[${index}]`)),
    port,
    owner,
    extendedLifetimeAccounts: emails(extendedLifetimeAccounts, "extendedLifetimeAccounts"),
  };
}
