// SPDX-License-Identifier: Apache-2.0
// The one place where the client reads environment variables. Decides nothing.

/** The environment variables of a process, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Names an emulator, `host:port`, that stands in for Google: for clients, token endpoint, public keys and lookups alike. */
export const EMULATOR_VARIABLE = "IAM_CREDENTIALS_EMULATOR_HOST";

/** The variables of this process, at this moment. */
export function readEnvironment(): Environment {
  return process.env;
}

/** Runs something with a variable hidden from it. */
export function withoutVariable<T>(name: string, action: () => T): T {
  const value = process.env[name];
  if (value === undefined) return action();
  delete process.env[name];
  try {
    return action();
  } finally {
    process.env[name] = value;
  }
}
