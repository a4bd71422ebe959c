// SPDX-License-Identifier: Apache-2.0
// Holds the policies of all resources, service accounts and projects. Does not know what they permit.

import { EtagMint } from "./etag.js";
import { ResourcePolicy } from "./resource-policy.js";

/** The policies of one emulator. */
export class PolicyBook {
  /** Makes the etags of policies and roles. */
  readonly etags: EtagMint;
  readonly #policies = new Map<string, ResourcePolicy>();
  #lastId = 0;

  /** @param now the clock, in milliseconds since the epoch */
  constructor(now: () => number) {
    this.etags = new EtagMint(now);
  }

  #policyOf(key: string): ResourcePolicy {
    const policy = this.#policies.get(key) ?? new ResourcePolicy(this.etags, () => ++this.#lastId);
    this.#policies.set(key, policy);
    return policy;
  }

  /** The policy of a service account, by its unique id; empty when nobody has written one. */
  ofAccount(uniqueId: string): ResourcePolicy {
    return this.#policyOf(`serviceAccounts/${uniqueId}`);
  }

  /** The policy of a project, by its id; empty when nobody has written one. */
  ofProject(projectId: string): ResourcePolicy {
    return this.#policyOf(`projects/${projectId}`);
  }

  /** Forgets the policy of a service account that is gone for good. */
  forgetAccount(uniqueId: string): void {
    this.#policies.delete(`serviceAccounts/${uniqueId}`);
  }

  /** Forgets every policy. */
  clear(): void {
    this.#policies.clear();
  }

  /**
   * Removes a grant from whichever policy has it.
   *
   * @param endsAt when it ends, in milliseconds since the epoch. Default: at once
   * @returns whether there was one with that number
   */
  removeGrant(id: number, endsAt?: number): boolean {
    return [...this.#policies.values()].some((policy) => policy.remove(id, endsAt));
  }

  /** Renames a member in every policy. */
  renameMember(from: string, to: string): void {
    for (const policy of this.#policies.values()) policy.renameMember(from, to);
  }

  /** The ids of the projects that have a policy. */
  projects(): readonly string[] {
    return [...this.#policies].flatMap(([key, policy]) =>
      key.startsWith("projects/") && policy.bindings().length > 0 ? key.slice("projects/".length) : [],
    );
  }
}
