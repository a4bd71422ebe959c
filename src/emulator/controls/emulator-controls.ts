// SPDX-License-Identifier: Apache-2.0
// What tests, the control API and the console do with an emulator: set up state, look at what happened, and ask why. Everything here
// is done by methods; whatever calls them over HTTP decides nothing. Knows no port and no protocol.

import { object } from "../../base/options/checks.js";
import { settle } from "../../base/options/declaration.js";
import { exportState } from "../seed/export-state.js";
import { addCheckedGrant } from "../seed/populate.js";
import type { EmulatorSeed } from "../seed/seed.js";
import type { CallRecord } from "../world/calls/call-log.js";
import type { ServiceAccountKeyFile } from "../world/credentials-files/account-key-file.js";
import {
  buildCredentialsFile,
  type EmulatorCredentialsFiles,
  type EmulatorCredentialsKind,
  writeCredentialsFile,
} from "../world/credentials-files/write-credentials-file.js";
import { type EmulatorEventName, type EmulatorEvents, eventNames } from "../world/events/event-log.js";
import { type EmulatorFault, FAULT } from "../world/faults/fault.js";
import { EMAIL, MEMBER } from "../world/names/name-checks.js";
import type { PermissionDecision } from "../world/policy/decision.js";
import { ENFORCEMENT, type Enforcement } from "../world/policy/enforcement.js";
import { type EmulatorGrant, GRANT } from "../world/policy/grants.js";
import type { GrantRemoval } from "../world/policy/resource-policy.js";
import { readOption, refuseOption } from "../world/refusals/refuse-option.js";
import { type EmulatorTokenOptions, TOKEN_OPTIONS } from "../world/tokens/token-options.js";
import type { World } from "../world/world.js";
import {
  addAccount,
  changeAccount,
  type EmulatorAccountChanges,
  type EmulatorAccountTexts,
  type EmulatorServiceAccount,
  listAccounts,
} from "./account-controls.js";
import { type EmulatorChain, explainChain } from "./chain-explanation.js";
import {
  CALL_RANGE,
  type EmulatorCallRange,
  type EmulatorFaultRemoval,
  type EmulatorGrantTiming,
  type EmulatorPolicyOwner,
  type EmulatorSetFault,
  GRANTS_FORMAT,
  POLICY_OWNER,
  spreadAt,
} from "./control-options.js";
import { describeEmulator, type EmulatorInfo, type EmulatorPlace } from "./emulator-info.js";
import {
  changeKey,
  createKeyFile,
  deleteKey,
  type EmulatorKey,
  type EmulatorKeyChanges,
  listKeys,
} from "./key-controls.js";
import { type EmulatorNeededGrant, listNeededGrants } from "./needed-grants.js";
import { type EmulatorGrantsFormat, formatNeededGrants } from "./needed-grants-text.js";
import { describeAccountPolicy, describeProjectPolicy, type EmulatorPolicy } from "./policy-description.js";
import { importState } from "./state-import.js";
import {
  createToken,
  type EmulatorToken,
  type EmulatorTokenDescription,
  type EmulatorTokenRequest,
  inspectToken,
  mintAccessToken,
} from "./token-controls.js";

/** A world, and what resets it to the emulator's starting state. */
export type ControlledWorld = World & {
  /** Resets it. */
  readonly reset: () => void;
};

/** What can be done with a running emulator. The console and the control API under `/emulator/v1/` do everything through it. */
export class EmulatorControls {
  readonly #world: ControlledWorld;
  readonly #place: () => EmulatorPlace;

  /** @internal */
  constructor(world: ControlledWorld, place: () => EmulatorPlace) {
    this.#world = world;
    this.#place = place;
  }

