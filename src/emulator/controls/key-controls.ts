// SPDX-License-Identifier: Apache-2.0
// Keys of service accounts as test code sees, creates and changes them. Checks no permission.

import { X509Certificate } from "node:crypto";
import { flag } from "../../base/options/checks.js";
import { declare, type GivenOf, required, settle } from "../../base/options/declaration.js";
import { buildKeyFile, type ServiceAccountKeyFile } from "../world/credentials-files/account-key-file.js";
import type { PublishedKey } from "../world/keys/key-pair.js";
import { MAX_USER_KEYS, type UserKey } from "../world/keys/user-keys.js";
import { MissingError, refuseOption } from "../world/refusals/refuse-option.js";
import type { World } from "../world/world.js";
import { demandAccount } from "./account-controls.js";

/** What can be changed about a key. */
export const KEY_CHANGES = declare({
  unknown: "is not a field of a key that can be changed",
  fields: {
    /** Whether what it signed is refused. Required. */
    disabled: required(flag),
  },
});

/** What can be changed about a key. */
export interface EmulatorKeyChanges extends GivenOf<typeof KEY_CHANGES.fields> {}

/** A key of a service account as test code sees it. */
export interface EmulatorKey {
  /** 40 hexadecimal digits. */
  readonly id: string;
  /** Who rotates it. */
  readonly type: "USER_MANAGED" | "SYSTEM_MANAGED";
  /** The start of its certificate's validity. */
  readonly validAfter: Date;
  /** The end of its certificate's validity. */
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

/** The keys of an account, system-managed ones first. Makes the current signing key when there is none yet. */
export async function listKeys(world: Pick<World, "accounts" | "work">, identifier: string): Promise<EmulatorKey[]> {
  const { keys } = demandAccount(world, identifier);
  const published = await world.work.track(keys.publishedKeys());
  return published.map((key) => describeKey(key, keys.userKeys.find(key.keyId)));
}

/**
 * Makes a user-managed key.
 *
 * @returns its credentials file; throws MissingError when there is no such account, TypeError when it has ten keys
 */
export async function createKeyFile(
  world: Pick<World, "accounts" | "url" | "work">,
  identifier: string,
): Promise<ServiceAccountKeyFile> {
  const account = demandAccount(world, identifier);
  const { email, keys } = account;
  if (keys.userKeys.size >= MAX_USER_KEYS) {
    throw new TypeError(
      `email has ${MAX_USER_KEYS} user-managed keys, which is the maximum: delete a key of ${email} first`,
    );
  }
  const key = await world.work.track(keys.userKeys.whileReserved(() => keys.createUserKey()));
  return buildKeyFile(account, key, world.url());
}

function demandUserKey(world: Pick<World, "accounts">, identifier: string, keyId: string): UserKey {
  const key = demandAccount(world, identifier).keys.userKeys.find(keyId);
  if (key === undefined)
    throw new MissingError(`keyId must be that of a user-managed key of ${identifier}, not ${keyId}`);
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
