// SPDX-License-Identifier: Apache-2.0
// Rows 4 to 6: is the API on for the project that pays, may the caller bill it, and has the source token the scope? All three show in
// what the service answers to the call itself.

import { CLOUD_PLATFORM_SCOPE } from "../../base/options/google-names.js";
import { findCause, findOk } from "../facts/finding.js";
import { judgeByAnswer } from "../facts/judge-by-answer.js";
import type { Step } from "../facts/step.js";

/** Row 4. */
export const service: Step = {
  id: "service",
  question: "Is the API on, for the project that pays?",
  needs: ["route", "identity"],
  isOffline: true,
  async run(facts) {
    return [
      facts.findShown(["api-disabled", "quota-project-missing"]) ?? judgeByAnswer(facts, "the service takes calls"),
    ];
  },
};

/** Row 5. */
export const quotaProject: Step = {
  id: "quotaProject",
  question: "Which project pays, and may I use it?",
  needs: ["route", "identity"],
  isOffline: true,
  async run(facts) {
    const { quotaProjectId } = facts.credentials ?? {};
    const text = quotaProjectId === undefined ? "no quota project is named" : `${quotaProjectId} pays`;
    return [facts.findShown(["quota-project-denied"]) ?? judgeByAnswer(facts, text)];
  },
};

const WANTED: readonly string[] = [CLOUD_PLATFORM_SCOPE, "https://www.googleapis.com/auth/iam"];

/** Row 6. */
export const scope: Step = {
  id: "scope",
  question: "Does the source token have the scope?",
  needs: ["route", "identity"],
  isOffline: true,
  async run(facts) {
    const shown = facts.findShown(["scope-insufficient"]);
    if (shown !== undefined) return [shown];
    const { tokenFacts } = facts;
    if (tokenFacts === undefined) return [judgeByAnswer(facts, "the service takes the token's scopes")];
    const ground = { source: "tokeninfo", evidence: [`scopes: ${tokenFacts.scopes.join(" ")}`] };
    const has = tokenFacts.scopes.some((each) => WANTED.includes(each));
    return [has ? findOk("it has", ground) : findCause("scope-insufficient", {}, ground)];
  },
};
