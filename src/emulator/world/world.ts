// SPDX-License-Identifier: Apache-2.0
// Puts together what one emulator remembers. Each handler takes the part of it that it needs, as a `Pick`. Decides nothing.

import { AccountBook } from "./accounts/account-book.js";
import { CallLog } from "./calls/call-log.js";
import { changesState } from "./calls/changes-state.js";
import { EventLog } from "./events/event-log.js";
import { AttemptCounter } from "./faults/attempt-counter.js";
import { FaultBook } from "./faults/fault-book.js";
import { QuotaMeter, type ResolvedQuotas } from "./faults/quotas.js";
import type { MakeKeyPair } from "./keys/key-pair.js";
import { KeyRing } from "./keys/key-ring.js";
import { LoginBook } from "./logins/login-book.js";
import type { EmulatorDelegation, EmulatorIdentityProvider } from "./logins/login-options.js";
import type { ResolvedMetadataServer } from "./machine/machine-options.js";
import { type Enforcement, EnforcementSwitch } from "./policy/enforcement.js";
import { PolicyBook } from "./policy/policy-book.js";
import { RoleBook } from "./policy/role-book.js";
import { ProjectBook } from "./projects/project-book.js";
import type { EmulatorProject } from "./projects/project-options.js";
import { ServiceBook } from "./projects/service-book.js";
import { AdjustableClock } from "./runtime/adjustable-clock.js";
import type { Peers } from "./runtime/optional-peer.js";
import { Work } from "./runtime/work.js";
import { RecentTokens } from "./tokens/recent-tokens.js";
import { TokenMint } from "./tokens/token-mint.js";
import type { Settings } from "./world-settings.js";

/** Everything that one emulator remembers, and what it gets from the process that it runs in. */
export interface World {
  /** The clock, which can be advanced. */
  readonly clock: AdjustableClock;
  /** The clock's time, in milliseconds since the epoch: the only one that decides anything. */
  readonly now: () => number;
  /** The optional packages. */
  readonly peers: Peers;
  /** Where the emulator is, for example `http://127.0.0.1:41235`; empty until it listens. */
  readonly url: () => string;
  /** What is under way. */
  readonly work: Work;
  /** What holds for the emulator's whole life. */
  readonly settings: Settings;
  /** The service accounts. */
  readonly accounts: AccountBook;
  /** Who has which role on what. */
  readonly policies: PolicyBook;
  /** What happens to calls that lack a permission. */
  readonly enforcement: EnforcementSwitch;
  /** What the roles permit. */
  readonly roles: RoleBook;
  /** The ids and numbers of projects. */
  readonly projects: ProjectBook;
  /** Which services projects use. */
  readonly services: ServiceBook;
  /** Makes and reads access tokens. */
  readonly tokens: TokenMint;
  /** The keys that sign ID tokens. */
  readonly googleKeys: KeyRing;
  /** Users, delegations, identity providers and revoked tokens. */
  readonly logins: LoginBook;
  /** What the metadata server says of its machine. */
  readonly machine: ResolvedMetadataServer;
  /** The tokens that the metadata server gave out last. */
  readonly recentTokens: RecentTokens;
  /** The log of calls. */
  readonly calls: CallLog;
  /** The log of events: calls, and changes to the rest. */
  readonly events: EventLog;
  /** The faults that are set. */
  readonly faults: FaultBook;
  /** Tells attempts at a call apart. */
  readonly attempts: AttemptCounter;
  /** Counts calls against the quotas. */
  readonly quotas: QuotaMeter;
}

