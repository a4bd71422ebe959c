// SPDX-License-Identifier: Apache-2.0
// Service accounts as test code sees and changes them. Checks no permission.

import { anyText, flag } from "../../base/options/checks.js";
import { declare, type GivenOf, optional, settle } from "../../base/options/declaration.js";
import type { ServiceAccount } from "../world/accounts/account-book.js";
import { EMAIL } from "../world/names/name-checks.js";
import { deleteAccount, undeleteAccount } from "../world/policy/account-deletion.js";
import { MissingError, readOption, refuseOption } from "../world/refusals/refuse-option.js";
import type { World } from "../world/world.js";

/** The texts of a new account. */
export const ACCOUNT_TEXTS = declare({
  unknown: "is not a field of a service account",
  fields: {
    /** A human-readable name. Default: none. */
    displayName: optional(anyText, ""),
    /** A human-readable description. Default: none. */
    description: optional(anyText, ""),
  },
});

/** The texts of a new account. */
export interface EmulatorAccountTexts extends GivenOf<typeof ACCOUNT_TEXTS.fields> {}

/** What can be changed about an account. */
export const ACCOUNT_CHANGES = declare({
  unknown: "is not a field of a service account that can be changed",
  fields: {
    /** A human-readable name. Default: unchanged. */
    displayName: optional(anyText),
    /** A human-readable description. Default: unchanged. */
    description: optional(anyText),
    /** Whether it is disabled: it can neither call nor be impersonated. Default: unchanged. */
    disabled: optional(flag),
    /** `false` undeletes an account, within 30 days by the emulator's clock; `true` deletes it. Default: unchanged. */
    deleted: optional(flag),
  },
});

/** What can be changed about an account. */
export interface EmulatorAccountChanges extends GivenOf<typeof ACCOUNT_CHANGES.fields> {}

/** A service account as test code sees it. */
export interface EmulatorServiceAccount {
  /** Its address. */
  readonly email: string;
  /** Its numeric id, 21 digits. */
  readonly uniqueId: string;
  /** The id of its project. */
  readonly projectId: string;
  /** A name for people; may be empty. */
  readonly displayName: string;
  /** A text for people; may be empty. */
  readonly description: string;
  /** Whether it is disabled: it can neither call nor be impersonated. */
  readonly disabled: boolean;
  /** Whether it is deleted, and can still be undeleted. */
  readonly deleted: boolean;
  /** How many keys it has: user-managed ones, and system-managed ones that have been made. */
  readonly keys: { readonly user: number; readonly system: number };
}

/** Describes an account. */
function describeAccountOf(world: Pick<World, "accounts">, account: ServiceAccount): EmulatorServiceAccount {
  const { email, uniqueId, projectId, displayName, description, disabled, keys } = account;
  return {
    email,
    uniqueId,
    projectId,
    displayName,
    description,
    disabled,
    deleted: world.accounts.find(uniqueId) === undefined,
    keys: { user: keys.userKeys.all().length, system: keys.systemKeyCount },
  };
}

/**
 * Adds an account; an existing one is left unchanged.
 *
 * @returns the account, and whether it is new; throws TypeError naming what is wrong
 */
export function addAccount(
  world: Pick<World, "accounts">,
  email: string,
  texts: EmulatorAccountTexts,
): { readonly account: EmulatorServiceAccount; readonly isNew: boolean } {
  const settled = settle(ACCOUNT_TEXTS, texts, { refuse: refuseOption });
  const isNew = world.accounts.find(readOption(EMAIL, email, "email")) === undefined;
  const account = world.accounts.add(email);
  if (isNew) Object.assign(account, settled);
  return { account: describeAccountOf(world, account), isNew };
}

/** Every account, with deleted ones that can be undeleted last. */
export function listAccounts(world: Pick<World, "accounts">): readonly EmulatorServiceAccount[] {
  return [...world.accounts.all(), ...world.accounts.allDeleted()].map((account) => describeAccountOf(world, account));
}

/**
 * The account with an e-mail or unique id.
 *
 * @throws MissingError when there is none
 */
export function demandAccount({ accounts }: Pick<World, "accounts">, identifier: string): ServiceAccount {
  const account = accounts.find(identifier);
  if (account === undefined)
    throw new MissingError(`email must be that of a service account of the emulator, not ${identifier}`);
  return account;
}

function demandDeleted({ accounts }: Pick<World, "accounts">, identifier: string): ServiceAccount {
  const account = accounts
    .allDeleted()
    .findLast(({ email, uniqueId }) => email === identifier || uniqueId === identifier);
  if (account === undefined)
    throw new MissingError(`email must be that of a deleted service account, not ${identifier}`);
  if (accounts.find(account.email) !== undefined) {
    throw new TypeError(`email now belongs to another service account: ${account.email}`);
  }
  return account;
}

/**
 * Changes an account, or undeletes it.
 *
 * @param identifier its e-mail or unique id
 * @throws MissingError when there is none; TypeError naming the field that is wrong
 */
export function changeAccount(
  world: Pick<World, "accounts" | "policies">,
  identifier: string,
  changes: EmulatorAccountChanges,
): EmulatorServiceAccount {
  const { deleted, ...fields } = settle(ACCOUNT_CHANGES, changes, { refuse: refuseOption });
  const isThere = world.accounts.find(identifier) !== undefined;
  const account = deleted === false && !isThere ? demandDeleted(world, identifier) : demandAccount(world, identifier);
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  Object.assign(account, Object.fromEntries(given));
  if (deleted === true) deleteAccount(world, account);
  if (deleted === false && !isThere) undeleteAccount(world, account);
  return describeAccountOf(world, account);
}
