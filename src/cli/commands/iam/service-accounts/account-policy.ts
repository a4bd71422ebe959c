// SPDX-License-Identifier: Apache-2.0
// `iamcreds iam service-accounts get-iam-policy|set-iam-policy|add-iam-policy-binding|remove-iam-policy-binding`.

import { policyCommands } from "../../policies/policy-commands.js";
import { account } from "./account-commands.js";

/** The commands for the policy of a service account. */
export const accountPolicy = policyCommands({
  name: "a service account",
  kind: "serviceAccount",
  positional: account,
  service: "IAM",
  open(caller) {
    const client = caller.adminClient();
    const { call } = caller;
    return {
      get: (resource) => client.getIamPolicy({ resource, options: { requestedPolicyVersion: 3 } }, call),
      set: (resource, policy, updateMask) => client.setIamPolicy({ resource, policy, updateMask }, call),
      add: async (resource, binding) => (await client.addBinding(resource, binding, call)).policy,
      remove: async (resource, binding) => (await client.removeBinding(resource, binding, call)).policy,
    };
  },
});
