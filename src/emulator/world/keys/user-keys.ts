// SPDX-License-Identifier: Apache-2.0
// Holds the user-managed keys of one account: their public halves, and whether they are disabled. Makes no key.

import type { PublishedKey } from "./key-pair.js";

/** A user-managed key. */
export interface UserKey extends PublishedKey {
  /** Whether Google made it, or its owner, who uploaded the public half. Required. */
  readonly origin: "google" | "user";
  /** Whether it is refused. Required. */
  disabled: boolean;
}

/** How many user-managed keys an account can have. Source: Google's page of quotas. */
export const MAX_USER_KEYS = 10;

/** The user-managed keys of one account. */
export class UserKeys {
  readonly #keys = new Map<string, UserKey>();
  #reserved = 0;

  /** How many there are, including those being made. */
  get size(): number {
    return this.#keys.size + this.#reserved;
  }

  /** Adds a key. */
  add(key: PublishedKey, origin: UserKey["origin"]): UserKey {
    const added = { ...key, origin, disabled: false };
    this.#keys.set(key.keyId, added);
    return added;
  }

  /** Reserves a place while a key is made, so that two concurrent calls can't both take the last one. */
  async whileReserved<Result>(make: () => Promise<Result>): Promise<Result> {
    this.#reserved++;
    try {
      return await make();
    } finally {
      this.#reserved--;
    }
  }

  /** The key with that id; undefined when there is none. */
  find(keyId: string): UserKey | undefined {
    return this.#keys.get(keyId);
  }

  /** Forgets a key. */
  remove(keyId: string): void {
    this.#keys.delete(keyId);
  }

  /** Forgets every key. */
  clear(): void {
    this.#keys.clear();
  }

  /** All keys, oldest first. */
  all(): readonly UserKey[] {
    return [...this.#keys.values()];
  }
}
