// SPDX-License-Identifier: Apache-2.0
// Holds the faults that are set and picks the one that strikes a call. Does nothing to the call.

import type { EmulatorFault } from "./fault.js";

/** What is known of a call when a fault is picked. */
export interface FaultTarget {
  /** The method's names: short and full. Required. */
  readonly methods: readonly string[];
  /** Who calls; undefined when it can't be determined. Required. */
  readonly principal: string | undefined;
  /** Which attempt it is, from 1. Required. */
  readonly attempt: number;
  /** Whether only a fault that names the method strikes. Default: false. */
  readonly mustBeNamed?: boolean;
}

/** A fault that is set. */
interface SetFault {
  /** Its number, for the admin endpoint. Required. */
  readonly id: number;
  /** The fault. Required. */
  readonly fault: EmulatorFault;
  /** How many calls it will still strike. Required. */
  remaining: number;
}

function isMatch({ method, principal, attempt }: EmulatorFault, target: FaultTarget): boolean {
  return (
    (method === undefined ? target.mustBeNamed !== true : target.methods.includes(method)) &&
    (principal === undefined || principal === target.principal) &&
    (attempt === undefined || attempt === target.attempt)
  );
}

/** The faults of one emulator, the oldest first. */
export class FaultBook {
  readonly #faults = new Map<number, SetFault>();
  #lastId = 0;

  /**
   * Sets a fault that has been checked.
   *
   * @returns its number
   */
  add(fault: EmulatorFault): number {
    const id = ++this.#lastId;
    this.#faults.set(id, { id, fault, remaining: fault.times ?? Number.POSITIVE_INFINITY });
    return id;
  }

  /** Removes a fault; false when none has that number. */
  remove(id: number): boolean {
    return this.#faults.delete(id);
  }

  /** Removes every fault. */
  clear(): void {
    this.#faults.clear();
  }

  /** The faults that are set. */
  list(): readonly Readonly<SetFault>[] {
    return [...this.#faults.values()];
  }

  /** Takes the oldest fault that matches a call and uses up one of its times; undefined when none matches. */
  take(target: FaultTarget): Readonly<SetFault> | undefined {
    for (const each of this.#faults.values()) {
      if (!isMatch(each.fault, target)) continue;
      if (--each.remaining <= 0) this.#faults.delete(each.id);
      return each;
    }
    return undefined;
  }
}
