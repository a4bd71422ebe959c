// SPDX-License-Identifier: Apache-2.0
// Holds everything that one emulator remembers: accounts, policies, roles, keys, tokens, calls and the clock. Decides nothing
// about requests and knows no wire.

import type { AllowedLocations, EmulatorGrant, MissingAccounts, ResolvedOptions } from "../options.js";
import { AccountBook, type ServiceAccount } from "./accounts/account-book.js";
import { CallLog } from "./calls/call-log.js";
import { AttemptCounter } from "./faults/attempt-counter.js";
import { FaultBook } from "./faults/fault-book.js";
import { QuotaMeter } from "./faults/quotas.js";
import { KeyRing } from "./keys/key-ring.js";
import { type MakeKeyPair, makeKeyPair } from "./keys/keys.js";
import { OAuthBook } from "./logins/login-book.js";
import { type ResolvedMetadataServer, resolveMetadataServer } from "./machine/machine-options.js";
import { formatDeletedAccount } from "./names/members.js";
import { compileCondition } from "./policy/condition.js";
import type { EmulatorOrganizationPolicy } from "./policy/organization-policies.js";
import { PolicyBook } from "./policy/policy-book.js";
import { RoleBook } from "./policy/role-book.js";
import { EmulatorClock } from "./runtime/adjustable-clock.js";
import { installedPeers, type Peers } from "./runtime/optional-peer.js";
import { TokenCache } from "./tokens/recent-tokens.js";
import { TokenMint } from "./tokens/token-mint.js";

export type { ServiceAccount } from "./accounts/account-book.js";

/** The options that hold for the whole life of an emulator, and of which nothing may be said. */
type LastingOption =
  | "missingAccounts"
  | "policyPropagationMs"
  | "allowedLocations"
  | "organizationNumber"
  | "organizationPolicies"
  | "domainWideDelegation"
  | "identityProviders"
  | "metadataServer"
  | "quotas";

/** The settings of an emulator that hold for its whole life. */
export interface StateSettings
  extends Pick<ResolvedOptions, "owner" | "extendedLifetimeAccounts">,
    Partial<Pick<ResolvedOptions, LastingOption>> {
  /** The clock, in milliseconds since the epoch: the only one that decides anything. Required. */
  readonly now: () => number;
  /** The packages that need not be installed. Default: those that are. */
  readonly peers?: Peers;
  /** Where key pairs come from. Default: each is a new one. */
  readonly makeKeyPair?: MakeKeyPair;
}

const MAX_KEPT_CALLS = 10_000; // some MB: enough to assert on, and a soak does not grow

// What the certificates behind Google's ID tokens name.
const GOOGLE_COMMON_NAME = "federated-signon.system.gserviceaccount.com";

const MEMBER_PREFIX = "serviceAccount:";

/** The memory of one emulator. */
export class EmulatorState {
  /** The clock, which can be put ahead. */
  readonly clock: EmulatorClock;
  /** The clock's time, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether the bearer `owner` is taken. */
  readonly owner: boolean;
  /** What is told of accounts that do not exist. */
  readonly missingAccounts: MissingAccounts;
  /** How long a policy that was written takes to be in effect, in milliseconds. */
  readonly policyPropagationMs: number;
  /** The locations that accounts are confined to. */
  readonly allowedLocations: AllowedLocations;
  /** The number of the organization that the projects are in; undefined when there is none. */
  readonly organizationNumber: string | undefined;
  /** The organization policies that hold. */
  readonly organizationPolicies: ReadonlySet<EmulatorOrganizationPolicy>;
  /** Puts the emulator back to what it started with. */
  reset: () => void = () => this.clear();
  /** The packages that need not be installed. */
  readonly peers: Peers;
  /** Where the emulator is, `http://127.0.0.1:41235` for one. Empty until it listens. */
  url = "";
  /** The service accounts. */
  readonly accounts: AccountBook;
  /** Who has which role on what. */
  readonly policies: PolicyBook;
  /** What the roles permit. */
  readonly roles: RoleBook;
  /** Makes and reads access tokens. */
  readonly tokens: TokenMint;
  /** The keys that sign ID tokens. */
  readonly googleKeys: KeyRing;
  /** What was called. */
  readonly calls = new CallLog(MAX_KEPT_CALLS);
  /** Users, delegations, identity providers and revoked tokens. */
  readonly oauth: OAuthBook;
  /** What the metadata server tells. */
  readonly metadataServer: ResolvedMetadataServer;
  /** The tokens that the metadata server gave out last. */
  readonly metadataTokens = new TokenCache();
  /** The faults that are set. */
  readonly faults = new FaultBook();
  /** Tells attempts at a call apart. */
  readonly attempts = new AttemptCounter();
  /** Counts calls against the quotas. */
  readonly quotas: QuotaMeter;
  readonly #closing = new AbortController();
  readonly #extendedLifetimeAccounts: ReadonlySet<string>;
  readonly #running = new Set<Promise<unknown>>();

