// SPDX-License-Identifier: Apache-2.0
// A hop of a chain in words: how it ended, and the binding that gave it or would. Draws nothing.

import type { Hop } from "../link/records.js";
import { shortName } from "../page/texts.js";
import { roleTitle } from "./role-titles.js";

/** How a hop ended: a symbol and a word. */
export const outcomeTexts = { granted: "✓ granted", denied: "✕ denied", notReached: "○ not reached" } as const;

/** The binding of a hop, in words. */
export function describeBinding({ by, from, outcome }: Hop): string {
  if (by === undefined) {
    if (outcome === "notReached") return "an earlier hop was denied";
    return from === "owner" && outcome === "granted" ? "owner has every role" : "no binding grants it";
  }
  const who = by.member === from ? "" : ` to ${shortName(by.member)}`;
  return `${roleTitle(by.role)}${who}, in the ${by.policy}’s policy`;
}

/** What keeps a binding from holding, or the condition under which it holds; undefined without one. */
export function describeCondition({ by }: Hop): string | undefined {
  if (by?.inEffectAt !== undefined) return `in effect from ${by.inEffectAt.slice(0, 19).replace("T", " ")}`;
  if (by?.condition === undefined) return undefined;
  return `${by.conditionResult === false ? "condition is not met" : "if"}: ${by.condition}`;
}

/** The whole chain in words. */
export function describeChain(hops: readonly Hop[]): string {
  return hops
    .map((hop) => {
      const condition = describeCondition(hop);
      const words = `${outcomeTexts[hop.outcome].slice(2)}, ${describeBinding(hop)}${condition === undefined ? "" : `, ${condition}`}`;
      return `${shortName(hop.from)} needs ${hop.permission} on ${shortName(hop.to)}: ${words}.`;
    })
    .join(" ");
}
