// SPDX-License-Identifier: Apache-2.0
// What a step is. Knows none.

import type { Facts } from "./facts.js";
import type { StepFinding, StepId } from "./finding.js";
import type { Means } from "./means.js";

/** One row of the checklist. */
export interface Step {
  readonly id: StepId;
  /** What it asks, for people. */
  readonly question: string;
  /** The steps whose causes make it pointless. */
  readonly needs: readonly StepId[];
  /** Whether it can answer without the network. */
  readonly isOffline?: true;
  /** Whether it needs an account to act as. */
  readonly isAboutTarget?: true;
  /** Finds out, and keeps in the facts what others need. Never rejects because of what it finds, only with the signal's reason. */
  run(facts: Facts, means: Means): Promise<readonly StepFinding[]>;
}