/** What a world is made of. */
interface WorldSettings extends Omit<Settings, "organizationPolicies" | "extendedLifetimeAccounts"> {
  /** The base clock, in milliseconds since the epoch. Required. */
  readonly clock: () => number;
  /** The optional packages. Required. */
  readonly peers: Peers;
  /** Makes key pairs. Required. */
  readonly makeKeyPair: MakeKeyPair;
  /** The emulator's URL. Required. */
  readonly url: () => string;
  /** The organization policies that are enforced. Required. */
  readonly organizationPolicies: Iterable<
    Settings["organizationPolicies"] extends ReadonlySet<infer Policy> ? Policy : never
  >;
  /** The e-mails of the accounts whose access tokens may live for 12 hours. Required. */
  readonly extendedLifetimeAccounts: Iterable<string>;
  /** Which accounts may get tokens for users. Required. */
  readonly domainWideDelegation: readonly EmulatorDelegation[];
  /** Whose subject tokens are exchanged. Required. */
  readonly identityProviders: readonly EmulatorIdentityProvider[];
  /** The projects whose numbers are given. Required. */
  readonly projects: readonly EmulatorProject[];
  /** The services that are off. Required. */
  readonly disabledServices: readonly string[];
  /** The services that single projects have enabled anyway. Required. */
  readonly enabledServices: readonly string[];
  /** What happens to calls that lack a permission. Required. */
  readonly enforcement: Enforcement;
  /** What the metadata server says of its machine. Required. */
  readonly metadataServer: ResolvedMetadataServer;
  /** The limits of calls; undefined: none. Required. */
  readonly quotas: ResolvedQuotas | undefined;
}

const MAX_KEPT_CALLS = 10_000; // a few MB: enough to assert on, and memory stays bounded in a long run
const MAX_KEPT_EVENTS = 10_000; // enough for a page that comes back after a while; those of calls hold the calls that are kept anyway

// The name in the certificates behind Google's ID tokens.
const GOOGLE_COMMON_NAME = "federated-signon.system.gserviceaccount.com";

function openCallLog(events: EventLog): CallLog {
  const calls = new CallLog(MAX_KEPT_CALLS);
  calls.listen((record) => {
    events.add("call", record);
    if (changesState(record)) events.add("state", {});
    if (record.faultId !== undefined) events.add("fault", {});
  });
  return calls;
}

/** Makes an empty world. */
export function createWorld(given: WorldSettings): World {
  const { clock: base, peers, makeKeyPair, url, organizationPolicies, extendedLifetimeAccounts, quotas } = given;
  const clock = new AdjustableClock(base);
  const { now } = clock;
  const accounts = new AccountBook(now, makeKeyPair);
  const policies = new PolicyBook(now);
  const { metadataServer: machine } = given;
  const numbered = [...given.projects, { id: machine.projectId, number: String(machine.numericProjectId) }];
  const events = new EventLog(MAX_KEPT_EVENTS);
  const used = () => [...[...accounts.all()].map(({ projectId }) => projectId), ...policies.projects()];
  return {
    clock,
    now,
    peers,
    url,
    work: new Work(),
    settings: {
      owner: given.owner,
      missingAccounts: given.missingAccounts,
      policyPropagationMs: given.policyPropagationMs,
      allowedLocations: given.allowedLocations,
      organizationNumber: given.organizationNumber,
      userProjects: given.userProjects,
      organizationPolicies: new Set(organizationPolicies),
      extendedLifetimeAccounts: new Set(extendedLifetimeAccounts),
    },
    accounts,
    policies,
    enforcement: new EnforcementSwitch(given.enforcement),
    roles: new RoleBook(now, policies.etags),
    projects: new ProjectBook(now(), numbered, used),
    services: new ServiceBook(now, { disabled: given.disabledServices, enabled: given.enabledServices }),
    tokens: new TokenMint((principal) => accounts.ofMember(principal)?.uniqueId),
    googleKeys: new KeyRing(GOOGLE_COMMON_NAME, now, makeKeyPair),
    logins: new LoginBook(now, given.domainWideDelegation, given.identityProviders, makeKeyPair),
    machine,
    recentTokens: new RecentTokens(),
    calls: openCallLog(events),
    events,
    faults: new FaultBook(),
    attempts: new AttemptCounter(),
    quotas: new QuotaMeter(quotas, now),
  };
}

/** Forgets policies, roles, services, users, faults, calls and what was counted, and puts the clock back. Accounts and keys stay. */
export function clearWorld(world: World): void {
  const { clock, policies, enforcement, roles, services, logins, faults, attempts, quotas, calls } = world;
  clock.reset();
  for (const each of [policies, enforcement, roles, services, logins, faults, attempts, quotas, calls]) each.clear();
}
