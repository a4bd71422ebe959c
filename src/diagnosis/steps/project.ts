// SPDX-License-Identifier: Apache-2.0
// Rows 4 to 6: is the API on for the project that pays, may the caller bill it, and does the source token have the scope? All three show in
// what the service answers to the call itself; where nothing was called, Service Usage is asked.

import { projectOfAccount } from "../../base/causes/commands.js";
import { CLOUD_PLATFORM_SCOPE } from "../../base/options/google-names.js";
import { type Facts, messageOf } from "../facts/facts.js";
import { findCause, findOk, findUnknown, type StepFinding } from "../facts/finding.js";
import { judgeByAnswer } from "../facts/judge-by-answer.js";
import type { Means } from "../facts/means.js";
import type { Step } from "../facts/step.js";

const API = "iamcredentials.googleapis.com";

/** Row 4. */
export const service: Step = {
  id: "service",
  question: "Is the API enabled for the project that pays?",
  needs: ["route", "identity"],
  isOffline: true,
  async run(facts, means) {
    const shown = facts.findShown(["api-disabled", "quota-project-missing"]);
    if (shown !== undefined) return [shown];
    const isAsked = facts.options.offline !== true && facts.isAnswered !== true;
    return [
      (isAsked ? await askService(facts, means) : undefined) ?? judgeByAnswer(facts, "the service accepts calls"),
    ];
  },
};

/** Asks Service Usage, if it is known which project pays; `undefined`: it is not. */
async function askService(facts: Facts, means: Means): Promise<StepFinding | undefined> {
  const { quotaProjectId, taken } = facts.credentials ?? {};
  const project = quotaProjectId ?? projectOfAccount(taken?.account) ?? projectOfAccount(facts.target);
  if (project === undefined) return undefined;
  const source = "Service Usage";
  try {
    const { state } = await means.services.getService({ name: `projects/${project}/services/${API}` }, means.call);
    const ground = { source, evidence: [`GetService of ${API} in ${project}: ${state}`] };
    if (state === "DISABLED") return findCause("api-disabled", { service: API, project }, ground);
    return state === "ENABLED"
      ? findOk(`${API} is enabled in ${project}`, ground)
      : findUnknown("its state is unknown", ground);
  } catch (error) {
    facts.options.signal?.throwIfAborted();
    return findUnknown(`it could not be checked in ${project}`, { source, evidence: [messageOf(error)] });
  }
}

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
    if (tokenFacts === undefined) return [judgeByAnswer(facts, "the service accepts the token's scopes")];
    const ground = { source: "tokeninfo", evidence: [`scopes: ${tokenFacts.scopes.join(" ")}`] };
    const has = tokenFacts.scopes.some((each) => WANTED.includes(each));
    return [has ? findOk("it does", ground) : findCause("scope-insufficient", {}, ground)];
  },
};
