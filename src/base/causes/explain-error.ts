// SPDX-License-Identifier: Apache-2.0
// Explains an error: its cause, what that means, and the commands that fix it. Pure and offline; sends nothing and changes nothing.

import { CAUSES } from "./cause-table.js";
import { type CauseId, classifyError } from "./classify.js";
import { readErrorFacts } from "./error-facts.js";
import { readPrintedError } from "./printed-error.js";
import { buildSituation, type ErrorContext, type Situation } from "./situation.js";

/** What an error means. */
export interface ErrorExplanation {
  /** The cause: also the anchor of its section in docs/troubleshooting.md. */
  readonly cause: CauseId;
  /** `false`: it fits, but something else may be the cause. A wording that has never been seen from Google is never certain. */
  readonly isCertain: boolean;
  /** What is wrong, and how it should be. */
  readonly text: string;
  /** The commands that fix it, ready for a shell; words in capitals stand for what the error does not say. */
  readonly commands: readonly string[];
  /** Who can run them. */
  readonly runBy: string;
  /** Whether waiting fixes it. */
  readonly isTransient: boolean;
}

/**
 * Explains an error of this package, of google-auth-library, google-gax, gaxios or Node; a body of Google's APIs or of an OAuth
 * endpoint; or the text that another program printed, in any language. Goes by code, `reason` and details first, by text last.
 *
 * @param error what was thrown, parsed or printed
 * @param context names for the explanation
 * @returns `undefined`: nothing is known about it
 *
 * @example
 * const why = explainError(error, { caller: "user:dana@example.com", target: robot });
 * console.error(why?.text, why?.commands.join("\n"));
 */
export function explainError(error: unknown, context: ErrorContext = {}): ErrorExplanation | undefined {
  for (const facts of typeof error === "string" ? readPrintedError(error) : readErrorFacts(error)) {
    const found = classifyError(facts);
    if (found === undefined) continue;
    const situation = buildSituation(facts, context);
    return explainCause(specialCase(found.cause, situation), situation, found.isCertain);
  }
  return undefined;
}

/** A caller that is the account itself lacks the role on itself, which surprises people more than any other missing role. */
function specialCase(cause: CauseId, { caller, account }: Situation): CauseId {
  const isSelf = account !== undefined && caller === `serviceAccount:${account}`;
  return cause === "role-missing" && isSelf ? "self-grant-missing" : cause;
}

/** The explanation of a cause in a situation. */
export function explainCause(cause: CauseId, situation: Situation, isCertain = true): ErrorExplanation {
  const { isTransient, runBy, text, commands } = CAUSES[cause];
  return { cause, isCertain, text: text(situation), commands: commands(situation), runBy, isTransient };
}