  /** @param settings what holds for the emulator's whole life */
  constructor(settings: StateSettings) {
    const make = settings.makeKeyPair ?? makeKeyPair;
    this.clock = new EmulatorClock(settings.now);
    this.now = this.clock.now;
    this.owner = settings.owner;
    this.missingAccounts = settings.missingAccounts ?? "observed";
    this.policyPropagationMs = settings.policyPropagationMs ?? 0;
    this.allowedLocations = settings.allowedLocations ?? { locations: [], encodedLocations: "0x0" };
    this.organizationNumber = settings.organizationNumber;
    this.organizationPolicies = new Set(settings.organizationPolicies ?? []);
    this.peers = settings.peers ?? installedPeers;
    this.#extendedLifetimeAccounts = new Set(settings.extendedLifetimeAccounts);
    this.googleKeys = new KeyRing(GOOGLE_COMMON_NAME, this.now, make);
    this.oauth = new OAuthBook(this.now, settings.domainWideDelegation ?? [], settings.identityProviders ?? []);
    this.metadataServer = settings.metadataServer ?? resolveMetadataServer({}, undefined, "metadataServer");
    this.quotas = new QuotaMeter(settings.quotas, this.now);
    this.accounts = new AccountBook(this.now, make);
    this.policies = new PolicyBook(this.now);
    this.roles = new RoleBook(this.now, this.policies.etags);
    this.tokens = new TokenMint((principal) => this.accountOfMember(principal)?.uniqueId);
  }

  /** Registers an account; one that is already there is returned as it is. */
  addAccount(email: string): ServiceAccount {
    return this.accounts.add(email);
  }

  /** The account of an e-mail or unique id; undefined when there is none. */
  findAccount(identifier: string): ServiceAccount | undefined {
    return this.accounts.find(identifier);
  }

  /** The account that an IAM member is; undefined when it is none, or none of the emulator's. */
  accountOfMember(member: string): ServiceAccount | undefined {
    return member.startsWith(MEMBER_PREFIX) ? this.accounts.find(member.slice(MEMBER_PREFIX.length)) : undefined;
  }

  /** Deletes an account. What it was granted elsewhere is no longer its name's. */
  deleteAccount(account: ServiceAccount): void {
    this.accounts.delete(account);
    const { email, uniqueId } = account;
    this.policies.renameMember(`${MEMBER_PREFIX}${email}`, formatDeletedAccount(email, uniqueId));
  }

  /** Brings a deleted account back, with what it was granted. Its e-mail must not be another's by now. */
  undeleteAccount(account: ServiceAccount): void {
    this.accounts.undelete(account);
    const { email, uniqueId } = account;
    this.policies.renameMember(formatDeletedAccount(email, uniqueId), `${MEMBER_PREFIX}${email}`);
  }

  /**
   * Adds a grant, from the next call on: a binding in the policy of its account or project.
   *
   * @param account the account that it is on; undefined for one on a project
   * @returns its removal, which may be called more than once. A grant that was added twice stays until both are removed
   * @throws ConditionError when its condition is malformed; MissingPeerError when it has one and @bufbuild/cel is not there
   */
  addGrant(grant: EmulatorGrant, account: ServiceAccount | undefined): () => void {
    const { member, role, condition, project } = grant;
    const compiled =
      condition === undefined
        ? undefined
        : compileCondition(this.peers, { title: "", description: "", location: "", ...condition });
    const policy =
      account === undefined ? this.policies.ofProject(project ?? "") : this.policies.ofAccount(account.uniqueId);
    return policy.add({ member, role, condition: compiled });
  }

  /** Whether the organization policy lets the account's access tokens live for 12 hours. */
  hasExtendedLifetime(account: ServiceAccount): boolean {
    return this.#extendedLifetimeAccounts.has(account.email);
  }

  /** Forgets policies, roles, users, faults, calls and what was counted, and puts the clock back. Accounts and keys stay. */
  clear(): void {
    this.clock.reset();
    this.policies.clear();
    this.roles.clear();
    this.oauth.clear();
    this.faults.clear();
    this.attempts.clear();
    this.quotas.clear();
    this.calls.clear();
  }

  /** Aborted when the emulator closes: whatever waits on purpose ends. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Ends whatever waits on purpose. */
  stopWaiting(): void {
    this.#closing.abort();
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
