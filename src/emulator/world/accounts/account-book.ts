// SPDX-License-Identifier: Apache-2.0
// Holds the service accounts, including deleted ones that can still be undeleted. Knows no policies.

import { randomInt } from "node:crypto";
import type { MakeKeyPair } from "../keys/key-pair.js";
import { KeyRing } from "../keys/key-ring.js";
import { projectOf } from "../names/project-ids.js";

/** A service account. */
export interface ServiceAccount {
  /** Its address. Required. */
  readonly email: string;
  /** 21 digits. Required. */
  readonly uniqueId: string;
  /** The id of its project. Required. */
  readonly projectId: string;
  /** Its keys. Required. */
  readonly keys: KeyRing;
  /** A human-readable name. Required, may be empty. */
  displayName: string;
  /** A human-readable description. Required, may be empty. */
  description: string;
  /** Whether it is disabled: it can neither call nor be impersonated. Required. */
  disabled: boolean;
}

const MEMBER_PREFIX = "serviceAccount:";

/** The IAM member that a service account calls as. */
export function memberOf({ email }: Pick<ServiceAccount, "email">): string {
  return MEMBER_PREFIX + email;
}

const UNDELETE_MS = 30 * 24 * 60 * 60 * 1000; // google/iam/admin/v1/iam.proto, DeleteServiceAccount

function generateUniqueId(): string {
  const tenDigits = () =>
    randomInt(10 ** 10)
      .toString()
      .padStart(10, "0");
  return `1${tenDigits()}${tenDigits()}`;
}

/** The service accounts of one emulator. */
export class AccountBook {
  readonly #now: () => number;
  readonly #makeKeyPair: MakeKeyPair;
  readonly #byEmail = new Map<string, ServiceAccount>();
  readonly #byId = new Map<string, ServiceAccount>();
  readonly #deleted = new Map<string, { readonly account: ServiceAccount; readonly at: number }>();

  /**
   * @param now the clock, in milliseconds since the epoch
   * @param makeKeyPair makes the accounts' key pairs
   */
  constructor(now: () => number, makeKeyPair: MakeKeyPair) {
    this.#now = now;
    this.#makeKeyPair = makeKeyPair;
  }

  /**
   * Adds an account. An account that already exists is returned unchanged.
   *
   * @param uniqueId its unique id. Default: a random one
   */
  add(email: string, uniqueId = generateUniqueId()): ServiceAccount {
    const existing = this.#byEmail.get(email);
    if (existing !== undefined) return existing;
    const account = {
      email,
      uniqueId,
      projectId: projectOf(email),
      // An e-mail can be too long for a certificate's common name (64 characters); the unique id never is.
      keys: new KeyRing(uniqueId, this.#now, this.#makeKeyPair),
      displayName: "",
      description: "",
      disabled: false,
    };
    this.#put(account);
    return account;
  }

  /** The account with an e-mail or unique id; undefined when there is none, or when it is deleted. */
  find(identifier: string): ServiceAccount | undefined {
    return this.#byEmail.get(identifier) ?? this.#byId.get(identifier);
  }

  /** The account that an IAM member names; undefined when the member is no account of the emulator's. */
  ofMember(member: string): ServiceAccount | undefined {
    return member.startsWith(MEMBER_PREFIX) ? this.find(member.slice(MEMBER_PREFIX.length)) : undefined;
  }

  /** The deleted account with a unique id, while it can still be undeleted. */
  findDeleted(uniqueId: string): ServiceAccount | undefined {
    const gone = this.#deleted.get(uniqueId);
    if (gone === undefined || this.#now() - gone.at < UNDELETE_MS) return gone?.account;
    this.#deleted.delete(uniqueId);
    return undefined;
  }

  /** The existing accounts, in the order in which they were added. */
  all(): Iterable<ServiceAccount> {
    return this.#byEmail.values();
  }

  /** The deleted accounts that can still be undeleted, in order of deletion. */
  allDeleted(): readonly ServiceAccount[] {
    return [...this.#deleted.keys()].flatMap((uniqueId) => this.findDeleted(uniqueId) ?? []);
  }

  /** Deletes an account. It can be undeleted for 30 days. */
  delete(account: ServiceAccount): void {
    this.#byEmail.delete(account.email);
    this.#byId.delete(account.uniqueId);
    this.#deleted.set(account.uniqueId, { account, at: this.#now() });
  }

  /** Undeletes an account. No other account may have taken its e-mail. */
  undelete(account: ServiceAccount): void {
    this.#deleted.delete(account.uniqueId);
    this.#put(account);
  }

  /** Restores these accounts as they were, whether they exist or not, and removes all others. */
  restore(accounts: Iterable<ServiceAccount>): void {
    this.#byEmail.clear();
    this.#byId.clear();
    this.#deleted.clear();
    for (const account of accounts) this.#put(account);
  }

  #put(account: ServiceAccount): void {
    this.#byEmail.set(account.email, account);
    this.#byId.set(account.uniqueId, account);
  }
}
