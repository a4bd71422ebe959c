// SPDX-License-Identifier: Apache-2.0
// Says which policies the admin API has: those of service accounts. How they are read and written is policy-methods.ts's.

import { accountPermissions } from "../../world/policy/permission-list.js";
import { isPermitted } from "../../world/policy/permissions.js";
import { type PolicyMethods, policyMethodsOf } from "../method/policy-methods.js";
import { findNamedAccount, requireAccount, requireAccountName } from "./admin-access.js";

/** The methods for the policies of service accounts. */
export const policyMethods: PolicyMethods = policyMethodsOf({
  permissionPrefix: "iam.serviceAccounts",
  permissions: accountPermissions,
  target: (name) => ({ name, delegates: [] }),
  open: (world, principal, resource, permission) =>
    world.policies.ofAccount(requireAccount(world, principal, resource, permission).uniqueId),
  tester(world, resource) {
    const account = findNamedAccount(world, requireAccountName(resource));
    return account && ((authority, principal, permission) => isPermitted(authority, principal, permission, account));
  },
});
