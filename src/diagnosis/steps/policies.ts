// SPDX-License-Identifier: Apache-2.0
// Row 10: why does a hop not hold, though the role may be there? Tells what the policies say.

import type { CauseId } from "../../base/causes/classify.js";
import type { ChainHop } from "../../iam-admin/chain/chain-report.js";
import { emailOf } from "../../iam-admin/chain/hops.js";
import { analyzeHops, type HopAnswer } from "../chain/analyze-hops.js";
import { LONGEST_WAIT_MS } from "../chain/wait-for-effect.js";
import type { Facts } from "../facts/facts.js";
import { findCause, findOk, findUnknown, type StepFinding } from "../facts/finding.js";
import type { Step } from "../facts/step.js";

/** Row 10. */
export const policies: Step = {
  id: "policy",
  question: "Why does it fail although the role may be granted?",
  needs: ["route", "identity", "service", "quotaProject", "scope", "request"],
  isAboutTarget: true,
  async run(facts, means) {
    const answers = await analyzeHops(facts, means);
    if (answers.length > 0) return answers.map((answer) => conclude(answer, facts));
    if (facts.chain === undefined) return [findUnknown("the chain could not be checked", { source: "checkChain" })];
    const waited = facts.waitedMs > 0 ? `, after ${Math.round(facts.waitedMs / 1000)} s` : "";
    return [findOk(`nothing is left to explain${waited}`, { source: "checkChain" })];
  },
};

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
