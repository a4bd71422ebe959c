// SPDX-License-Identifier: Apache-2.0
// What is told of service accounts and their keys to who sets the stage, and how both are changed. Asks for no permission.

import { X509Certificate } from "node:crypto";
import { anyText, flag } from "../../base/options/checks.js";
import { declare, type GivenOf, optional, required, settle } from "../../base/options/declaration.js";
import type { ServiceAccount } from "../world/accounts/account-book.js";
import type { PublishedKey } from "../world/keys/keys.js";
import { MAX_USER_KEYS, type UserKey } from "../world/keys/user-keys.js";
import { deleteAccount, undeleteAccount } from "../world/policy/account-deletion.js";
import { MissingError, refuseOption } from "../world/refusals/refuse-option.js";
import type { World } from "../world/world.js";

/** What an account that is added is to say. */
export const ACCOUNT_TEXTS = declare({
  unknown: "is no field of a service account",
  fields: {
    /** A name for people. Default: none. */
    displayName: optional(anyText, ""),
    /** A text for people. Default: none. */
    description: optional(anyText, ""),
  },
});

/** What an account that is added is to say. */
export interface EmulatorAccountTexts extends GivenOf<typeof ACCOUNT_TEXTS.fields> {}

/** What can be changed of an account. */
export const ACCOUNT_CHANGES = declare({
  unknown: "is no field of a service account that can be changed",
  fields: {
    /** A name for people. Default: as it is. */
    displayName: optional(anyText),
    /** A text for people. Default: as it is. */
    description: optional(anyText),
    /** Whether it may neither call nor be acted as. Default: as it is. */
    disabled: optional(flag),
    /** `false` brings a deleted account back, within 30 days of the emulator's clock; `true` deletes it. Default: as it is. */
    deleted: optional(flag),
  },
});

/** What can be changed of an account. */
export interface EmulatorAccountChanges extends GivenOf<typeof ACCOUNT_CHANGES.fields> {}

/** A service account, as who sets the stage sees it. */
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
  /** Whether it may neither call nor be acted as. */
  readonly disabled: boolean;
  /** Whether it is deleted, and can still come back. */
  readonly deleted: boolean;
  /** How many keys it has: user-managed ones, and system-managed ones that have been made. */
  readonly keys: { readonly user: number; readonly system: number };
}

/** Says of an account what is told. */
export function describeAccountOf(world: Pick<World, "accounts">, account: ServiceAccount): EmulatorServiceAccount {
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

/** Every account, deleted ones that can come back last. */
export function listAccounts(world: Pick<World, "accounts">): readonly EmulatorServiceAccount[] {
  return [...world.accounts.all(), ...world.accounts.allDeleted()].map((account) => describeAccountOf(world, account));
}

/**
 * The account of an e-mail or unique id.
 *
 * @throws MissingError when there is none
 */
export function demandAccount({ accounts }: Pick<World, "accounts">, identifier: string): ServiceAccount {
  const account = accounts.find(identifier);
  if (account === undefined) throw new MissingError(`email is of no service account of the emulator: ${identifier}`);
  return account;
}

function demandDeleted({ accounts }: Pick<World, "accounts">, identifier: string): ServiceAccount {
  const account = accounts
    .allDeleted()
    .findLast(({ email, uniqueId }) => email === identifier || uniqueId === identifier);
  if (account === undefined) throw new MissingError(`email is of no deleted service account: ${identifier}`);
  if (accounts.find(account.email) !== undefined) {
    throw new TypeError(`email is another service account's by now: ${account.email}`);
  }
  return account;
}

/**
 * Changes an account, or brings it back.
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

/** What can be changed of a key. */
export const KEY_CHANGES = declare({
  unknown: "is no field of a key that can be changed",
  fields: {
    /** Whether what it signed is refused. Required. */
    disabled: required(flag),
  },
});

/** What can be changed of a key. */
export interface EmulatorKeyChanges extends GivenOf<typeof KEY_CHANGES.fields> {}

/** A key of a service account, as who sets the stage sees it. */
export interface EmulatorKey {
  /** 40 hexadecimal digits. */
  readonly id: string;
  /** Whose it is to rotate. */
  readonly type: "USER_MANAGED" | "SYSTEM_MANAGED";
  /** From when on its certificate is valid. */
  readonly validAfter: Date;
  /** Until when. */
  readonly validBefore: Date;
  /** Whether what it signed is refused. */
  readonly disabled: boolean;
}

function describeKey({ keyId, certificate }: PublishedKey, userKey: UserKey | undefined): EmulatorKey {
  const { validFrom, validTo } = new X509Certificate(certificate);
  return {
    id: keyId,
    type: userKey === undefined ? "SYSTEM_MANAGED" : "USER_MANAGED",
    validAfter: new Date(validFrom),
    validBefore: new Date(validTo),
    disabled: userKey?.disabled ?? false,
  };
}

/** The keys of an account, system-managed ones first. Makes the one that signs now when there is none yet. */
export async function listKeys(world: Pick<World, "accounts" | "work">, identifier: string): Promise<EmulatorKey[]> {
  const { keys } = demandAccount(world, identifier);
  const published = await world.work.track(keys.publishedKeys());
  return published.map((key) => describeKey(key, keys.userKeys.find(key.keyId)));
}

/** Says that an account can't have another key. @throws TypeError when it has ten */
export function requireRoomForKey({ email, keys }: ServiceAccount): void {
  if (keys.userKeys.size < MAX_USER_KEYS) return;
  throw new TypeError(`email has ${MAX_USER_KEYS} user-managed keys, which is the most: delete one of ${email} first`);
}

function demandUserKey(world: Pick<World, "accounts">, identifier: string, keyId: string): UserKey {
  const key = demandAccount(world, identifier).keys.userKeys.find(keyId);
  if (key === undefined) throw new MissingError(`keyId is of no user-managed key of ${identifier}: ${keyId}`);
  return key;
}

/**
 * Changes a user-managed key.
 *
 * @throws MissingError when there is none; TypeError naming the field that is wrong
 */
export function changeKey(
  world: Pick<World, "accounts">,
  { email, keyId }: { readonly email: string; readonly keyId: string },
  changes: EmulatorKeyChanges,
): EmulatorKey {
  const key = demandUserKey(world, email, keyId);
  key.disabled = settle(KEY_CHANGES, changes, { refuse: refuseOption }).disabled;
  return describeKey(key, key);
}

/** Deletes a user-managed key. @throws MissingError when there is none */
export function deleteKey(world: Pick<World, "accounts">, identifier: string, keyId: string): void {
  demandUserKey(world, identifier, keyId);
  demandAccount(world, identifier).keys.userKeys.remove(keyId);
}
