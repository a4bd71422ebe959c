// SPDX-License-Identifier: Apache-2.0
// Row 8: does each account of the chain exist, and is it enabled? With what was meant, where the name is misspelled.

import { projectOfAccount, quoteForShell } from "../../base/causes/commands.js";
import type { ChainHop } from "../../iam-admin/chain/chain-report.js";
import { emailOf } from "../../iam-admin/chain/hops.js";
import { lookAtChain } from "../chain/look-at-chain.js";
import { readAccountPolicy } from "../chain/read-policies.js";
import { type Facts, messageOf } from "../facts/facts.js";
import { findCause, findOk, findUnknown, type StepFinding } from "../facts/finding.js";
import type { Means } from "../facts/means.js";
import type { Step } from "../facts/step.js";

/** How many accounts of a project are compared with a name. */
const MAX_ACCOUNTS = 1000;

/** Row 8. */
export const accounts: Step = {
  id: "accounts",
  question: "Does each account exist, and is it enabled?",
  needs: ["route", "identity", "service", "quotaProject", "scope", "request"],
  isOffline: true,
  isAboutTarget: true,
  async run(facts, means) {
    const shown = () => facts.findShown(["account-absent", "account-disabled"]);
    if (facts.options.offline === true) return [shown() ?? findUnknown("nothing was queried", { source: "nobody" })];
    const error = await lookAtChain(facts, means);
    if (error !== undefined) {
      return [
        shown() ??
          findUnknown("the accounts could not be looked up", { source: "checkChain", evidence: [messageOf(error)] }),
      ];
    }
    const found: StepFinding[] = [];
    for (const hop of facts.chain?.hops ?? []) {
      if (hop.state === "disabled") found.push(findDisabled(hop));
      if (hop.state === "absent") found.push(await findAbsent(hop, facts, means));
    }
    if (found.length > 0) return found;
    const isOpen = facts.hops.some(({ state }) => state === "unknown");
    const suspicion = isOpen ? shown() : undefined;
    return [suspicion ?? findOk("no account is known to be missing or disabled", { source: "GetServiceAccount" })];
  },
};

function findDisabled(hop: ChainHop): StepFinding {
  const account = emailOf(hop);
  const evidence = [`GetServiceAccount of ${account}: disabled`];
  return findCause("account-disabled", { account }, { source: "GetServiceAccount", evidence });
}

async function findAbsent(hop: ChainHop, facts: Facts, means: Means): Promise<StepFinding> {
  const account = emailOf(hop);
  const [detail, uniqueId] = [await findMeant(account, facts, means), await findUniqueId(account, facts, means)];
  const evidence = [
    `GenerateAccessToken for ${account}: NOT_FOUND`,
    ...(detail === undefined ? [] : [`the project has ${detail}`]),
    ...(uniqueId === undefined ? [] : [`a policy still names it by the unique ID ${uniqueId}`]),
  ];
  const found = findCause("account-absent", { account, detail, uniqueId }, { source: "the credentials API", evidence });
  if (detail === undefined || uniqueId !== undefined) return found;
  return { ...found, commands: [{ command: askAnew(account, detail, facts), runBy: "you" }] };
}

/** The same question about the account that was meant. */
function askAnew(account: string, meant: string, { options, target = "" }: Facts): string {
  const right = (email: string): string => (emailIn(email) === account ? meant : emailIn(email));
  const delegates = (options.delegates ?? []).map(right).join(",");
  const words = ["iamcreds", "diagnose", right(target), ...(delegates === "" ? [] : [`--delegates=${delegates}`])];
  return words.map(quoteForShell).join(" ");
}

function emailIn(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** The account of the same project whose name is nearest, at most two letters away. */
async function findMeant(account: string, facts: Facts, means: Means): Promise<string | undefined> {
  const project = projectOfAccount(account);
  if (project === undefined) return undefined;
  const near: { email: string; distance: number }[] = [];
  try {
    let count = 0;
    for await (const { email } of means.admin.listServiceAccounts(
      { name: `projects/${project}`, pageSize: 100 },
      means.call,
    )) {
      const distance = editDistance(account, email);
      if (distance <= 2) near.push({ email, distance });
      if (++count >= MAX_ACCOUNTS) break;
    }
  } catch {
    facts.options.signal?.throwIfAborted();
  }
  return near.sort((a, b) => a.distance - b.distance)[0]?.email;
}

/** The unique id of an account that was deleted, where a policy of the chain still names it. */
async function findUniqueId(account: string, facts: Facts, means: Means): Promise<string | undefined> {
  const member = `deleted:serviceAccount:${account}?uid=`;
  for (const { resource } of facts.chain?.hops ?? []) {
    const policy = await readAccountPolicy(resource, facts, means);
    const stale = policy?.bindings.flatMap(({ members }) => members).find((each) => each.startsWith(member));
    if (stale !== undefined) return stale.slice(member.length);
  }
  return undefined;
}

/** How many letters must be inserted, removed or changed. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_each, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
