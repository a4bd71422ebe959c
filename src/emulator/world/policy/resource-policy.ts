// SPDX-License-Identifier: Apache-2.0
// Holds the policy of one resource: who has which role on it, and under which condition. A grant and a binding are the same
// entry here. Does not know what a role permits.

import type { Condition } from "./compiled-condition.js";
import { EMPTY_ETAG, type EtagMint } from "./etag.js";

/** Who gets what, under which condition. */
export interface RoleGrant {
  /** The member, in the form that policies use. Required. */
  readonly member: string;
  /** The role's name. Required. */
  readonly role: string;
  /** The condition; undefined: always. Required. */
  readonly condition: Condition | undefined;
}

/** A role, who has it, and under which condition. Source: google/iam/v1/policy.proto. */
export interface PolicyBinding {
  /** The role's name. Required. */
  readonly role: string;
  /** Its members, each once. Required. */
  readonly members: readonly string[];
  /** The condition; undefined: always. Required. */
  readonly condition: Condition | undefined;
}

/** Audit log settings: which use of which service to log. Stored and returned; nothing is logged. */
interface AuditSetting {
  /** The service's host name. Required. */
  readonly service: string;
  /** What is logged. Required. */
  readonly auditLogConfigs: readonly { readonly logType: number; readonly exemptedMembers: readonly string[] }[];
}

/** A grant as a policy has it. */
interface WrittenGrant extends RoleGrant {
  /** Its number, unique in the emulator. Required. */
  readonly id: number;
  /** When it takes effect, in milliseconds since the epoch; -Infinity: from the beginning. Required. */
  readonly startsAt: number;
}

/** The removal of a grant: calling it again does nothing. */
export interface GrantRemoval {
  /** Removes it. */
  (): void;
  /** The grant's number. */
  readonly id: number;
}

interface Entry extends WrittenGrant {
  member: string;
  endsAt: number;
}

function conditionKey(condition: Condition | undefined): string {
  return condition === undefined ? "" : JSON.stringify(Object.entries(condition.text).sort());
}

function bindingKey({ role, condition }: Pick<RoleGrant, "role" | "condition">): string {
  return `${role}\n${conditionKey(condition)}`;
}

/** The policy of one resource. */
export class ResourcePolicy {
  readonly #etags: EtagMint;
  readonly #nextId: () => number;
  #entries: Entry[] = [];
  // Entries that setIamPolicy took out and that still hold until the change has propagated.
  #fading: Entry[] = [];
  #etag = EMPTY_ETAG;
  #auditSettings: readonly AuditSetting[] = [];

  /**
   * @param etags makes its etags
   * @param nextId numbers its grants
   */
  constructor(etags: EtagMint, nextId: () => number) {
    this.#etags = etags;
    this.#nextId = nextId;
  }

  /** Which version of the policy this is. */
  get etag(): Buffer {
    return this.#etag;
  }

  /** The audit log settings. */
  get auditSettings(): readonly AuditSetting[] {
    return this.#auditSettings;
  }

  /** Whether any binding has a condition: then it is a policy of version 3. */
  get isConditional(): boolean {
    return this.#entries.some(({ condition }) => condition !== undefined);
  }

  /**
   * Adds a grant. Given twice, it stays until both are removed.
   *
   * @param startsAt when it takes effect, in milliseconds since the epoch. Default: at once
   * @returns its removal, which may be called more than once, and does nothing once a written policy has left it out
   */
  add(grant: RoleGrant, startsAt = Number.NEGATIVE_INFINITY): GrantRemoval {
    const id = this.#nextId();
    this.#entries.push({ ...grant, id, startsAt, endsAt: Number.POSITIVE_INFINITY });
    this.#etag = this.#etags.next();
    return Object.assign(() => void this.remove(id), { id });
  }

  /**
   * Removes a grant.
   *
   * @param endsAt when it ends, in milliseconds since the epoch. Default: at once
   * @returns whether there was one with that number
   */
  remove(id: number, endsAt = Number.NEGATIVE_INFINITY): boolean {
    const entry = this.#entries.find((each) => each.id === id);
    if (entry === undefined) return false;
    this.#entries = this.#entries.filter((other) => other !== entry);
    if (endsAt > Number.NEGATIVE_INFINITY) this.#fading.push(Object.assign(entry, { endsAt }));
    this.#etag = this.#etags.next();
    return true;
  }

  /** The grants as they are written, whether in effect yet or not. */
  grants(): readonly WrittenGrant[] {
    return this.#entries;
  }

  /**
   * Writes the policy as a whole. Grants that it repeats stay the same grants, removable as before.
   *
   * @param spreadAt when the change takes effect, in milliseconds since the epoch
   */
  replace(bindings: readonly PolicyBinding[], auditSettings: readonly AuditSetting[], spreadAt: number): void {
    const wanted = new Map<string, RoleGrant>();
    for (const { role, members, condition } of bindings) {
      for (const member of members)
        wanted.set(`${bindingKey({ role, condition })}\n${member}`, { role, member, condition });
    }
    const kept: Entry[] = [];
    for (const entry of this.#entries) {
      const key = `${bindingKey(entry)}\n${entry.member}`;
      if (wanted.delete(key) || kept.some((other) => `${bindingKey(other)}\n${other.member}` === key)) kept.push(entry);
      else this.#fading.push(Object.assign(entry, { endsAt: spreadAt }));
    }
    const added = [...wanted.values()].map((grant) => ({
      ...grant,
      id: this.#nextId(),
      startsAt: spreadAt,
      endsAt: Number.POSITIVE_INFINITY,
    }));
    this.#entries = [...kept, ...added];
    this.#auditSettings = auditSettings;
    this.#etag = this.#etags.next();
  }

  /** The grants that are in effect at a time, in milliseconds since the epoch. */
  *grantsAt(at: number): Iterable<RoleGrant> {
    if (this.#fading.length > 0) this.#fading = this.#fading.filter(({ endsAt }) => endsAt > at);
    for (const entry of this.#entries) if (entry.startsAt <= at) yield entry;
    for (const entry of this.#fading) if (entry.startsAt <= at) yield entry;
  }

  /** The grants that are written but not in effect yet at a time, in milliseconds since the epoch, each with its start. */
  *pendingAt(at: number): Iterable<{ readonly grant: RoleGrant; readonly startsAt: number }> {
    for (const entry of this.#entries) if (entry.startsAt > at) yield { grant: entry, startsAt: entry.startsAt };
  }

  /** The policy as it is written, whether in effect yet or not: a binding per role and condition. */
  bindings(): readonly PolicyBinding[] {
    const byKey = new Map<string, { role: string; members: string[]; condition: Condition | undefined }>();
    for (const { role, member, condition } of this.#entries) {
      const key = bindingKey({ role, condition });
      const binding = byKey.get(key) ?? { role, members: [], condition };
      byKey.set(key, binding);
      if (!binding.members.includes(member)) binding.members.push(member);
    }
    return [...byKey.values()];
  }

  /** Renames a member wherever it occurs, as when a service account is deleted. */
  renameMember(from: string, to: string): void {
    for (const entry of this.#entries) if (entry.member === from) entry.member = to;
  }
}
