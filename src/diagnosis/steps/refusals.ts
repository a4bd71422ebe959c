// SPDX-License-Identifier: Apache-2.0
// Rows 11 to 14: what the refusal says of policies above IAM, lifetimes, quotas and certificates.

import type { CauseId } from "../../base/causes/classify.js";
import { type Facts, messageOf } from "../facts/facts.js";
import { findCause, findOk, type StepFinding } from "../facts/finding.js";
import { judgeByAnswer } from "../facts/judge-by-answer.js";
import type { Step } from "../facts/step.js";

const ABOVE: readonly CauseId[] = ["vpc-service-controls", "organization-restricted", "deny-policy"];

/** Row 11. */
export const aboveIam: Step = {
  id: "aboveIam",
  question: "Something above IAM?",
  needs: ["route", "identity"],
  isOffline: true,
  isAboutTarget: true,
  async run(facts) {
    return [facts.findShown(ABOVE) ?? judgeRefusal(facts)];
  },
};

/** A refusal although every hop holds: something refuses that no policy of accounts and projects shows. */
function judgeRefusal(facts: Facts): StepFinding {
  const { trial, chain } = facts;
  const text = "nothing points there";
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

/** Row 12. */
export const lifetime: Step = {
  id: "lifetime",
  question: "May the token live that long?",
  needs: ["route", "identity", "request"],
  isOffline: true,
  isAboutTarget: true,
  run: shownOr(["lifetime-too-long"], "the lifetime was not refused"),
};

/** Row 13. */
export const quota: Step = {
  id: "quota",
  question: "Is a quota spent?",
  needs: ["route"],
  isOffline: true,
  isAboutTarget: true,
  run: shownOr(["quota-exhausted"], "no quota refused the call"),
};

/** Row 14. */
export const certificate: Step = {
  id: "certificate",
  question: "Is the client certificate right?",
  needs: ["route", "identity"],
  isOffline: true,
  async run(facts) {
    const shown = facts.findShown(["token-bound"]);
    if (shown !== undefined) return [shown];
    const { isPresented, because, origin } = facts.endpoint?.certificate ?? {};
    const ground = { source: "explainEndpoint", evidence: [`${because}`] };
    return [findOk(isPresented === true ? `one is presented, of ${origin}` : "none is presented", ground)];
  },
};
