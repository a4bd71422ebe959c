// SPDX-License-Identifier: Apache-2.0
// Holds everything that one emulator remembers: accounts, grants, keys, tokens, calls and the clock. Decides nothing
// about requests and knows no wire.

import { randomInt } from "node:crypto";
import { CallLog } from "./call-log.js";
import { KeyRing } from "./key-ring.js";
import type { EmulatorGrant } from "./options.js";
import { TokenMint } from "./tokens.js";

/** A service account. */
export interface ServiceAccount {
  /** Its address. Required. */
  readonly email: string;
  /** 21 digits. Required. */
  readonly uniqueId: string;
  /** Its keys. Required. */
  readonly keys: KeyRing;
}

/** The settings of an emulator that hold for its whole life. */
export interface StateSettings {
  /** The clock, in milliseconds since the epoch: the only one that decides anything. Required. */
  readonly now: () => number;
  /** Whether the bearer `owner` is a principal with every role. Required. */
  readonly owner: boolean;
  /** Accounts whose access tokens may live for 12 hours. Required. */
  readonly extendedLifetimeAccounts: readonly string[];
}

const MAX_KEPT_CALLS = 10_000; // some MB: enough to assert on, and a soak does not grow

// What the certificates behind Google's ID tokens name.
const GOOGLE_COMMON_NAME = "federated-signon.system.gserviceaccount.com";

function generateUniqueId(): string {
  const tenDigits = () =>
    randomInt(10 ** 10)
      .toString()
      .padStart(10, "0");
  return `1${tenDigits()}${tenDigits()}`;
}

/** The memory of one emulator. */
export class EmulatorState {
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether the bearer `owner` is taken. */
  readonly owner: boolean;
  /** Makes and reads access tokens. */
  readonly tokens = new TokenMint();
  /** The keys that sign ID tokens. */
  readonly googleKeys: KeyRing;
  /** What was called. */
  readonly calls = new CallLog(MAX_KEPT_CALLS);
  readonly #extendedLifetimeAccounts: ReadonlySet<string>;
  readonly #accountsByEmail = new Map<string, ServiceAccount>();
  readonly #accountsById = new Map<string, ServiceAccount>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #grantsByAccount = new Map<string, Set<EmulatorGrant>>();

  /** @param settings what holds for the emulator's whole life */
  constructor(settings: StateSettings) {
    this.now = settings.now;
    this.owner = settings.owner;
    this.#extendedLifetimeAccounts = new Set(settings.extendedLifetimeAccounts);
    this.googleKeys = new KeyRing(GOOGLE_COMMON_NAME, settings.now);
  }

  /** Registers an account; one that is already there is returned as it is. */
  addAccount(email: string): ServiceAccount {
    const existing = this.#accountsByEmail.get(email);
    if (existing !== undefined) return existing;
    const uniqueId = generateUniqueId();
    // An e-mail can be too long for a certificate's common name (64 characters); the unique id never is.
    const account = { email, uniqueId, keys: new KeyRing(uniqueId, this.now) };
    this.#accountsByEmail.set(email, account);
    this.#accountsById.set(uniqueId, account);
    return account;
  }

  /** The account of an e-mail or unique id; undefined when there is none. */
  findAccount(identifier: string): ServiceAccount | undefined {
    return this.#accountsByEmail.get(identifier) ?? this.#accountsById.get(identifier);
  }

  /**
   * Adds a grant on an account that exists.
   *
   * @returns its removal, which may be called more than once. A grant that was added twice stays until both are removed
   */
  addGrant(grant: EmulatorGrant, account: ServiceAccount): () => void {
    const grants = this.#grantsByAccount.get(account.email) ?? new Set();
    this.#grantsByAccount.set(account.email, grants);
    const own = Object.freeze({ ...grant });
    grants.add(own);
    return () => void grants.delete(own);
  }

  /** The grants on an account. */
  grantsOn(account: ServiceAccount): Iterable<EmulatorGrant> {
    return this.#grantsByAccount.get(account.email) ?? [];
  }

  /** Whether the organization policy lets the account's access tokens live for 12 hours. */
  hasExtendedLifetime(account: ServiceAccount): boolean {
    return this.#extendedLifetimeAccounts.has(account.email);
  }

  /** Keeps a piece of work until it settles, so that closing can wait for it. Gives it back as it came. */
  track<Result>(work: Promise<Result>): Promise<Result> {
    const forget = () => this.#running.delete(work);
    this.#running.add(work);
    work.then(forget, forget);
    return work;
  }

  /** Settles once no work is under way: calls whose callers are gone still end, within the time that a key takes. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
