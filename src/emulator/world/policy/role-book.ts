// SPDX-License-Identifier: Apache-2.0
// Holds the custom roles, deleted ones included, and tells what any role permits. Does not know who has a role.

import type { EtagMint } from "./etag.js";
import { predefinedRoles } from "./predefined-roles.js";

/** A custom role. Fields as in google.iam.admin.v1.Role. */
export interface CustomRole {
  /** `projects/{project}/roles/{id}` or `organizations/{id}/roles/{id}`. Required. */
  readonly name: string;
  /** A human-readable name. Required, may be empty. */
  title: string;
  /** A human-readable description. Required, may be empty. */
  description: string;
  /** What it permits. Required. */
  includedPermissions: readonly string[];
  /** The number of its launch stage. Required. */
  stage: number;
  /** Which version of the role this is. Required. */
  etag: Buffer;
  /** When it was deleted, in milliseconds since the epoch; undefined while it is not. Required. */
  deletedAt: number | undefined;
}

/** The fields of a role that can be written. */
type RoleFields = Pick<CustomRole, "title" | "description" | "includedPermissions" | "stage">;

/** The launch stages by name. Source: google/iam/admin/v1/iam.proto, Role.RoleLaunchStage. */
export const launchStages = { ALPHA: 0, BETA: 1, GA: 2, DEPRECATED: 4, DISABLED: 5, EAP: 6 } as const;

/** The name of a launch stage. */
export type LaunchStage = keyof typeof launchStages;

/** The launch stage DISABLED: such a role grants nothing. Source: google/iam/admin/v1/iam.proto. */
const DISABLED_STAGE: number = launchStages.DISABLED;

const DAY_MS = 24 * 60 * 60 * 1000;
const UNDELETE_MS = 7 * DAY_MS; // google/iam/admin/v1/iam.proto, DeleteRole
const NAME_TAKEN_MS = 44 * DAY_MS; // 7 days, a deletion that takes 30, and 7 days after it

/** The roles of one emulator. */
export class RoleBook {
  readonly #now: () => number;
  readonly #etags: EtagMint;
  readonly #custom = new Map<string, CustomRole>();

  /**
   * @param now the clock, in milliseconds since the epoch
   * @param etags makes its etags
   */
  constructor(now: () => number, etags: EtagMint) {
    this.#now = now;
    this.#etags = etags;
  }

  /** Whether a role permits something. One that does not exist, is deleted or disabled permits nothing. */
  permits(role: string, permission: string): boolean {
    const predefined = predefinedRoles.get(role);
    if (predefined !== undefined) return predefined.has(permission);
    const custom = this.find(role);
    if (custom === undefined || custom.deletedAt !== undefined || custom.stage === DISABLED_STAGE) return false;
    return custom.includedPermissions.includes(permission);
  }

  /** Whether a role can be granted. */
  exists(role: string): boolean {
    return predefinedRoles.has(role) || (this.find(role)?.deletedAt === undefined && this.find(role) !== undefined);
  }

  /** The custom role with a name, deleted or not; undefined when there is none, or when its name is free again. */
  find(name: string): CustomRole | undefined {
    const role = this.#custom.get(name);
    if (role?.deletedAt === undefined || this.#now() - role.deletedAt < NAME_TAKEN_MS) return role;
    this.#custom.delete(name);
    return undefined;
  }

  /** Whether a deleted role can still be brought back. */
  isUndeletable(role: CustomRole): boolean {
    return role.deletedAt !== undefined && this.#now() - role.deletedAt < UNDELETE_MS;
  }

  /** Adds or replaces a custom role. */
  put(name: string, fields: RoleFields): CustomRole {
    const role = { name, ...fields, etag: this.#etags.next(), deletedAt: undefined };
    this.#custom.set(name, role);
    return role;
  }

  /** Notes that a custom role was changed. */
  touch(role: CustomRole): void {
    role.etag = this.#etags.next();
  }

  /** Forgets every custom role. */
  clear(): void {
    this.#custom.clear();
  }

  /** Every custom role, deleted ones included, as long as the name is taken. */
  all(): readonly CustomRole[] {
    return [...this.#custom.keys()].flatMap((name) => this.find(name) ?? []);
  }
}
