// SPDX-License-Identifier: Apache-2.0
// Which grants a call lacks: that of the hop that was denied, and those of the later hops that would be denied next. Grants them.

import { ask } from "../link/ask-emulator.js";
import { live } from "../link/live.js";
import type { Grant, Hop } from "../link/records.js";

/** The grant that a hop lacks; undefined when no known role gives it, or there is nobody to grant it to. */
export function grantFor({ from, to, permission }: Hop): Grant | undefined {
  const role = live.info?.permissions[permission];
  if (role === undefined || !from.includes(":")) return undefined;
  return { member: from, role, ...(to.includes("@") ? { serviceAccount: to } : { project: to }) };
}

// Hops after a denied one were not checked: each of them is asked about separately.
async function isDenied(hop: Hop): Promise<boolean> {
  if (hop.outcome !== "notReached") return hop.outcome === "denied";
  if (!hop.to.includes("@")) return false;
  const body = { principal: hop.from, delegates: [], serviceAccount: hop.to, permission: hop.permission };
  const { decision } = await ask<{ decision: Hop[] }>("POST", "chain:explain", body);
  return decision.some(({ outcome }) => outcome === "denied");
}

/** The grants that the hops lack, each once. */
export async function findMissing(hops: readonly Hop[]): Promise<readonly Grant[]> {
  const denied = await Promise.all(hops.map(async (hop) => ((await isDenied(hop)) ? grantFor(hop) : undefined)));
  const grants = denied.filter((grant) => grant !== undefined);
  const keyOf = (grant: Grant) => JSON.stringify(grant);
  return grants.filter((grant, index) => grants.findIndex((other) => keyOf(other) === keyOf(grant)) === index);
}

/** Grants a role, in effect at once. */
export async function give(grant: Grant): Promise<void> {
  await ask("POST", "grants", { ...grant, propagate: false });
}
