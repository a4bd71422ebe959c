// SPDX-License-Identifier: Apache-2.0
// Explains an error: its cause, what that means, and the commands that mend it. Pure and offline; asks nobody and changes nothing.

import { type CauseId, classifyError } from "./classify.js";
import { readErrorFacts } from "./error-facts.js";
import { readPrintedError } from "./printed-error.js";
import { buildSituation, type ErrorContext, type Situation } from "./situation.js";
import { CAUSES } from "./table.js";

/** What an error means. */
export interface ErrorExplanation {
  /** The cause: also the anchor of its section in docs/troubleshooting.md. */
  readonly cause: CauseId;
  /** `false`: it fits, and something else may be the cause. What nobody has seen Google say is never certain. */
  readonly isCertain: boolean;
  /** What is wrong and what would be right. */
  readonly text: string;
  /** The commands that mend it, as a shell takes them; words in capitals stand for what the error does not tell. */
  readonly commands: readonly string[];
  /** Who can run them. */
  readonly runBy: string;
  /** Whether waiting mends it. */
  readonly isTransient: boolean;
}

/**
 * Explains an error of this package, of google-auth-library, google-gax, gaxios or Node; a body of Google's APIs or of an OAuth
 * endpoint; or the text that another program printed, in any language. Goes by code, `reason` and details, and last by text.
 *
 * @param error what was thrown, parsed or printed
 * @param context names for the explanation
 * @returns `undefined`: nothing is known of it
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

/** Whoever calls as the account itself lacks the role on itself, which surprises more than any other lack. */
function specialCase(cause: CauseId, { caller, account }: Situation): CauseId {
  const isSelf = account !== undefined && caller === `serviceAccount:${account}`;
  return cause === "role-missing" && isSelf ? "self-grant-missing" : cause;
}

/** The explanation of a cause in a situation. */
export function explainCause(cause: CauseId, situation: Situation, isCertain = true): ErrorExplanation {
  const { isTransient, runBy, text, commands } = CAUSES[cause];
  return { cause, isCertain, text: text(situation), commands: commands(situation), runBy, isTransient };
}
