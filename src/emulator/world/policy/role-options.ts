// SPDX-License-Identifier: Apache-2.0
// Decides which custom roles an emulator can start with, and says by name what is wrong with one.

import { isCustomRoleName } from "../names/account-names.js";
import { isPermission } from "./permission-list.js";
import { type LaunchStage, launchStages } from "./role-book.js";

/** A custom role that exists from the start. */
export interface EmulatorRole {
  /** `projects/{project}/roles/{id}` or `organizations/{id}/roles/{id}`. Required. */
  readonly name: string;
  /** What it permits. Required. */
  readonly includedPermissions: readonly string[];
  /** A name for people. Default: none. */
  readonly title?: string | undefined;
  /** A text for people. Default: none. */
  readonly description?: string | undefined;
  /** Its launch stage; a role that is DISABLED permits nothing. Default: `GA`. */
  readonly stage?: LaunchStage | undefined;
}

/**
 * Checks a custom role.
 *
 * @param label what the errors call it
 * @throws TypeError naming the field
 */
export function requireRole(role: EmulatorRole, label: string): EmulatorRole {
  if (typeof role !== "object" || role === null) throw new TypeError(`${label} must be an object`);
  const { name, includedPermissions, title = "", description = "", stage = "GA" } = role;
  if (!isCustomRoleName(name)) {
    throw new TypeError(`${label}.name must be projects/{project}/roles/{id}, not ${JSON.stringify(name)}`);
  }
  for (const [field, text] of Object.entries({ title, description })) {
    if (typeof text !== "string")
      throw new TypeError(`${label}.${field} must be a string, not ${JSON.stringify(text)}`);
  }
  if (!Object.hasOwn(launchStages, stage)) {
    const known = Object.keys(launchStages).join(", ");
    throw new TypeError(`${label}.stage must be one of ${known}, not ${JSON.stringify(stage)}`);
  }
  if (!Array.isArray(includedPermissions)) throw new TypeError(`${label}.includedPermissions must be an array`);
  for (const [index, permission] of includedPermissions.entries()) {
    if (isPermission(permission)) continue;
    const given = JSON.stringify(permission);
    throw new TypeError(`${label}.includedPermissions[${index}] is no permission that the emulator knows: ${given}`);
  }
  return { name, includedPermissions: [...includedPermissions], title, description, stage };
}
