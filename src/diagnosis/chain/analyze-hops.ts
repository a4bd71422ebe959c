// SPDX-License-Identifier: Apache-2.0
// Why the hops that lack a grant do not hold: fetches the policies and has them read. Names no cause to people.

import { projectOfAccount } from "../../base/causes/commands.js";
import type { ChainHop } from "../../iam-admin/chain/chain-report.js";
import { emailOf } from "../../iam-admin/chain/hops.js";
import type { Facts } from "../facts/facts.js";
import type { Means } from "../facts/means.js";
import { evaluateCondition } from "./evaluate-condition.js";
import { isWithoutGrant } from "./look-at-chain.js";
import { type PolicyAnswer, readPolicies, roleGiver } from "./policy-analysis.js";
import { readAccountPolicy, readCustomRoles, readProjectPolicy } from "./read-policies.js";

/** What the policies say about a hop whose grant is missing or not in effect. */
export interface HopAnswer {
  readonly hop: ChainHop;
  readonly answer: PolicyAnswer;
  readonly evidence: readonly string[];
}

/** Finds out why each hop that lacks a grant does not hold. @throws only the signal's reason */
export async function analyzeHops(facts: Facts, means: Means): Promise<HopAnswer[]> {
  const found: HopAnswer[] = [];
  for (const hop of facts.hops.filter(isWithoutGrant)) found.push(await analyzeHop(hop, facts, means));
  return found;
}

async function analyzeHop(hop: ChainHop, facts: Facts, means: Means): Promise<HopAnswer> {
  const { resource, permission, member } = hop;
  const account = await readAccountPolicy(resource, facts, means);
  const project = await readProjectPolicy(projectOfAccount(emailOf(hop)), facts, means);
  const evidence = [
    `the account's policy: ${account === undefined ? "not readable" : "read"}`,
    `the project's policy: ${project === undefined ? "not readable" : "read"}`,
  ];
  if (member === undefined) {
    return { hop, answer: { cause: "role-missing", isCertain: true, evidence: undefined }, evidence };
  }
  const answer = readPolicies({
    member,
    permission,
    account,
    project,
    gives: roleGiver(permission, await readCustomRoles([account, project], facts, means)),
    holds: (expression) => evaluateCondition(expression, { at: means.clock.wallNow(), resourceName: resource }),
  });
  return { hop, answer, evidence: answer.evidence === undefined ? evidence : [answer.evidence, ...evidence] };
}
