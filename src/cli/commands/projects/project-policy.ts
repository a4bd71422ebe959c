// SPDX-License-Identifier: Apache-2.0
// `iamcreds projects get-iam-policy|set-iam-policy|add-iam-policy-binding|remove-iam-policy-binding`.

import type * as Door from "../../../resource-manager/index.js";
import { policyCommands } from "../policies/policy-commands.js";

/** The commands for the policy of a project. */
export const projectPolicy = policyCommands({
  name: "a project",
  kind: "project",
  positional: { name: "PROJECT" },
  service: "Projects",
  open(caller) {
    const { ProjectsAsyncClient } = require("../../../resource-manager/index.js") as typeof Door; // its own type
    const client = caller.keep(new ProjectsAsyncClient(caller.clientOptions));
    const { call } = caller;
    const nameOf = (project: string) => (project.startsWith("projects/") ? project : `projects/${project}`);
    return {
      get: (project) =>
        client.getIamPolicy({ resource: nameOf(project), options: { requestedPolicyVersion: 3 } }, call),
      set: (project, policy, updateMask) =>
        client.setIamPolicy({ resource: nameOf(project), policy, updateMask }, call),
      add: async (project, binding) => (await client.addBinding(nameOf(project), binding, call)).policy,
      remove: async (project, binding) => (await client.removeBinding(nameOf(project), binding, call)).policy,
    };
  },
});
