// SPDX-License-Identifier: Apache-2.0
// Row 14: is the client certificate right? The refusal shows tokens that are bound to one, the certificate its dates.

import { messageOf } from "../facts/facts.js";
import { findCause, findOk, type StepFinding } from "../facts/finding.js";
import type { Means } from "../facts/means.js";
import type { Step } from "../facts/step.js";

/** Row 14. */
export const certificate: Step = {
  id: "certificate",
  question: "Is the client certificate valid?",
  needs: ["route", "identity"],
  isOffline: true,
  async run(facts, means) {
    const shown = facts.findShown(["token-bound"]);
    if (shown !== undefined) return [shown];
    const { isPresented, because, origin } = facts.endpoint?.certificate ?? {};
    const ground = { source: "explainEndpoint", evidence: [`${because}`] };
    // Switched on, and nothing there to present: calls go without, which is rarely what was meant.
    if (isPresented !== true && origin?.startsWith("none: ") === true) {
      return [findCause("certificate-missing", { detail: origin }, ground, false)];
    }
    if (isPresented !== true || facts.isMachineTaken) {
      return [findOk(isPresented === true ? `one is presented, from ${origin}` : "none is presented", ground)];
    }
    return [await judgeDates(means, `${origin}`, ground.evidence)];
  },
};

/** The dates of the certificate that is presented. */
async function judgeDates(means: Means, origin: string, evidence: readonly string[]): Promise<StepFinding> {
  const source = "the certificate";
  try {
    const { validFrom, validTo } = (await means.clientCertificate()) ?? {};
    if (validFrom === undefined || validTo === undefined) return findOk("none is presented", { source, evidence });
    const told = { source, evidence: [...evidence, `valid from ${validFrom} to ${validTo}`] };
    const now = means.clock.wallNow();
    if (now > Date.parse(validTo)) {
      return findCause("certificate-missing", { detail: `the one from ${origin} expired on ${validTo}` }, told);
    }
    if (now < Date.parse(validFrom)) {
      return findCause(
        "certificate-missing",
        { detail: `the one from ${origin} is not valid before ${validFrom}` },
        told,
      );
    }
    return findOk(`one is presented, from ${origin}, valid until ${validTo}`, told);
  } catch (error) {
    return findCause("certificate-missing", { detail: messageOf(error) }, { source, evidence });
  }
}
