// SPDX-License-Identifier: Apache-2.0
// Row 7: is the request well formed? Names of accounts as people mistype them, and our own checks of everything else.

import { quoteForShell } from "../../base/causes/commands.js";
import { RequestError } from "../../base/errors.js";
import { messageOf } from "../facts/facts.js";
import { findCause, findOk, type StepFinding } from "../facts/finding.js";
import type { Step } from "../facts/step.js";

const ACCOUNT = /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]+\.gserviceaccount\.com$/;
const UNIQUE_ID = /^\d{15,30}$/;

/** Row 7. */
export const request: Step = {
  id: "request",
  question: "Is the request well formed?",
  needs: [],
  isOffline: true,
  isAboutTarget: true,
  async run(facts) {
    const { target = "", delegates = [] } = facts.options;
    const named: readonly (readonly [field: string, value: unknown])[] = [
      ...(Array.isArray(delegates) ? delegates : [delegates]).map(
        (each, index) => [`delegates[${index}]`, each] as const,
      ),
      ["target", target],
    ];
    const wrong = named.flatMap(([field, value]) => accountFindings(field, value));
    if (wrong.length > 0) return wrong;
    const refused = facts.errors.map(({ error }) => error).find((error) => error instanceof RequestError);
    if (refused !== undefined) return [malformed(messageOf(refused), [])];
    const shown = facts.findShown(["request-malformed"]);
    return [shown ?? findOk("names, scopes and lifetime have the right form", { source: "this package's own checks" })];
  },
};

function accountFindings(field: string, value: unknown): StepFinding[] {
  const text = typeof value === "string" ? value : "";
  const email = text.slice(text.lastIndexOf("/") + 1);
  const project = /^projects\/([^/]+)\/serviceAccounts\/[^/]+$/.exec(text)?.[1];
  const isWhole = text === email || project !== undefined;
  if (isWhole && (ACCOUNT.test(email) || UNIQUE_ID.test(email))) return [];
  const right = correctAccount(text);
  if (right !== undefined) return [malformed(`${field} must be ${right}, not ${JSON.stringify(text)}`, [right])];
  const isUser = /^(?:user:)?[^@\s"']+@[^@\s"']+$/.test(text);
  const problem = isUser
    ? "is the address of a user or group, not of a service account"
    : "is not the address of a service account";
  return [malformed(`${field} ${problem}; it must be NAME@PROJECT.iam.gserviceaccount.com`, [])];
}

/** What was meant, if that is evident: without quotes, blanks or a member's prefix. */
function correctAccount(text: string): string | undefined {
  const bare = text.replace(/["'`\s]/g, "").replace(/^serviceAccount:/i, "");
  const email = bare.slice(bare.lastIndexOf("/") + 1);
  return ACCOUNT.test(email) ? email : undefined;
}

function malformed(detail: string, right: readonly string[]): StepFinding {
  const found = findCause("request-malformed", { detail }, { source: "this package's own checks", evidence: [detail] });
  const commands = right.map((account) => ({ command: `iamcreds diagnose ${quoteForShell(account)}`, runBy: "you" }));
  return { ...found, text: detail, commands };
}
