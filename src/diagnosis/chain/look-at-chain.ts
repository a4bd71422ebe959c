// SPDX-License-Identifier: Apache-2.0
// Looks at the chain once for all rows that read it, and draws it for people.

import { RequestError } from "../../base/errors.js";
import type { ChainHop, CheckChainRequest } from "../../iam-admin/chain/chain-report.js";
import { emailOf } from "../../iam-admin/chain/hops.js";
import type { Facts } from "../facts/facts.js";
import type { Means } from "../facts/means.js";

/** Checks the chain again, and keeps what was found. @returns why nothing could be asked. @throws only the signal's reason */
export async function lookAtChain(facts: Facts, means: Means): Promise<unknown> {
  const { target = "", delegates = [], self, signal } = facts.options;
  const request: CheckChainRequest = { target, delegates, permission: facts.permission, caller: facts.caller };
  try {
    facts.chain = await means.admin.checkChain(request, means.call);
    if (self === true) {
      const itself = await means.admin.checkChain({ ...request, delegates: [...delegates, target] }, means.call);
      facts.selfHop = itself.hops.at(-1);
    }
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RequestError && error.field === "caller") throw error;
    return error;
  }
}

/** Whether a hop's grant is missing or not in effect. */
export function isWithoutGrant({ state }: ChainHop): boolean {
  return state === "missing" || state === "notInEffect";
}

const WORDS: Readonly<Record<ChainHop["state"], string>> = {
  granted: "ok",
  missing: "MISSING",
  notInEffect: "NOT IN EFFECT",
  absent: "ABSENT",
  disabled: "DISABLED",
  unknown: "?",
};

/** The chain in one line: `dana@example.com --ok--> a@… --MISSING implicitDelegation--> b@…`. */
export function drawChain(hops: readonly ChainHop[]): string {
  const [first] = hops;
  const start = first?.member?.replace(/^[a-zA-Z]+:(?!\/\/)/, "") ?? "the caller";
  return hops.reduce((line, hop) => {
    const permission = isWithoutGrant(hop) ? ` ${hop.permission.replace("iam.serviceAccounts.", "")}` : "";
    return `${line} --${WORDS[hop.state]}${permission}--> ${emailOf(hop)}`;
  }, start);
}
