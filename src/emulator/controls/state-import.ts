// SPDX-License-Identifier: Apache-2.0
// Replaces an emulator's state with a seed, as a whole or not at all. Does not decide what a seed is.

import { putSeed } from "../seed/populate.js";
import { type EmulatorSeed, type EmulatorSeedAccount, readSeed } from "../seed/seed.js";
import { AccountBook } from "../world/accounts/account-book.js";
import { LoginBook } from "../world/logins/login-book.js";
import { PolicyBook } from "../world/policy/policy-book.js";
import { RoleBook } from "../world/policy/role-book.js";
import type { World } from "../world/world.js";

// A separate world, where a seed is tried out first.
function openTrial(world: World): World {
  const { now } = world;
  const noKeys = () => Promise.reject(new Error("a trial makes no key"));
  const policies = new PolicyBook(now);
  return {
    ...world,
    accounts: new AccountBook(now, noKeys),
    policies,
    roles: new RoleBook(now, policies.etags),
    logins: new LoginBook(now, [], [], noKeys),
  };
}

// In the seed's order, so that an export equals the import.
function replaceAccounts(accounts: AccountBook, seeded: readonly EmulatorSeedAccount[]): void {
  const before = new Map([...accounts.all()].map((account) => [account.email, account]));
  accounts.restore([]);
  for (const { email, uniqueId } of seeded) {
    const account = before.get(email);
    if (account !== undefined && (uniqueId ?? account.uniqueId) === account.uniqueId) accounts.undelete(account);
    else accounts.add(email, uniqueId);
  }
}

/**
 * Replaces accounts, keys, roles, policies, services and logins with a seed's. An account with the seed's e-mail and unique id stays
 * what it is, with its system-managed keys and tokens. What is fixed for the emulator's life (delegations, providers, lifetimes, the
 * metadata server), faults, calls and the clock stay.
 *
 * @throws TypeError naming what is wrong; nothing has changed then
 */
export function importState(world: World, seed: EmulatorSeed): void {
  if (typeof seed !== "object") throw new TypeError("seed must be an object");
  const checked = readSeed(seed);
  putSeed(openTrial(world), checked);
  replaceAccounts(world.accounts, checked.serviceAccounts ?? []);
  for (const each of [world.policies, world.roles, world.logins]) each.clear();
  putSeed(world, checked);
  world.services.restore({ disabled: checked.disabledServices ?? [], enabled: checked.enabledServices ?? [] });
  world.enforcement.current = checked.enforcement ?? world.enforcement.current;
}
