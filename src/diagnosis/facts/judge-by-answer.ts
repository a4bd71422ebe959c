// SPDX-License-Identifier: Apache-2.0
// What follows from the service's answer for a row that nothing counts against. Knows no row.

import { type Facts, messageOf } from "./facts.js";
import { findOk, findSkipped, findUnknown, type StepFinding } from "./finding.js";

/** Ok if the service has answered the call one way or another; what could not be asked is never ok. */
export function judgeByAnswer({ trial, isAnswered }: Facts, text: string): StepFinding {
  const source = "the call itself";
  if (trial === undefined) return findSkipped("nothing was called");
  if (isAnswered === undefined) return findSkipped("the request is malformed, and was not sent");
  if (!isAnswered) return findUnknown("the service does not respond", { source, evidence: [messageOf(trial.error)] });
  return findOk(text, { source });
}
