// SPDX-License-Identifier: Apache-2.0
// Why a grant does not apply although a policy may have it: reads the policies of an account and of its project for one member. Pure.

import { memberKey } from "../../access-policy/member.js";
import type { Policy } from "../../access-policy/policy-message.js";
import type { CauseId } from "../../base/causes/classify.js";
import { isGivenByRole } from "../../iam-admin/chain/written-grant.js";

/** What to find out from the policies. */
interface PolicyQuestion {
  /** Who needs it. */
  readonly member: string;
  /** What for. */
  readonly permission: string;
  /** The account's policy; `undefined`: it could not be read. */
  readonly account: Policy | undefined;
  /** The policy of the account's project; likewise. */
  readonly project: Policy | undefined;
  /** Whether a role gives the permission; `undefined`: that is not known. */
  gives(role: string): boolean | undefined;
  /** Whether a condition holds; `undefined`: that is not known. */
  holds(expression: string): boolean | undefined;
}

/** What the policies say. */
export interface PolicyAnswer {
  readonly cause: CauseId;
  readonly isCertain: boolean;
  /** The binding that it is based on, for people; `undefined`: there is none. */
  readonly evidence: string | undefined;
  /** The member that the policy has in place of the right one. */
  readonly member?: string | undefined;
  /** The role of that binding. */
  readonly role?: string | undefined;
  /** The condition. */
  readonly detail?: string | undefined;
}

interface Binding {
  readonly role: string;
  readonly member: string;
  readonly expression: string | undefined;
  readonly where: string;
}

function bindingsOf({ account, project }: PolicyQuestion): Binding[] {
  const read = (policy: Policy | undefined, where: string): Binding[] =>
    (policy?.bindings ?? []).flatMap(({ role, members, condition }) =>
      members.map((member) => ({ role, member, expression: condition?.expression, where })),
    );
  return [...read(account, "the account"), ...read(project, "the project")];
}

const describe = ({ role, member, where, expression }: Binding): string =>
  `${where} grants ${role} to ${member}${expression === undefined ? "" : ` if ${expression}`}`;

/** Finds out why. The first of these that fits: in effect later, under a condition, stale, another role, another member, nothing. */
export function readPolicies(question: PolicyQuestion): PolicyAnswer {
  const all = bindingsOf(question);
  const own = all.filter(({ member }) => memberKey(member) === memberKey(question.member));
  return (
    findWritten(own, question) ??
    findStale(all, question) ??
    findOtherRole(own, question) ??
    findOtherMember(all, question) ?? { cause: "role-missing", isCertain: true, evidence: undefined }
  );
}

function findWritten(own: readonly Binding[], { gives, holds }: PolicyQuestion): PolicyAnswer | undefined {
  const giving = own.filter(({ role }) => gives(role) === true);
  const sure = giving.find(({ expression }) => expression === undefined || holds(expression) === true);
  if (sure !== undefined) return { cause: "grant-not-in-effect", isCertain: true, evidence: describe(sure) };
  const [conditional] = giving;
  if (conditional === undefined) return undefined;
  const { expression = "", role } = conditional;
  const isCertain = holds(expression) === false;
  return { cause: "condition-not-met", isCertain, evidence: describe(conditional), role, detail: expression };
}

function findStale(all: readonly Binding[], { member, gives }: PolicyQuestion): PolicyAnswer | undefined {
  const prefix = `deleted:${member}?uid=`.toLowerCase();
  const stale = all.find((each) => each.member.toLowerCase().startsWith(prefix) && gives(each.role) !== false);
  if (stale === undefined) return undefined;
  return { cause: "binding-stale", isCertain: true, evidence: describe(stale), member: stale.member, role: stale.role };
}

/** Roles that people mistake for Service Account Token Creator. Others, such as those of administrators, are there for other reasons. */
const ALIKE: readonly string[] = [
  "roles/iam.serviceAccountUser",
  "roles/iam.workloadIdentityUser",
  "roles/iam.serviceAccountOpenIdTokenCreator",
];

function findOtherRole(own: readonly Binding[], { gives }: PolicyQuestion): PolicyAnswer | undefined {
  const other = own.find(({ role }) => ALIKE.includes(role) && gives(role) === false);
  return other && { cause: "role-insufficient", isCertain: true, evidence: describe(other), detail: other.role };
}

/** The name of a member without its kind. */
const nameOf = (member: string): string => member.slice(member.lastIndexOf(":") + 1).toLowerCase();

function findOtherMember(all: readonly Binding[], { member, gives }: PolicyQuestion): PolicyAnswer | undefined {
  const giving = all.filter((each) => gives(each.role) === true);
  const other =
    giving.find((each) => nameOf(each.member) === nameOf(member) && !each.member.startsWith("deleted:")) ??
    giving.find((each) => /^(group:|domain:|principalSet:)/.test(each.member));
  if (other === undefined) return undefined;
  return { cause: "member-misspelled", isCertain: false, evidence: describe(other), member: other.member };
}

/** Whether a role gives a permission, by what is known about roles; `custom` tells about those that are not known. */
export function roleGiver(
  permission: string,
  custom: ReadonlyMap<string, readonly string[]>,
): (role: string) => boolean | undefined {
  return (role) => isGivenByRole(role, permission) ?? custom.get(role)?.includes(permission);
}
