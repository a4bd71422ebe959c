// SPDX-License-Identifier: Apache-2.0
// Runs the steps in order, skips those that have become pointless, and sums them up. Knows no step.

import { checkMember } from "../access-policy/member.js";
import type { ChainReport } from "../iam-admin/chain/chain-report.js";
import { checkDiagnoseOptions, type DiagnoseOptions } from "./facts/diagnose-options.js";
import { Facts } from "./facts/facts.js";
import { type Finding, findSkipped, type StepFinding } from "./facts/finding.js";
import { Means } from "./facts/means.js";
import type { Step } from "./facts/step.js";
import { STEPS } from "./steps/steps.js";

/** What a diagnosis came to. Holds no secret. */
export interface Diagnosis {
  /**
   * `"ok"`: nothing is wrong; `"cause"`: a cause was found; `"unknown"`: it does not work, or could not be tried, and no cause is certain.
   */
  readonly state: "ok" | "cause" | "unknown";
  /** All findings, in the order of the steps. */
  readonly findings: readonly Finding[];
  /** The findings that name a cause, certain ones first; each cause and text once. */
  readonly causes: readonly Finding[];
  /** Who calls; `undefined`: that could not be found out. */
  readonly caller: string | undefined;
  /** The chain, hop by hop; `undefined`: it was not looked at. */
  readonly chain: ChainReport | undefined;
}

/**
 * Finds out why acting as a service account fails, at which hop, and which command fixes it. Asks sixteen questions in order, each with its
 * evidence; what could not be asked is `unknown`, never ok, and what only fits is `suspect`, never a cause. Changes nothing; makes the call
 * itself, whose result is thrown away.
 *
 * @throws ConfigurationError when an option is wrong, RequestError when `caller` is not a member; the reason of the signal
 *
 * @example
 * const { state, causes } = await diagnose({ target: "robot@my-project.iam.gserviceaccount.com" });
 * for (const { text, commands } of causes) console.log(text, commands.map(({ command }) => command));
 */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  checkDiagnoseOptions(options);
  if (options.caller !== undefined) checkMember(options.caller, "caller");
  options.signal?.throwIfAborted();
  const facts = new Facts(options);
  const means = new Means(options);
  const findings: Finding[] = [];
  try {
    for (const step of STEPS) {
      for (const found of await run(step, facts, means, findings)) {
        const finding: Finding = { id: step.id, question: step.question, ...found };
        findings.push(finding);
        facts.hasCause ||= finding.state === "cause";
        options.onFinding?.(finding);
      }
    }
  } finally {
    await means.close();
  }
  return conclude(facts, findings);
}

function run(step: Step, facts: Facts, means: Means, findings: readonly Finding[]): Promise<readonly StepFinding[]> {
  const why = reasonToSkip(step, facts, findings);
  return why === undefined ? step.run(facts, means) : Promise.resolve([findSkipped(why)]);
}

function reasonToSkip(step: Step, { options }: Facts, findings: readonly Finding[]): string | undefined {
  if (step.isAboutTarget === true && options.target === undefined && options.error === undefined) {
    return "no account was named";
  }
  if (options.offline === true && step.isOffline !== true) return "offline";
  // An error that was given is read by every row, whatever prevents asking.
  if (options.error !== undefined && (options.offline === true || options.target === undefined)) return undefined;
  const broken = findings.find(({ id, state }) => state === "cause" && step.needs.includes(id));
  return broken && `first: ${broken.question}`;
}

function conclude(facts: Facts, findings: readonly Finding[]): Diagnosis {
  const seen = new Set<string>();
  const isNew = ({ cause, text }: Finding): boolean =>
    !seen.has(`${cause} ${text}`) && Boolean(seen.add(`${cause} ${text}`));
  const named = findings.filter(({ cause }) => cause !== undefined);
  const causes = ["cause", "suspect"].flatMap((state) => named.filter((each) => each.state === state && isNew(each)));
  const { target, offline } = facts.options;
  const isOpen =
    target === undefined || offline === true
      ? causes.length > 0
      : facts.trial?.error !== undefined || facts.trial === undefined;
  const { caller, chain, hasCause } = facts;
  return { state: hasCause ? "cause" : isOpen ? "unknown" : "ok", findings, causes, caller, chain };
}
