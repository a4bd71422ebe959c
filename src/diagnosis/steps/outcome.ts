// SPDX-License-Identifier: Apache-2.0
// Rows 15 and 16: does it work now, and where does one look when nothing was found?

import { type Facts, messageOf } from "../facts/facts.js";
import { findBroken, findOk, findSkipped, findUnknown } from "../facts/finding.js";
import type { Step } from "../facts/step.js";

const LOGS =
  "gcloud logging read 'protoPayload.serviceName=\"iamcredentials.googleapis.com\" AND protoPayload.status.code!=0' --freshness=1h";

/** Row 15. */
export const call: Step = {
  id: "call",
  question: "Does it work now?",
  needs: ["route", "identity", "request"],
  isAboutTarget: true,
  async run({ trial, hasCause }) {
    const source = "the call itself";
    if (trial === undefined) return [findSkipped("nothing was called")];
    if (trial.error === undefined) return [findOk("it works; the result was discarded", { source })];
    const ground = { source, evidence: [messageOf(trial.error)] };
    return [hasCause ? findBroken("it does not work", ground) : findUnknown("it does not work", ground)];
  },
};

/** Row 16. */
export const log: Step = {
  id: "log",
  question: "Where else to look?",
  needs: ["route", "identity", "request"],
  isAboutTarget: true,
  async run(facts: Facts) {
    if (facts.trial?.error === undefined || facts.hasCause) return [findSkipped("not needed")];
    const text =
      "the audit log shows each refusal with principalSubject and the delegation chain, if the data-access logs of IAM are on";
    const runBy = "anyone with roles/logging.privateLogViewer on the project";
    return [{ ...findUnknown(text, { source: "nobody" }), commands: [{ command: LOGS, runBy }] }];
  },
};
