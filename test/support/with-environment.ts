// SPDX-License-Identifier: Apache-2.0
// Environment variables for the length of one synchronous step, and as they were after it.

/** Runs something with variables set (`undefined`: unset), and puts them back whatever happens. */
export function withEnvironment<T>(variables: Readonly<Record<string, string | undefined>>, run: () => T): T {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  try {
    for (const [name, value] of Object.entries(variables)) set(name, value);
    return run();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}
