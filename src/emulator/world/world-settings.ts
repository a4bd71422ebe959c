// SPDX-License-Identifier: Apache-2.0
// What holds for the whole life of an emulator and can be seen by its callers. Decides nothing by it.

import { anyText, listOf, oneOf } from "../../base/options/checks.js";
import { declare, type GivenOf, required } from "../../base/options/declaration.js";
import type { EmulatorOrganizationPolicy } from "./policy/organization-policies.js";
import type { UserProjects } from "./projects/project-options.js";

/**
 * How calls on a service account that doesn't exist are answered: `google` as Google does (the credentials API with
 * NOT_FOUND; the admin API with NOT_FOUND if the name has the project's id, and PERMISSION_DENIED if it has a dash),
 * `notFound` always NOT_FOUND, `permissionDenied` always PERMISSION_DENIED.
 */
export type MissingAccounts = "google" | "notFound" | "permissionDenied";

/** How calls on a service account that doesn't exist are answered. */
export const MISSING_ACCOUNTS = oneOf<MissingAccounts>(["google", "notFound", "permissionDenied"], {
  observed: "google",
  told: "notFound",
  hidden: "permissionDenied",
});

/** The locations that an account's calls are restricted to, as `allowedLocations` returns them. */
export const ALLOWED_LOCATIONS = declare({
  unknown: "is not a field of allowedLocations",
  fields: {
    /** The names of the locations; empty: no restriction. Required. */
    locations: required(listOf(anyText)),
    /** The same as a bit field in hexadecimal, sent on as the header `x-allowed-locations`. Required. */
    encodedLocations: required(anyText),
  },
});

/** The locations that an account's calls are restricted to, as `allowedLocations` returns them. */
export interface AllowedLocations extends GivenOf<typeof ALLOWED_LOCATIONS.fields> {}

/** The settings of one emulator. */
export interface Settings {
  /** Whether the bearer `owner` is accepted. Required. */
  readonly owner: boolean;
  /** How calls on missing accounts are answered. Required. */
  readonly missingAccounts: MissingAccounts;
  /** How long a written policy takes to come into effect, in milliseconds. Required. */
  readonly policyPropagationMs: number;
  /** The locations that accounts are confined to. Required. */
  readonly allowedLocations: AllowedLocations;
  /** The number of the organization that the projects are in. Default: none. */
  readonly organizationNumber?: string | undefined;
  /** Who may bill a call to a project. Required. */
  readonly userProjects: UserProjects;
  /** The organization policies that are enforced. Required. */
  readonly organizationPolicies: ReadonlySet<EmulatorOrganizationPolicy>;
  /** The e-mails of the accounts whose access tokens may live for 12 hours. Required. */
  readonly extendedLifetimeAccounts: ReadonlySet<string>;
}
