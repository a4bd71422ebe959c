// SPDX-License-Identifier: Apache-2.0
// Decides what a seed is. The published JSON schema is made from these declarations.

import { readFileSync } from "node:fs";
import { anyText, flag, listOf, object, oneOf, text, value } from "../../base/options/checks.js";
import { declare, type GivenOf, optional, required, settle } from "../../base/options/declaration.js";
import { DELEGATION, IDENTITY_PROVIDER, REFRESH_TOKEN } from "../world/logins/login-options.js";
import { SEEDED_MACHINE } from "../world/machine/machine-options.js";
import { digits, EMAIL } from "../world/names/name-checks.js";
import { ENFORCEMENT } from "../world/policy/enforcement.js";
import { GRANT } from "../world/policy/grants.js";
import { ROLE_OPTIONS } from "../world/policy/role-options.js";
import { DISABLED_SERVICES, ENABLED_SERVICES, PROJECTS } from "../world/projects/project-options.js";
import { refuseOption } from "../world/refusals/refuse-option.js";

/** A user-managed key in a seed: its public half, so that existing key files stay valid. */
export const SEED_KEY = declare({
  unknown: "is not a field of a seed",
  fields: {
    /** 40 hexadecimal digits. Required. */
    keyId: required(text({ pattern: /^[0-9a-f]{40}$/, expected: "40 hexadecimal digits" })),
    /** Its certificate, X.509 in PEM. Required. */
    certificate: required(text({ pattern: /^-----BEGIN CERTIFICATE-----/, expected: "a certificate in PEM form" })),
    /** Who generated it: `google` or `user`. Default: `google`. */
    origin: optional(oneOf(["google", "user"]), "google"),
    /** Whether it is disabled. Default: false. */
    disabled: optional(flag, false),
  },
});

/** A user-managed key in a seed: its public half. */
export interface EmulatorSeedKey extends GivenOf<typeof SEED_KEY.fields> {}

/** A service account in a seed. */
export const SEED_ACCOUNT = declare({
  unknown: "is not a field of a seed",
  fields: {
    /** Its e-mail address. Required. */
    email: required(EMAIL),
    /** Its numeric id. Default: random. */
    uniqueId: optional(digits(30)),
    /** A human-readable name. Default: none. */
    displayName: optional(anyText, ""),
    /** A human-readable description. Default: none. */
    description: optional(anyText, ""),
    /** Whether it is disabled: it can neither call nor be impersonated. Default: false. */
    disabled: optional(flag, false),
    /** Its user-managed keys. Default: none. */
    keys: optional(listOf(object(SEED_KEY), { max: 10 }), []),
  },
});

/** A service account in a seed. */
export interface EmulatorSeedAccount extends GivenOf<typeof SEED_ACCOUNT.fields> {}

/** What an emulator starts with, and what it exports: service accounts, roles, grants, users and providers. Contains no private key. */
export const SEED = declare({
  unknown: "is not a field of a seed",
  fields: {
    /** The URL or path of the schema, for editors. Default: none. */
    $schema: optional(anyText),
    /** The version of the format. Required. */
    version: required(value<1>((given) => given === 1, "1", { const: 1 })),
    /** The service accounts. Default: none. */
    serviceAccounts: optional(listOf(object(SEED_ACCOUNT)), []),
    /** The custom roles. Default: none. */
    roles: optional(listOf(object(ROLE_OPTIONS)), []),
    /** The grants: who may do what. Default: none. */
    grants: optional(listOf(object(GRANT)), []),
    /** Projects with a given number. Default: none. */
    projects: optional(PROJECTS, []),
    /** Services that are disabled, in every project or in one. Default: none. */
    disabledServices: optional(DISABLED_SERVICES, []),
    /** Services that are enabled in one project although disabled in general: `projects/{id}/services/{service}`. Default: none. */
    enabledServices: optional(ENABLED_SERVICES, []),
    /** The accounts whose access tokens may be valid for twelve hours. Default: none. */
    extendedLifetimeAccounts: optional(listOf(EMAIL), []),
    /** The accounts that may get tokens for users: domain-wide delegation. Default: none. */
    domainWideDelegation: optional(listOf(object(DELEGATION)), []),
    /** The identity providers whose tokens are accepted in a token exchange. Default: none. */
    identityProviders: optional(listOf(object(IDENTITY_PROVIDER)), []),
    /** The users who have logged in. Default: none. */
    refreshTokens: optional(listOf(object(REFRESH_TOKEN)), []),
    /** What happens to calls that lack a permission. Default: that of the option `enforcement`. */
    enforcement: optional(ENFORCEMENT),
    /** What the metadata server reports. Default: that of the option `metadataServer`. */
    metadataServer: optional(object(SEEDED_MACHINE)),
  },
});

/** What an emulator starts with, as a team checks it in. Its JSON schema is `iam-credentials-client/emulator/seed.schema.json`. */
export interface EmulatorSeed extends GivenOf<typeof SEED.fields> {}

// What no schema can express: no name occurs twice.
function checkDistinct(values: readonly (string | undefined)[], label: (index: number) => string): void {
  for (const [index, value] of values.entries()) {
    if (value !== undefined && values.indexOf(value) < index) throw new TypeError(`${label(index)} is a duplicate`);
  }
}

function checkDistinctNames({ serviceAccounts = [], roles = [] }: EmulatorSeed): void {
  const account = (index: number, field: string) => `seed.serviceAccounts[${index}].${field}`;
  for (const field of ["email", "uniqueId"] as const) {
    const values = serviceAccounts.map((each) => each[field]);
    checkDistinct(values, (index) => account(index, field));
  }
  for (const [at, { keys = [] }] of serviceAccounts.entries()) {
    const ids = keys.map(({ keyId }) => keyId);
    checkDistinct(ids, (index) => account(at, `keys[${index}].keyId`));
  }
  const names = roles.map(({ name }) => name);
  checkDistinct(names, (index) => `seed.roles[${index}].name`);
}

/**
 * Reads a seed and checks it.
 *
 * @param seed the seed, or the path of its file
 * @throws TypeError when the file can't be read or is not JSON, or naming the field that is wrong
 */
export function readSeed(seed: EmulatorSeed | string): EmulatorSeed {
  const given: unknown = typeof seed === "string" ? readJson(seed) : seed;
  settle(SEED, given, { path: "seed", refuse: refuseOption });
  const checked = given as EmulatorSeed; // as: settle has just checked it
  checkDistinctNames(checked);
  return checked;
}

function readJson(path: string): unknown {
  // Contents passed as the path hold keys and refresh tokens, and the error of node:fs repeats the path.
  if (/[{\n]/.test(path)) throw new TypeError("seed must be a path or a parsed object, not the contents of a file");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new TypeError(`seed cannot be read: ${path}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's error repeats the text around the mistake.
    throw new TypeError(`seed is not JSON: ${path}`);
  }
}
