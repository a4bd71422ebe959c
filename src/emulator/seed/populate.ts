// SPDX-License-Identifier: Apache-2.0
// Fills an emulator with its starting state, and resets it to that. Checks no form: options and seed have been checked.

import { X509Certificate } from "node:crypto";
import type { ServiceAccount } from "../world/accounts/account-book.js";
import { addGrant, type EmulatorGrant } from "../world/policy/grants.js";
import type { GrantRemoval } from "../world/policy/resource-policy.js";
import { launchStages } from "../world/policy/role-book.js";
import type { EmulatorRole } from "../world/policy/role-options.js";
import { clearWorld, type World } from "../world/world.js";
import type { EmulatorSeed, EmulatorSeedAccount } from "./seed.js";

/** What an emulator starts with. */
interface StartingPoint {
  /** The e-mails of the accounts. Required. */
  readonly serviceAccounts: readonly string[];
  /** The custom roles. Required. */
  readonly roles: readonly EmulatorRole[];
  /** The grants. Required. */
  readonly grants: readonly EmulatorGrant[];
  /** What only a seed can contain. Required. */
  readonly seed: EmulatorSeed;
}

/**
 * Adds a grant whose form has been checked.
 *
 * @param label its name in errors
 * @param startsAt when it takes effect, in milliseconds since the epoch. Default: from the next call on
 * @returns its removal
 * @throws TypeError when the account or role does not exist, or the condition can't be used
 */
export function addCheckedGrant(
  world: Pick<World, "accounts" | "peers" | "policies" | "roles">,
  grant: EmulatorGrant,
  label: string,
  startsAt?: number,
): GrantRemoval {
  const { serviceAccount, role } = grant;
  const account = serviceAccount === undefined ? undefined : world.accounts.find(serviceAccount);
  if (serviceAccount !== undefined && account === undefined) {
    throw new TypeError(`${label}.serviceAccount does not exist: ${serviceAccount}`);
  }
  if (!world.roles.exists(role)) throw new TypeError(`${label}.role does not exist: ${role}`);
  try {
    return addGrant(world, grant, account, startsAt);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new TypeError(`${label}.condition cannot be used: ${error.message}`, { cause: error });
  }
}

function settleAccount(account: ServiceAccount, seeded: EmulatorSeedAccount | undefined, label: string): void {
  account.displayName = seeded?.displayName ?? "";
  account.description = seeded?.description ?? "";
  account.disabled = seeded?.disabled ?? false;
  account.keys.userKeys.clear();
  for (const [index, { keyId, certificate, origin = "google", disabled = false }] of (seeded?.keys ?? []).entries()) {
    try {
      const { publicKey } = new X509Certificate(certificate);
      account.keys.userKeys.add({ keyId, publicKey, certificate }, origin).disabled = disabled;
    } catch (cause) {
      throw new TypeError(`${label}.keys[${index}].certificate must be an X.509 certificate`, { cause });
    }
  }
}

function settle(world: World, { serviceAccounts, roles, grants, seed }: StartingPoint): void {
  for (const email of serviceAccounts) {
    const index = seed.serviceAccounts?.findIndex((each) => each.email === email) ?? -1;
    const seeded = seed.serviceAccounts?.[index];
    settleAccount(world.accounts.add(email, seeded?.uniqueId), seeded, `seed.serviceAccounts[${index}]`);
  }
  for (const { name, includedPermissions, title = "", description = "", stage = "GA" } of roles) {
    world.roles.put(name, { title, description, includedPermissions, stage: launchStages[stage] });
  }
  for (const [index, grant] of grants.entries()) addCheckedGrant(world, grant, `grants[${index}]`);
  for (const entry of seed.refreshTokens ?? []) world.logins.addRefreshToken(entry);
}

/**
 * Puts in what a seed has.
 *
 * @throws TypeError naming what does not exist
 */
export function putSeed(world: World, seed: EmulatorSeed): void {
  const { serviceAccounts = [], roles = [], grants = [] } = seed;
  settle(world, { serviceAccounts: serviceAccounts.map(({ email }) => email), roles, grants, seed });
}

/**
 * Adds everything that an emulator starts with.
 *
 * @returns a function that resets it: accounts keep their unique ids and system-managed keys, and tokens stay valid
 * @throws TypeError naming what does not exist
 */
export function populate(world: World, start: StartingPoint): () => void {
  settle(world, start);
  const accounts = [...world.accounts.all()];
  return () => {
    clearWorld(world);
    world.accounts.restore(accounts);
    settle(world, start);
  };
}
