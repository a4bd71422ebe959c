// SPDX-License-Identifier: Apache-2.0
// The names that options and seeds are made of: e-mails, members, roles, projects, scopes. Says what each must be, for errors and for
// the seed's JSON schema.

import { listOf, text, value } from "../../../base/options/checks.js";
import type { Check } from "../../../base/options/declaration.js";
import { customRoleName, email, federatedMember, isEmail, isMember } from "./account-names.js";
import { domain, federatedMembers, isPolicyMember } from "./members.js";
import { projectId } from "./project-ids.js";
import { isScope } from "./scopes.js";

const MAX_EMAIL = 254;

/** The body of a pattern, to be put into another. */
const bodyOf = ({ source }: RegExp): string => source.replace(/^\^|\$$/g, "");

/** An e-mail address. */
export const EMAIL = value<string>((given) => typeof given === "string" && isEmail(given), "an e-mail address", {
  type: "string",
  maxLength: MAX_EMAIL,
  pattern: email.source,
});

/** An IAM member that can call. */
export const MEMBER = value<string>(
  (given) => typeof given === "string" && isMember(given),
  'an IAM member: "user:" or "serviceAccount:" and an e-mail address, or "principal://" and an identity',
  {
    type: "string",
    maxLength: 2000,
    pattern: `^((user|serviceAccount):${bodyOf(email)}|${bodyOf(federatedMember)})$`,
  },
);

const POLICY_MEMBER_PATTERN = [
  `(user|serviceAccount|group):${bodyOf(email)}`,
  `domain:${bodyOf(domain)}`,
  bodyOf(federatedMembers),
  "allUsers",
  "allAuthenticatedUsers",
].join("|");

/** A member of a policy, other than one that is gone. */
export const POLICY_MEMBER = value<string>(
  (given) => typeof given === "string" && isPolicyMember(given) && !given.startsWith("deleted:"),
  'a member of policies: "user:", "serviceAccount:" or "group:" and an e-mail address, "domain:" and a domain, "principal://" or ' +
    '"principalSet://" and an identity, "allUsers" or "allAuthenticatedUsers"',
  { type: "string", maxLength: 2000, pattern: `^(${POLICY_MEMBER_PATTERN})$` },
);

/** The name of a custom role. */
export const CUSTOM_ROLE = text({ pattern: customRoleName, expected: "projects/{project}/roles/{id}" });

/** A project's id. */
export const PROJECT = text({ pattern: projectId, maxLength: 100, expected: "a project ID" });

/** OAuth scopes, one at least. */
export const SCOPES: Check<readonly string[]> = listOf(
  value<string>((given) => typeof given === "string" && isScope(given), "a scope", {
    type: "string",
    pattern:
      "^(openid|email|profile|https?://([A-Za-z0-9-]+\\.)*(google|googleapis)\\.com(:[0-9]+)?([/?#][\\x21-\\x2b\\x2d-\\x7e]*)?)$",
  }),
  { min: 1 },
);

/** Decimal digits. */
export function digits(max: number): Check<string> {
  return text({ pattern: new RegExp(`^[0-9]{1,${max}}$`), expected: "digits" });
}
