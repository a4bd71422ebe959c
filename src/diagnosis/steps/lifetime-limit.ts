// SPDX-License-Identifier: Apache-2.0
// Row 12: may the token live that long? The refusal tells, and the organization's policy shows which accounts it names.

import { projectOfAccount } from "../../base/causes/commands.js";
import { memberOf } from "../../base/causes/error-facts.js";
import { parseJsonObject } from "../../base/http/http-message.js";
import { type Facts, messageOf } from "../facts/facts.js";
import { judgeByAnswer } from "../facts/judge-by-answer.js";
import type { Means } from "../facts/means.js";
import type { Step } from "../facts/step.js";

/** Row 12. */
export const lifetime: Step = {
  id: "lifetime",
  question: "Is the token's lifetime allowed?",
  needs: ["route", "identity", "request"],
  isOffline: true,
  isAboutTarget: true,
  async run(facts, means) {
    const shown = facts.findShown(["lifetime-too-long"]);
    if (shown === undefined) return [judgeByAnswer(facts, "the lifetime was not refused")];
    const evidence = [
      ...shown.evidence,
      ...(facts.options.offline === true ? [] : await describeExtension(facts, means)),
    ];
    return [{ ...shown, evidence }];
  },
};

const EXTENSION = "iam.allowServiceAccountCredentialLifetimeExtension";

/** What the organization's policy says about the account now, and what it should say. */
async function describeExtension(facts: Facts, means: Means): Promise<string[]> {
  const account = facts.target;
  const project = projectOfAccount(account);
  if (account === undefined || project === undefined) return [];
  const name = `projects/${project}/policies/${EXTENSION}`;
  const url = `${means.urls.organizationPolicy}/v2/${name}:getEffectivePolicy`;
  try {
    const answer = await means.http({ url, token: facts.token });
    if (answer.status !== 200)
      return [`the policy ${EXTENSION} in ${project} could not be read: HTTP ${answer.status}`];
    const allowed = readAllowed(parseJsonObject(answer.text));
    const rules = [{ values: { allowedValues: [...new Set([...allowed, account])] } }];
    return [
      `the policy ${EXTENSION} in ${project} lists ${allowed.length === 0 ? "nobody" : allowed.join(", ")}`,
      `POLICY_FILE with the account: ${JSON.stringify({ name, spec: { rules } })}`,
    ];
  } catch (error) {
    facts.options.signal?.throwIfAborted();
    return [`the policy ${EXTENSION} in ${project} could not be read: ${messageOf(error)}`];
  }
}

function readAllowed(policy: unknown): string[] {
  const rules = memberOf(memberOf(policy, "spec"), "rules");
  return (Array.isArray(rules) ? rules : []).flatMap((rule) => {
    const values = memberOf(memberOf(rule, "values"), "allowedValues");
    return Array.isArray(values) ? values.filter((each) => typeof each === "string") : [];
  });
}
