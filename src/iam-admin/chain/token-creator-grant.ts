// SPDX-License-Identifier: Apache-2.0
// What was granted along a chain, and how exactly that is taken back. Does not know how it was granted.

import type { RoleBinding } from "../../access-policy/role-binding.js";
import { IAMCredentialsError } from "../../base/errors.js";
import type { CallOptions } from "../../rpc/call-options.js";
import type { ChainGrant } from "./hops.js";

/** One grant of a chain, and whether it was there already. */
export interface GrantedHop extends ChainGrant {
  /** Who has it. */
  readonly member: string;
  /** Whether it had to be added; `false`: it was there already, and is not taken back. */
  readonly isAdded: boolean;
}

/** What a call of grantTokenCreator has done. */
export interface TokenCreatorGrant {
  /** The grants, caller's side first. */
  readonly hops: readonly GrantedHop[];
  /**
   * Whether the grants are in effect: `"confirmed"`, by checking as `caller`; `"unconfirmed"`: nobody could check, or the call was not to
   * wait.
   */
  readonly effect: "confirmed" | "unconfirmed";
  /** Why it is unconfirmed; `undefined`: it is not. */
  readonly why: string | undefined;
  /**
   * Removes what was added, the last hop first, and nothing that was there before; also what may have been added when the call was aborted,
   * or an answer was lost. What somebody else has removed meanwhile is not an error. A hop that cannot be removed does not stop the others;
   * a second call tries what is left.
   *
   * @returns what this call removed
   * @throws RpcError, the first one, after all hops were tried; the reason of the signal at once
   */
  takeBack(options?: CallOptions): Promise<readonly GrantedHop[]>;
}

/** Grants were written, and then something went wrong, or they were not in effect in time. The cause says what. */
export class GrantError extends IAMCredentialsError {
  static {
    GrantError.prototype.name = "GrantError";
  }

  /** What was granted, to be taken back, or kept until it is in effect. */
  readonly grant: TokenCreatorGrant;

  /** @param problem what went wrong */
  constructor(problem: string, grant: TokenCreatorGrant, options?: ErrorOptions) {
    super(`grantTokenCreator: ${problem}`, options);
    this.grant = grant;
  }
}

/** How a binding is taken away. */
export type RemoveBinding = (
  resource: string,
  binding: RoleBinding,
  options: CallOptions,
) => Promise<{ readonly isChanged: boolean }>;

/** A grant that grows while it is made. */
export class Grant implements TokenCreatorGrant {
  readonly #removeBinding: RemoveBinding;
  #left: readonly GrantedHop[] = [];
  /** What the service has confirmed. A member of the object's own, so that it shows when it is printed. */
  hops: readonly GrantedHop[] = [];
  /** Whether it was seen in effect. */
  effect: TokenCreatorGrant["effect"] = "unconfirmed";
  /** Why it was not. */
  why: string | undefined = "the call has not finished";

  /** @param removeBinding what takes each binding back */
  constructor(removeBinding: RemoveBinding) {
    this.#removeBinding = removeBinding;
  }

  /** Keeps a grant that the service has confirmed. */
  add(hop: GrantedHop): void {
    this.hops = [...this.hops, hop];
    if (hop.isAdded) this.#left = [...this.#left, hop];
  }

  /** Records what may have been granted, though nothing confirms it. */
  addUnsure(hop: GrantedHop): void {
    this.#left = [...this.#left, hop];
  }

  /** Whether there is anything to take back. */
  get hasPendingRemovals(): boolean {
    return this.#left.length > 0;
  }

  /** Makes the error that holds what was granted. */
  fail(problem: string, cause: unknown): GrantError {
    this.why = problem;
    return new GrantError(problem, this, { cause });
  }

  /** {@link TokenCreatorGrant.takeBack} */
  async takeBack(options: CallOptions = {}): Promise<readonly GrantedHop[]> {
    const removed: GrantedHop[] = [];
    const failures: unknown[] = [];
    for (const hop of [...this.#left].reverse()) {
      const { resource, member, role } = hop;
      try {
        const { isChanged } = await this.#removeBinding(resource, { member, role }, options);
        this.#left = this.#left.filter((each) => each !== hop);
        if (isChanged) removed.push(hop);
      } catch (error) {
        if (isReasonOf(options.signal, error)) throw error;
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return removed;
  }
}

/** Whether an error is the reason of the caller's signal. */
export function isReasonOf(signal: AbortSignal | undefined, error: unknown): boolean {
  return signal?.aborted === true && error === signal.reason;
}
