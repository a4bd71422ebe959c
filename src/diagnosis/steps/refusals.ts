// SPDX-License-Identifier: Apache-2.0
// Rows 11 and 13: what the refusal says about policies above IAM, and about quotas.

import type { CauseId } from "../../base/causes/classify.js";
import { type Facts, messageOf } from "../facts/facts.js";
import { findCause, type StepFinding } from "../facts/finding.js";
import { judgeByAnswer } from "../facts/judge-by-answer.js";
import type { Step } from "../facts/step.js";

const ABOVE: readonly CauseId[] = ["vpc-service-controls", "organization-restricted", "deny-policy"];

/** Row 11. */
export const aboveIam: Step = {
  id: "aboveIam",
  question: "Does something above IAM refuse it?",
  needs: ["route", "identity"],
  isOffline: true,
  isAboutTarget: true,
  async run(facts) {
    return [facts.findShown(ABOVE) ?? judgeRefusal(facts)];
  },
};

/** A refusal although every hop holds: the reason is something that no policy of accounts and projects shows. */
function judgeRefusal(facts: Facts): StepFinding {
  const { trial, chain } = facts;
  const text = "nothing indicates that";
  if (trial === undefined) return judgeByAnswer(facts, text);
  const source = "the call itself and checkChain";
  const isDenied =
    Object(trial.error).status === "PERMISSION_DENIED" && facts.explain(trial.error)?.cause === "role-missing";
  const isHeld = chain?.isGranted === true && chain.hops.every(({ evidence }) => evidence === "tested");
  if (!isDenied || !isHeld) return judgeByAnswer(facts, text);
  const situation = { account: facts.target, caller: facts.caller, permission: facts.permission };
  return findCause("deny-policy", situation, { source, evidence: [messageOf(trial.error)] }, false);
}

const shownOr = (causes: readonly CauseId[], text: string) => async (facts: Facts) => [
  facts.findShown(causes) ?? judgeByAnswer(facts, text),
];

/** Row 13. */
export const quota: Step = {
  id: "quota",
  question: "Is a quota exhausted?",
  needs: ["route"],
  isOffline: true,
  isAboutTarget: true,
  run: shownOr(["quota-exhausted"], "no quota refused the call"),
};
