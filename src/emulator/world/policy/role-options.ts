// SPDX-License-Identifier: Apache-2.0
// Decides which custom roles an emulator can start with.

import { anyText, listOf, oneOf } from "../../../base/options/checks.js";
import { declare, type GivenOf, optional, required } from "../../../base/options/declaration.js";
import { CUSTOM_ROLE } from "../names/name-checks.js";
import { projectPermissions } from "./permission-list.js";
import { type LaunchStage, launchStages } from "./role-book.js";

/** A custom role that exists from the start. */
export const ROLE_OPTIONS = declare({
  unknown: "is not a field of a role",
  fields: {
    /** `projects/{project}/roles/{id}` or `organizations/{id}/roles/{id}`. Required. */
    name: required(CUSTOM_ROLE),
    /** The permissions it gives. Required. */
    includedPermissions: required(listOf(oneOf(projectPermissions))),
    /** A human-readable name. Default: none. */
    title: optional(anyText, ""),
    /** A human-readable description. Default: none. */
    description: optional(anyText, ""),
    /** Its launch stage; a DISABLED role gives no permissions. Default: `GA`. */
    stage: optional(oneOf(Object.keys(launchStages) as LaunchStage[]), "GA"), // as: a record has no other keys
  },
});

/** A custom role that exists from the start. */
export interface EmulatorRole extends GivenOf<typeof ROLE_OPTIONS.fields> {}
