// SPDX-License-Identifier: Apache-2.0
// Decides which keys an account (or Google itself) has: one system-managed key that signs, made when first needed, and
// user-managed keys, of which only the public half stays. Does not rotate yet.

import { generateSigningKey, type PublishedKey, type SigningKey } from "./keys.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const SYSTEM_KEY_VALID_MS = 16 * DAY_MS; // as listed by the service: system keys 16 days, user keys 10 years
const USER_KEY_VALID_MS = 3650 * DAY_MS;

/** The keys of one owner. */
export class KeyRing {
  readonly #commonName: string;
  readonly #now: () => number;
  readonly #userKeys = new Map<string, PublishedKey>();
  #systemKey: Promise<SigningKey> | undefined;

  /**
   * @param commonName whom the certificates name
   * @param now the clock, in milliseconds since the epoch
   */
  constructor(commonName: string, now: () => number) {
    this.#commonName = commonName;
    this.#now = now;
  }

  /** The key that signs now. Generated at the first call, since a key takes 50 to 500 ms. */
  signingKey(): Promise<SigningKey> {
    this.#systemKey ??= this.#generate(SYSTEM_KEY_VALID_MS).catch((error: unknown) => {
      this.#systemKey = undefined; // the next call tries anew
      throw error;
    });
    return this.#systemKey;
  }

  /** Makes a user-managed key. The private half is the caller's alone. */
  async createUserKey(): Promise<SigningKey> {
    const key = await this.#generate(USER_KEY_VALID_MS);
    const { keyId, publicKey, certificate } = key;
    this.#userKeys.set(keyId, { keyId, publicKey, certificate });
    return key;
  }

  /** Every key whose signatures count, the system-managed one first. Generates that one when there is none yet. */
  async publishedKeys(): Promise<readonly PublishedKey[]> {
    return [await this.signingKey(), ...this.#userKeys.values()];
  }

  /** The public key of that id; undefined when there is none. Generates nothing. */
  async findPublishedKey(keyId: string): Promise<PublishedKey | undefined> {
    const userKey = this.#userKeys.get(keyId);
    if (userKey !== undefined || this.#systemKey === undefined) return userKey;
    const systemKey = await this.#systemKey;
    return systemKey.keyId === keyId ? systemKey : undefined;
  }

  #generate(validMs: number): Promise<SigningKey> {
    return generateSigningKey(this.#commonName, validMs, this.#now);
  }
}
