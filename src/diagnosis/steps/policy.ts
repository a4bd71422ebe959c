// SPDX-License-Identifier: Apache-2.0
// Row 10: why does a hop not hold, though the role may be there? Reads the policies, and waits for what is not in effect yet.

import type { CauseId } from "../../base/causes/classify.js";
import { projectOfAccount } from "../../base/causes/commands.js";
import { sleep } from "../../base/clock.js";
import type { ChainHop } from "../../iam-admin/chain/chain-report.js";
import { emailOf } from "../../iam-admin/chain/hops.js";
import { evaluateCondition } from "../condition.js";
import type { Facts } from "../facts.js";
import { findCause, findOk, type StepFinding } from "../finding.js";
import { isWithoutGrant, lookAtChain } from "../look-at-chain.js";
import type { Means } from "../means.js";
import { type PolicyAnswer, readPolicies, roleGiver } from "../policy-analysis.js";
import { readAccountPolicy, readCustomRoles, readProjectPolicy } from "../read-policies.js";
import type { Step } from "../step.js";
import { tryCall } from "../trial.js";

const LOOK_EVERY_MS = 10_000;
/** Google says that a change takes two minutes as a rule, and seven or more at times. */
export const LONGEST_WAIT_MS = 420_000;

/** Row 10. */
export const policy: Step = {
  id: "policy",
  question: "Why does it not, though the role may be there?",
  needs: ["route", "identity", "service", "quotaProject", "scope", "request"],
  isAboutTarget: true,
  async run(facts, means) {
    let answers = await analyze(facts, means);
    if (facts.options.wait === true && answers.some(isPassing)) {
      await waitForEffect(facts, means);
      answers = await analyze(facts, means);
    }
    if (answers.length > 0) return answers.map((answer) => conclude(answer, facts));
    const waited = facts.waitedMs > 0 ? `, after ${Math.round(facts.waitedMs / 1000)} s` : "";
    return [findOk(`nothing is left to explain${waited}`, { source: "checkChain" })];
  },
};

interface HopAnswer {
  readonly hop: ChainHop;
  readonly answer: PolicyAnswer;
  readonly evidence: readonly string[];
}

const isPassing = ({ answer }: HopAnswer): boolean => answer.cause === "grant-not-in-effect";

async function analyze(facts: Facts, means: Means): Promise<HopAnswer[]> {
  const found: HopAnswer[] = [];
  for (const hop of facts.hops.filter(isWithoutGrant)) found.push(await analyzeHop(hop, facts, means));
  return found;
}

async function analyzeHop(hop: ChainHop, facts: Facts, means: Means): Promise<HopAnswer> {
  const { resource, permission, member } = hop;
  const account = await readAccountPolicy(resource, facts, means);
  const project = await readProjectPolicy(projectOfAccount(emailOf(hop)), facts, means);
  const evidence = [
    `the account's policy: ${account === undefined ? "may not be read" : "read"}`,
    `the project's policy: ${project === undefined ? "may not be read" : "read"}`,
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

/** Asks every ten seconds until all is in effect. @throws the signal's reason alone */
async function waitForEffect(facts: Facts, means: Means): Promise<void> {
  const startedAt = means.clock.now();
  while (facts.hops.some(isWithoutGrant) && facts.waitedMs < LONGEST_WAIT_MS) {
    await sleep(means.clock, LOOK_EVERY_MS, [means.signal]);
    facts.waitedMs = means.clock.now() - startedAt;
    await lookAtChain(facts, means);
  }
  await tryCall(facts, means);
}

function conclude({ hop, answer, evidence }: HopAnswer, facts: Facts): StepFinding {
  const { member: caller, permission, role } = hop;
  const account = emailOf(hop);
  const hasWaited = facts.waitedMs >= LONGEST_WAIT_MS;
  const cause = hasWaited && answer.cause === "grant-not-in-effect" ? "deny-policy" : specialize(answer.cause, hop);
  const situation = {
    ...{ account, caller, permission },
    role: answer.cause === "binding-stale" ? (answer.role ?? role) : role,
    member: answer.member,
    detail: answer.detail,
  };
  const ground = { source: "getIamPolicy", evidence };
  return findCause(cause, situation, ground, answer.isCertain && cause !== "deny-policy");
}

/** An account that acts as itself lacks what people do not expect to need. */
function specialize(cause: CauseId, { member, resource }: ChainHop): CauseId {
  const isSelf = member === `serviceAccount:${emailOf({ resource })}`;
  return isSelf && cause === "role-missing" ? "self-grant-missing" : cause;
}
