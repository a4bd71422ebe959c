// SPDX-License-Identifier: Apache-2.0
// Decides what the REST API's allowedLocations returns, which the proto does not have: where an account's calls may go.

import { parseAccountName } from "../../world/names/account-names.js";
import { accountNotFound, invalidArgument } from "../../world/refusals/service-error.js";
import type { AllowedLocations } from "../../world/world-settings.js";
import type { ServiceMethod } from "../method/service-method.js";

/** A request for the locations of an account or pool. */
interface AllowedLocationsRequest {
  /** The resource's name. Required. */
  readonly name: string;
}

/** The paths of the resources that have locations; their names are what comes before the last slash. */
export const allowedLocationsTemplates: readonly string[] = [
  "/v1/{name=projects/*/serviceAccounts/*}/allowedLocations",
  "/v1/{name=projects/*/locations/*/workloadIdentityPools/*}/allowedLocations",
  "/v1/{name=locations/*/workforcePools/*}/allowedLocations",
];

/** GetAllowedLocations. Needs a caller but no permission (inferred). */
export const getAllowedLocations: ServiceMethod<AllowedLocationsRequest, AllowedLocations> = {
  name: "GetAllowedLocations",
  target: ({ name }) => ({ name, delegates: [] }),
  async run(world, _principal, { name }) {
    if (!name.includes("/serviceAccounts/")) return world.settings.allowedLocations;
    const parsed = parseAccountName(name);
    if (parsed === undefined) throw invalidArgument();
    if (world.accounts.find(parsed.identifier) === undefined) throw accountNotFound(parsed.identifier);
    return world.settings.allowedLocations;
  },
};
