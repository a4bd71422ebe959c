// SPDX-License-Identifier: Apache-2.0
// What a step of a diagnosis finds, and how it is made. Knows no step.

import type { CauseId } from "../../base/causes/classify.js";
import { type ErrorExplanation, explainCause } from "../../base/causes/explain-error.js";
import type { Situation } from "../../base/causes/situation.js";

/** The steps, in the order in which they are taken. */
export type StepId =
  | "machine"
  | "route"
  | "identity"
  | "service"
  | "quotaProject"
  | "scope"
  | "request"
  | "accounts"
  | "chain"
  | "policy"
  | "aboveIam"
  | "lifetime"
  | "quota"
  | "certificate"
  | "call"
  | "log";

/** The outcome of a step. */
export type FindingState =
  /** Asked, and nothing is wrong. */
  | "ok"
  /** This is wrong. */
  | "cause"
  /** This fits, but is not certain. */
  | "suspect"
  /** It could not be found out. */
  | "unknown"
  /** It makes no sense to ask: what it depends on is wrong, or the answer is not wanted. */
  | "skipped";

/** A command, and who must run it. */
export interface FindingCommand {
  /** As a shell takes it; words in capitals stand for what is not known. */
  readonly command: string;
  /** Who can run it. */
  readonly runBy: string;
}

/** What a step found. Holds no secret. */
export interface Finding {
  /** The step. */
  readonly id: StepId;
  /** What it asks. */
  readonly question: string;
  /** The outcome. */
  readonly state: FindingState;
  /** The cause: a section of docs/troubleshooting.md; `undefined`: none. */
  readonly cause: CauseId | undefined;
  /** The answer, in a sentence. */
  readonly text: string;
  /** What was asked, and what was answered. */
  readonly evidence: readonly string[];
  /** What fixes it, in this order. */
  readonly commands: readonly FindingCommand[];
  /** Who said so: `"tokeninfo"`, `"testIamPermissions"`, … */
  readonly source: string;
}

/** A finding as a step makes it; the runner adds the step's own names. */
export type StepFinding = Omit<Finding, "id" | "question">;

/** What a finding is based on. */
interface Ground {
  readonly source: string;
  /** Default: nothing but the source. */
  readonly evidence?: readonly string[];
}

const plain = (state: FindingState, text: string, { source, evidence = [] }: Ground): StepFinding => ({
  state,
  cause: undefined,
  text,
  evidence,
  commands: [],
  source,
});

/** Asked, and nothing is wrong. */
export function findOk(text: string, ground: Ground): StepFinding {
  return plain("ok", text, ground);
}

/** It could not be found out. */
export function findUnknown(text: string, ground: Ground): StepFinding {
  return plain("unknown", text, ground);
}

/** It was not asked. */
export function findSkipped(text: string): StepFinding {
  return plain("skipped", text, { source: "nobody" });
}

/** Something is wrong that another step names the cause of. */
export function findBroken(text: string, ground: Ground): StepFinding {
  return plain("cause", text, ground);
}

/** A cause in a situation. @param isCertain whether it is more than a cause that fits */
export function findCause(cause: CauseId, situation: Situation, ground: Ground, isCertain = true): StepFinding {
  return fromExplanation(explainCause(cause, situation, isCertain), ground);
}

/** The cause that an error shows. */
export function fromExplanation(explained: ErrorExplanation, { source, evidence = [] }: Ground): StepFinding {
  const { cause, isCertain, text, commands, runBy } = explained;
  return {
    state: isCertain ? "cause" : "suspect",
    cause,
    text,
    evidence,
    commands: commands.map((command) => ({ command, runBy })),
    source,
  };
}
