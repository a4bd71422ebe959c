// SPDX-License-Identifier: Apache-2.0
// Row 9: does each hop hold? Says which do not, after waiting if asked to; row 10 says why.

import type { CauseId } from "../../base/causes/classify.js";
import { drawChain, isWithoutGrant } from "../chain/look-at-chain.js";
import { waitForEffect } from "../chain/wait-for-effect.js";
import { findBroken, findOk, findUnknown } from "../facts/finding.js";
import type { Step } from "../facts/step.js";

const SHOWN: readonly CauseId[] = ["role-missing", "self-grant-missing"];

/** Row 9. */
export const chain: Step = {
  id: "chain",
  question: "Is each hop granted?",
  needs: ["route", "identity", "service", "quotaProject", "scope", "request"],
  isOffline: true,
  isAboutTarget: true,
  async run(facts, means) {
    if (facts.options.wait === true && facts.options.offline !== true) await waitForEffect(facts, means);
    const { hops } = facts;
    if (hops.length === 0) {
      return [facts.findShown(SHOWN) ?? findUnknown("the chain could not be checked", { source: "checkChain" })];
    }
    const evidence = [
      ...(facts.chain === undefined ? [] : [drawChain(facts.chain.hops)]),
      ...(facts.selfHop === undefined ? [] : [drawChain([facts.selfHop])]),
      ...hops.map(({ permission, resource, state, evidence: how }) => `${permission} on ${resource}: ${state}, ${how}`),
    ];
    const ground = { source: "checkChain", evidence };
    const broken = hops.filter(isWithoutGrant);
    if (broken.length > 0)
      return [findBroken(`${broken.length} of ${hops.length} hops lack a grant in effect`, ground)];
    const isOpen = hops.some(({ state, evidence: how }) => state === "unknown" && how !== "notReached");
    return [isOpen ? findUnknown("not all hops could be checked", ground) : findOk("no hop lacks a grant", ground)];
  },
};
