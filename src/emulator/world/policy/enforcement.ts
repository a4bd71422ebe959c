// SPDX-License-Identifier: Apache-2.0
// Decides what happens to calls that lack a permission. Knows no permission.

import { oneOf } from "../../../base/options/checks.js";

/**
 * What happens to a call that lacks a permission: `enforce` refuses it, as Google does; `observe` logs what would have been denied, and
 * lets it pass.
 */
export type Enforcement = "enforce" | "observe";

/** What happens to a call that lacks a permission. */
export const ENFORCEMENT = oneOf<Enforcement>(["enforce", "observe"]);

/** What holds now, and what held when the emulator started. */
export class EnforcementSwitch {
  /** What holds now. */
  current: Enforcement;
  readonly #initial: Enforcement;

  /** @param initial what the option says */
  constructor(initial: Enforcement) {
    this.#initial = initial;
    this.current = initial;
  }

  /** Restores what the option says. */
  clear(): void {
    this.current = this.#initial;
  }
}
