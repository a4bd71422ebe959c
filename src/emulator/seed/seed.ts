// SPDX-License-Identifier: Apache-2.0
// Decides what a seed is. The schema beside this file is what is published, and what is checked.

import { readFileSync } from "node:fs";
import type {
  EmulatorDelegation,
  EmulatorIdentityProvider,
  EmulatorRefreshToken,
} from "../world/logins/login-options.js";
import type { EmulatorMetadataServer } from "../world/machine/machine-options.js";
import type { EmulatorGrant } from "../world/policy/grants.js";
import type { EmulatorRole } from "../world/policy/role-options.js";
import schema from "./seed.schema.json";
import { validate } from "./validate.js";

/** A user-managed key in a seed: its public half. */
export interface EmulatorSeedKey {
  /** 40 hexadecimal digits. Required. */
  readonly keyId: string;
  /** Its certificate, X.509 in PEM. Required. */
  readonly certificate: string;
  /** Who made it: `google` or `user`. Default: `google`. */
  readonly origin?: "google" | "user";
  /** Whether it is refused. Default: false. */
  readonly disabled?: boolean;
}

/** A service account in a seed. */
export interface EmulatorSeedAccount {
  /** Its address. Required. */
  readonly email: string;
  /** Its numeric id. Default: random. */
  readonly uniqueId?: string;
  /** A name for people. Default: none. */
  readonly displayName?: string;
  /** A text for people. Default: none. */
  readonly description?: string;
  /** Whether it may neither call nor be acted as. Default: false. */
  readonly disabled?: boolean;
  /** Its user-managed keys. Default: none. */
  readonly keys?: readonly EmulatorSeedKey[];
}

/** What an emulator starts with, as a team checks it in. Its JSON schema is `iam-credentials-client/emulator/seed.schema.json`. */
export interface EmulatorSeed {
  /** Where the schema is, for editors. Default: none. */
  readonly $schema?: string;
  /** The version of the format. Required. */
  readonly version: 1;
  /** The service accounts. Default: none. */
  readonly serviceAccounts?: readonly EmulatorSeedAccount[];
  /** The custom roles. Default: none. */
  readonly roles?: readonly EmulatorRole[];
  /** Who may do what. Default: none. */
  readonly grants?: readonly EmulatorGrant[];
  /** The accounts whose tokens may live for twelve hours. Default: none. */
  readonly extendedLifetimeAccounts?: readonly string[];
  /** The accounts that may have users' tokens. Default: none. */
  readonly domainWideDelegation?: readonly EmulatorDelegation[];
  /** The providers whose tokens are exchanged. Default: none. */
  readonly identityProviders?: readonly EmulatorIdentityProvider[];
  /** The users who have logged in. Default: none. */
  readonly refreshTokens?: readonly EmulatorRefreshToken[];
  /** What the metadata server tells. Default: as the option. */
  readonly metadataServer?: Omit<EmulatorMetadataServer, "mtlsDirectory">;
}

// What no schema can say: nothing that is known by its name is there twice.
function requireDistinct(values: readonly (string | undefined)[], label: (index: number) => string): void {
  for (const [index, value] of values.entries()) {
    if (value !== undefined && values.indexOf(value) < index) throw new TypeError(`${label(index)} is there twice`);
  }
}

function requireDistinctNames({ serviceAccounts = [], roles = [] }: EmulatorSeed): void {
  const account = (index: number, field: string) => `seed.serviceAccounts[${index}].${field}`;
  for (const field of ["email", "uniqueId"] as const) {
    const values = serviceAccounts.map((each) => each[field]);
    requireDistinct(values, (index) => account(index, field));
  }
  for (const [at, { keys = [] }] of serviceAccounts.entries()) {
    const ids = keys.map(({ keyId }) => keyId);
    requireDistinct(ids, (index) => account(at, `keys[${index}].keyId`));
  }
  const names = roles.map(({ name }) => name);
  requireDistinct(names, (index) => `seed.roles[${index}].name`);
}

/**
 * Reads a seed and checks it.
 *
 * @param seed the seed, or the path of its file
 * @throws TypeError when the file can't be read or is no JSON, or naming the field that is wrong
 */
export function readSeed(seed: EmulatorSeed | string): EmulatorSeed {
  const value: unknown = typeof seed === "string" ? readJson(seed) : seed;
  validate(schema, value, "seed");
  const checked = value as EmulatorSeed; // as the schema has just said
  requireDistinctNames(checked);
  return checked;
}

function readJson(path: string): unknown {
  // Contents in the place of a path hold keys and refresh tokens, and the error of node:fs repeats the path.
  if (/[{\n]/.test(path)) throw new TypeError("seed holds the contents of a file: give its path, or the parsed object");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new TypeError(`seed can't be read: ${path}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's error repeats the text around the mistake.
    throw new TypeError(`seed is no JSON: ${path}`);
  }
}
