// SPDX-License-Identifier: Apache-2.0
// Decides which error a wrong option of the emulator causes, and what it shows of the value.

import type { Check, Problem } from "../../../base/options/declaration.js";

/** The error of a wrong option: a TypeError that names it. */
export function refuseOption(problem: Problem): TypeError {
  const shown = "given" in problem ? `, not ${JSON.stringify(problem.given)}` : "";
  return new TypeError(`${problem.path} ${problem.text}${shown}`);
}

/** Something that was named but does not exist: a wrong argument to programs, and NOT_FOUND over HTTP. */
export class MissingError extends TypeError {}

/**
 * Reads one value.
 *
 * @param label its name in errors
 * @throws TypeError when it is wrong
 */
export function readOption<Settled>(
  check: Check<unknown, Settled> | Check<never, Settled>,
  given: unknown,
  label: string,
): Settled {
  return check.read(given, label, refuseOption);
}