  /** What the emulator is: where it listens, what it can do, whom it knows, its time. Contains no token and no key. */
  info(): EmulatorInfo {
    return describeEmulator(this.#world, this.#place());
  }

  /**
   * Notifies a listener of events: `call` when a call has ended, before it is answered (requests to the emulator's own endpoints are
   * not calls); `state` when accounts, keys, grants, roles, tokens or the enforcement have changed; `fault`, `clock` and `reset`.
   *
   * @returns a function that removes it; calling it again does nothing
   * @throws TypeError when there is no such event, or the listener is not a function
   */
  on<Name extends EmulatorEventName>(event: Name, listener: (data: EmulatorEvents[Name]) => void): () => void {
    if (!eventNames.includes(event)) {
      throw new TypeError(`event must be one of ${eventNames.join(", ")}, not ${JSON.stringify(event)}`);
    }
    if (typeof listener !== "function") throw new TypeError("listener must be a function");
    return this.#world.events.listen(({ name, data }) => {
      if (name === event) listener(data as EmulatorEvents[Name]); // as: its name says so
    });
  }

  /**
   * The calls so far, in the order in which they ended, at most the last 10,000. They contain no token, payload or key.
   *
   * @param range which of them. Default: all
   * @throws TypeError naming the field that is wrong
   */
  calls(range: EmulatorCallRange = {}): readonly CallRecord[] {
    const { after, limit } = settle(CALL_RANGE, range, { refuse: refuseOption });
    return this.#world.calls.list(after, limit);
  }

  /** Forgets the calls so far. Later ones have later numbers. */
  clearCalls(): void {
    this.#world.calls.clear();
  }

  /** The service accounts; deleted ones that can be undeleted come last. */
  accounts(): readonly EmulatorServiceAccount[] {
    return listAccounts(this.#world);
  }

  /**
   * Adds a service account. An existing one is returned unchanged.
   *
   * @param texts its display name and description. Default: empty
   * @throws TypeError when the e-mail is malformed, or naming the field that is wrong
   */
  addServiceAccount(email: string, texts: EmulatorAccountTexts = {}): EmulatorServiceAccount {
    const { account, isNew } = addAccount(this.#world, email, texts);
    return isNew ? this.#changed(() => account) : account;
  }

  /**
   * Changes, disables, deletes or undeletes a service account.
   *
   * @param email its e-mail or unique id
   * @throws TypeError when there is none, or naming the field that is wrong
   */
  updateServiceAccount(email: string, changes: EmulatorAccountChanges): EmulatorServiceAccount {
    return this.#changed(() => changeAccount(this.#world, email, changes));
  }

  /** Deletes a service account; it can be undeleted for 30 days. @throws TypeError when there is none */
  deleteServiceAccount(email: string): void {
    this.#changed(() => changeAccount(this.#world, email, { deleted: true }));
  }

  /** The keys of a service account. Makes the signing key when there is none yet. @throws TypeError when there is no such account */
  serviceAccountKeys(email: string): Promise<readonly EmulatorKey[]> {
    return listKeys(this.#world, email);
  }

  /**
   * Creates a user-managed key of an account, for clients that sign their own JWTs.
   *
   * @returns the credentials file, private key included; the emulator keeps the public half
   * @throws TypeError when the account does not exist, or has ten keys
   */
  async createServiceAccountKey(email: string): Promise<ServiceAccountKeyFile> {
    const file = await createKeyFile(this.#world, readOption(EMAIL, email, "email"));
    return this.#changed(() => file);
  }

  /** Disables or enables a user-managed key. @throws TypeError when there is none, or naming the field that is wrong */
  updateServiceAccountKey(email: string, keyId: string, changes: EmulatorKeyChanges): EmulatorKey {
    return this.#changed(() => changeKey(this.#world, { email, keyId }, changes));
  }

  /** Deletes a user-managed key. @throws TypeError when there is none */
  deleteServiceAccountKey(email: string, keyId: string): void {
    this.#changed(() => deleteKey(this.#world, email, keyId));
  }

  /**
   * A credentials file that points at this emulator, as an object. One of kind `service_account` has a new key, and a user's has a new
   * login.
   *
   * @param kind the file's `type`
   * @param options whose credentials they are
   * @throws TypeError naming the option that is wrong
   */
  async credentialsFile<Kind extends EmulatorCredentialsKind>(
    kind: Kind,
    options: EmulatorCredentialsFiles[Kind],
  ): Promise<Readonly<Record<string, unknown>>> {
    const file = await buildCredentialsFile(this.#world, kind, options);
    return this.#changed(() => file);
  }

  /**
   * Writes a credentials file that points at this emulator, for `GOOGLE_APPLICATION_CREDENTIALS`. Readable by its owner only.
   *
   * @param kind the file's `type`
   * @param options whose credentials they are
   * @throws TypeError naming the option that is wrong; the error of node:fs when the file can't be written
   */
  async writeCredentialsFile<Kind extends EmulatorCredentialsKind>(
    kind: Kind,
    path: string,
    options: EmulatorCredentialsFiles[Kind],
  ): Promise<void> {
    await writeCredentialsFile(this.#world, kind, path, options);
    this.#changed(() => undefined);
  }

  /**
   * Who has which role on a service account, through its own policy or its project's; or on a project.
   *
   * @throws TypeError when there is no such account, or naming the field that is wrong
   */
  policy(owner: EmulatorPolicyOwner): EmulatorPolicy {
    const { serviceAccount, project = "" } = readOption(object(POLICY_OWNER), owner, "owner");
    return serviceAccount === undefined
      ? describeProjectPolicy(this.#world, project)
      : describeAccountPolicy(this.#world, serviceAccount);
  }

  /**
   * Grants a role on an account, or on a project and so on every account in it. Grants are the bindings of the policy that
   * `getIamPolicy` reads and `setIamPolicy` writes.
   *
   * @param timing when it is in effect. Default: from the next call on
   * @returns a function that removes the grant, with its `id`; calling it again does nothing
   * @throws TypeError naming the field that is wrong, or when the account or role does not exist
   */
  addGrant(grant: EmulatorGrant, timing: EmulatorGrantTiming = {}): GrantRemoval {
    const startsAt = spreadAt(this.#world, timing);
    const settled = readOption(object(GRANT), grant, "grant");
    const remove = this.#changed(() => addCheckedGrant(this.#world, settled, "grant", startsAt));
    const { id } = remove;
    return Object.assign(() => void this.#changed(remove), { id });
  }

  /**
   * Removes a grant, whoever added it.
   *
   * @param timing when it ends. Default: at once
   * @returns whether there was one with that number
   * @throws TypeError naming the field that is wrong
   */
  removeGrant(id: number, timing: EmulatorGrantTiming = {}): boolean {
    const endsAt = spreadAt(this.#world, timing);
    return this.#changed(() => this.#world.policies.removeGrant(id, endsAt));
  }

  /**
   * How a call along a chain would be decided, hop by hop: the caller needs `iam.serviceAccounts.implicitDelegation` on the first
   * delegate, and so on, and the last of them the permission on the account. Nothing is called or logged.
   *
   * @returns a decision per hop, with the binding that gives it
   * @throws TypeError naming the field that is wrong, or when an account does not exist
   */
  explainChain(chain: EmulatorChain): readonly PermissionDecision[] {
    return explainChain(this.#world, chain);
  }

  /**
   * The grants that the calls in the log needed: for each permission that was needed, the grant that gave it or would have. Calls by
   * `owner` need none.
   *
   * @param format as objects, as commands of gcloud or iamcreds, or as Terraform. Default: `json`, objects
   * @throws TypeError when there is no such format
   */
  neededGrants(format?: "json"): readonly EmulatorNeededGrant[];
  neededGrants(format: EmulatorGrantsFormat): string;
  neededGrants(format: EmulatorGrantsFormat | "json" = "json"): readonly EmulatorNeededGrant[] | string {
    const settled = readOption(GRANTS_FORMAT, format, "format");
    const grants = listNeededGrants(this.#world);
    return settled === "json" ? grants : formatNeededGrants(grants, settled);
  }

  /**
   * Sets what happens to calls that lack a permission, from the next one on: the option `enforcement`.
   *
   * @throws TypeError when it is neither of the two
   */
  setEnforcement(enforcement: Enforcement): void {
    const settled = readOption(ENFORCEMENT, enforcement, "enforcement");
    this.#changed(() => {
      this.#world.enforcement.current = settled;
    });
  }

  /**
   * A bearer token of a principal.
   *
   * @param member `user:{email}` or `serviceAccount:{email}`
   * @param options its scopes and lifetime. Default: cloud-platform, an hour
   * @throws TypeError when the member is neither, or naming the option that is wrong
   */
  async accessToken(member: string, options: EmulatorTokenOptions = {}): Promise<string> {
    const principal = readOption(MEMBER, member, "member");
    return mintAccessToken(this.#world, principal, settle(TOKEN_OPTIONS, options, { refuse: refuseOption })).token;
  }

  /** An access token or an ID token of a principal, with its expiry. @throws TypeError naming the field that is wrong */
  createToken(token: EmulatorTokenRequest): Promise<EmulatorToken> {
    return createToken(this.#world, token);
  }

  /** What a token is, whose, and whether it is valid; for a JWT, its claims and signing key. @throws TypeError when it is not a string */
  inspectToken(token: string): Promise<EmulatorTokenDescription> {
    return inspectToken(this.#world, token);
  }

  /**
   * Revokes an access or refresh token; with a refresh token, the access tokens that came from it.
   *
   * @throws TypeError when it is not a string
   */
  revokeToken(token: string): void {
    if (typeof token !== "string" || token === "") throw new TypeError("token must be a non-empty string");
    this.#changed(() => this.#world.logins.revoke(token));
  }

  /**
   * Sets a fault, from the next call on. When several match a call, the oldest strikes.
   *
   * @returns a function that removes it, with its `id`; calling it again does nothing
   * @throws TypeError naming the field that is wrong
   */
  addFault(fault: EmulatorFault): EmulatorFaultRemoval {
    const id = this.#world.faults.add(readOption(object(FAULT), fault, "fault"));
    this.#world.events.add("fault", {});
    return Object.assign(() => void this.removeFault(id), { id });
  }

  /** The faults that are set, the oldest first. */
  faults(): readonly EmulatorSetFault[] {
    return this.#world.faults.list().map(({ id, fault, remaining }) => {
      return { id, fault, ...(Number.isFinite(remaining) ? { remaining } : {}) };
    });
  }

  /** Removes a fault. @returns whether there was one with that number */
  removeFault(id: number): boolean {
    const isRemoved = this.#world.faults.remove(id);
    if (isRemoved) this.#world.events.add("fault", {});
    return isRemoved;
  }

  /** Removes every fault. */
  clearFaults(): void {
    this.#world.faults.clear();
    this.#world.events.add("fault", {});
  }

  /**
   * Advances the emulator's clock: tokens and keys age at once. Deadlines and delays stay in real time.
   *
   * @param ms milliseconds, 0 or more
   * @throws TypeError when it is anything else
   */
  advanceClock(ms: number): void {
    this.#world.clock.advance(ms);
    this.#world.events.add("clock", { now: new Date(this.#world.now()) });
  }

  /**
   * Resets the emulator to its starting state: accounts, keys made for users, policies, roles, logins, faults, calls, the
   * enforcement and the clock. Accounts keep their unique ids and system-managed keys; tokens stay valid, and revoked ones are valid
   * again.
   */
  reset(): void {
    this.#world.reset();
    this.#world.events.add("reset", {});
  }

  /** The emulator's state, as a seed that makes another one like it. It contains no private key and no access token. */
  exportState(): EmulatorSeed {
    return exportState(this.#world);
  }

  /**
   * Replaces accounts, keys, roles, policies, services and logins with a seed's. An account with the seed's e-mail and unique id keeps its
   * system-managed keys and tokens. What is fixed for the emulator's life (delegations, providers, lifetimes, the metadata server) stays,
   * and so do faults, calls and the clock.
   *
   * @throws TypeError naming what is wrong; nothing has changed then
   */
  importState(seed: EmulatorSeed): void {
    this.#changed(() => importState(this.#world, seed));
  }

  #changed<Result>(change: () => Result): Result {
    const result = change();
    this.#world.events.add("state", {});
    return result;
  }
}
