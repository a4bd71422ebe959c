// SPDX-License-Identifier: Apache-2.0
// Decides which system-managed key of an owner signs now, and which ones are published: each signs for 13 days, is
// published 12 hours before its first signature and stays so for 12 hours after its last one.

import { generateSigningKey, type MakeKeyPair, makeKeyPair, type PublishedKey, type SigningKey } from "./key-pair.js";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const VALID_MS = 16 * DAY_MS; // as listed by the service: hail-is/hail#4725
const SIGNS_MS = 13 * DAY_MS; // at most two weeks: google/iam/admin/v1/iam.proto
const AHEAD_MS = 12 * HOUR_MS; // at least six hours: the same
const AFTER_MS = 12 * HOUR_MS; // at least six hours: the same

// A key of the rotation. The key itself is made when first needed, since that takes 50 to 500 ms.
interface Turn {
  readonly signsFromAt: number;
  readonly signsUntilAt: number;
  key: Promise<SigningKey> | undefined;
}

/** The system-managed keys of one owner. */
export class SystemKeys {
  readonly #commonName: string;
  readonly #now: () => number;
  readonly #make: MakeKeyPair;
  #turns: Turn[] = [];

  /**
   * @param commonName the common name in the certificates
   * @param now the clock, in milliseconds since the epoch
   * @param make makes key pairs. Default: generates new ones
   */
  constructor(commonName: string, now: () => number, make: MakeKeyPair = makeKeyPair) {
    this.#commonName = commonName;
    this.#now = now;
    this.#make = make;
  }

  /** The key that signs now. */
  signingKey(): Promise<SigningKey> {
    const now = this.#now();
    const turn = this.#rotate(now).find(({ signsFromAt, signsUntilAt }) => signsFromAt <= now && now < signsUntilAt);
    return this.#keyOf(turn ?? this.#add(now));
  }

  /** Every key that is published now, the signing key first. */
  async publishedKeys(): Promise<readonly PublishedKey[]> {
    const current = await this.signingKey();
    const keys = await Promise.all(this.#turns.map((turn) => this.#keyOf(turn)));
    return [current, ...keys.filter((key) => key !== current)];
  }

  /** How many of the keys made so far are published. */
  get count(): number {
    return this.#expire(this.#now()).filter(({ key }) => key !== undefined).length;
  }

  /** When the key that signs now stops signing, in milliseconds since the epoch; undefined when there is none. Makes none. */
  get rotatesAt(): number | undefined {
    const now = this.#now();
    const made = this.#turns.find(({ key, signsUntilAt }) => key !== undefined && signsUntilAt > now);
    return made?.signsUntilAt;
  }

  /** The published key with that id; undefined when there is none. Generates nothing. */
  async find(keyId: string): Promise<PublishedKey | undefined> {
    for (const { key } of this.#expire(this.#now())) {
      const made = await key;
      if (made?.keyId === keyId) return made;
    }
    return undefined;
  }

  // After the clock has jumped there may be no key left to take over from: then the next turn begins now.
  #rotate(now: number): readonly Turn[] {
    const last = this.#expire(now).at(-1);
    if (last !== undefined && now >= last.signsUntilAt - AHEAD_MS && now < last.signsUntilAt)
      this.#add(last.signsUntilAt);
    return this.#turns;
  }

  #expire(now: number): readonly Turn[] {
    this.#turns = this.#turns.filter(({ signsUntilAt }) => now < signsUntilAt + AFTER_MS);
    return this.#turns;
  }

  #add(signsFromAt: number): Turn {
    const turn = { signsFromAt, signsUntilAt: signsFromAt + SIGNS_MS, key: undefined };
    this.#turns.push(turn);
    return turn;
  }

  #keyOf(turn: Turn): Promise<SigningKey> {
    const request = { commonName: this.#commonName, validMs: VALID_MS, now: this.#now, make: this.#make };
    turn.key ??= generateSigningKey(request).catch((error) => {
      turn.key = undefined; // the next call tries again
      throw error;
    });
    return turn.key;
  }
}
