// SPDX-License-Identifier: Apache-2.0
// Waits until what the policies give is in effect: how often it asks, and for how long.

import { sleep } from "../../base/clock.js";
import type { Facts } from "../facts/facts.js";
import type { Means } from "../facts/means.js";
import { tryCall } from "../facts/trial.js";
import { analyzeHops } from "./analyze-hops.js";
import { isWithoutGrant, lookAtChain } from "./look-at-chain.js";

const LOOK_EVERY_MS = 10_000;
/** Google says that a change usually takes two minutes, and sometimes seven or more. */
export const LONGEST_WAIT_MS = 420_000;

/** Asks every ten seconds until all is in effect, if the policies give what is missing. @throws only the signal's reason */
export async function waitForEffect(facts: Facts, means: Means): Promise<void> {
  const isPassing = (await analyzeHops(facts, means)).some(({ answer }) => answer.cause === "grant-not-in-effect");
  if (!isPassing) return;
  const startedAt = means.clock.now();
  while (facts.hops.some(isWithoutGrant) && facts.waitedMs < LONGEST_WAIT_MS) {
    await sleep(means.clock, LOOK_EVERY_MS, [means.signal]);
    facts.waitedMs = means.clock.now() - startedAt;
    await lookAtChain(facts, means);
  }
  await tryCall(facts, means);
}
