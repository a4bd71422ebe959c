// SPDX-License-Identifier: Apache-2.0
// The one place where the client reads environment variables. Decides nothing.

/** The environment variables of a process, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of this process, as they are now. */
export function readEnvironment(): Environment {
  return process.env;
}
