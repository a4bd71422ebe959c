// SPDX-License-Identifier: Apache-2.0
// Decides which keys an account (or Google itself) has: system-managed ones that sign in turns, and user-managed ones, of
// which only the public half stays.

import { generateSigningKey, type MakeKeyPair, makeKeyPair, type PublishedKey, type SigningKey } from "./key-pair.js";
import { SystemKeys } from "./system-keys.js";
import { UserKeys } from "./user-keys.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const USER_KEY_VALID_MS = 3650 * DAY_MS; // as listed by the service

/** The keys of one owner. */
export class KeyRing {
  /** The user-managed keys. */
  readonly userKeys = new UserKeys();
  readonly #commonName: string;
  readonly #now: () => number;
  readonly #make: MakeKeyPair;
  readonly #systemKeys: SystemKeys;

  /**
   * @param commonName the common name in the certificates
   * @param now the clock, in milliseconds since the epoch
   * @param make makes key pairs. Default: generates new ones
   */
  constructor(commonName: string, now: () => number, make: MakeKeyPair = makeKeyPair) {
    this.#commonName = commonName;
    this.#now = now;
    this.#make = make;
    this.#systemKeys = new SystemKeys(commonName, now, make);
  }

  /** The key that signs now. Generated at the first call, since a key takes 50 to 500 ms. */
  signingKey(): Promise<SigningKey> {
    return this.#systemKeys.signingKey();
  }

  /**
   * Makes a user-managed key. Only the caller gets the private half.
   *
   * @param modulusLength its size in bits. Default: 2048
   */
  async createUserKey(modulusLength = 2048): Promise<SigningKey> {
    const key = await generateSigningKey({
      commonName: this.#commonName,
      validMs: USER_KEY_VALID_MS,
      now: this.#now,
      modulusLength,
      make: this.#make,
    });
    const { keyId, publicKey, certificate } = key;
    this.userKeys.add({ keyId, publicKey, certificate }, "google");
    return key;
  }

  /** Every key whose signatures are accepted, the current signing key first. Generates that one when there is none yet. */
  async publishedKeys(): Promise<readonly PublishedKey[]> {
    return [...(await this.systemKeys()), ...this.userKeys.all()];
  }

  /** The system-managed keys that are published, the current signing key first. Generates that one when there is none yet. */
  systemKeys(): Promise<readonly PublishedKey[]> {
    return this.#systemKeys.publishedKeys();
  }

  /** How many system-managed keys there are. Makes none. */
  get systemKeyCount(): number {
    return this.#systemKeys.count;
  }

  /** When the system-managed key that signs now stops signing, in milliseconds since the epoch; undefined when there is none. */
  get rotatesAt(): number | undefined {
    return this.#systemKeys.rotatesAt;
  }

  /** The public key with that id; undefined when there is none, or when it is disabled. Generates nothing. */
  async findPublishedKey(keyId: string): Promise<PublishedKey | undefined> {
    const userKey = this.userKeys.find(keyId);
    if (userKey?.disabled) return undefined;
    return userKey ?? this.#systemKeys.find(keyId);
  }
}
