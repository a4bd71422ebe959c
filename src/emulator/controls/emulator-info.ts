// SPDX-License-Identifier: Apache-2.0
// What an emulator reports about itself: where it is, what it can do, and whom and what it knows. Contains no token and no key.

import { VERSION } from "../../base/version.js";
import { memberOf } from "../world/accounts/account-book.js";
import type { Enforcement } from "../world/policy/enforcement.js";
import { OWNER } from "../world/policy/permissions.js";
import { predefinedRoles } from "../world/policy/predefined-roles.js";
import type { World } from "../world/world.js";
import { narrowestRoles } from "./narrowest-roles.js";

/** Where an emulator runs and which one it is. Known once it listens. */
export interface EmulatorPlace {
  /** A random id, different for each emulator that starts. Required. */
  readonly instance: string;
  /** When it started, by its clock. Required. */
  readonly startedAt: Date;
  /** What listens where: the name of a protocol and its URL. Required. */
  readonly listeners: readonly { readonly name: string; readonly url: string }[];
  /** The names that the header `Host` may have; empty: every one. Required. */
  readonly hosts: readonly string[];
  /** The CA that clients must trust, PEM. Default: none. */
  readonly certificateAuthority?: string | undefined;
  /** The key that the console must send if other machines can reach the emulator; undefined: none. Required. */
  readonly key: string | undefined;
  /** Whether there is a console. Required. */
  readonly hasConsole: boolean;
}

/** What an emulator reports about itself. */
export interface EmulatorInfo {
  /** The version of this package. */
  readonly version: string;
  /** A random id, different for each emulator that starts. */
  readonly instance: string;
  /** When it started, by its clock. */
  readonly startedAt: Date;
  /** The URL of HTTP. */
  readonly url: string;
  /** The console's URL, with its key if it needs one. Absent without a console. */
  readonly consoleUrl?: string;
  /** The names that the header `Host` may have; empty: every one. */
  readonly hosts: readonly string[];
  /** What listens where. */
  readonly listeners: EmulatorPlace["listeners"];
  /** The available features: `console`, `tls`, `owner`, `conditions` (@bufbuild/cel is installed), `key`. */
  readonly features: readonly string[];
  /** What happens to calls that lack a permission. */
  readonly enforcement: Enforcement;
  /** The known callers: accounts, users who have logged in, members of policies, and `owner`. */
  readonly principals: readonly string[];
  /** The existing roles, and what they permit. */
  readonly roles: readonly { readonly name: string; readonly permissions: readonly string[] }[];
  /** Each permission, and the narrowest predefined role that gives it. */
  readonly permissions: Readonly<Record<string, string>>;
  /** The time, by the emulator's clock. */
  readonly now: Date;
  /** When the first of the system-managed keys that sign now stops signing. Absent while there is none. */
  readonly nextRotationAt?: Date;
  /** How long a written policy takes to come into effect, in milliseconds. */
  readonly propagationMs: number;
  /** The CA that clients must trust, PEM. Absent without TLS, and when the certificate was given. */
  readonly certificateAuthority?: string;
}

function principalsOf({ accounts, logins, policies, settings }: World): readonly string[] {
  const all = [...accounts.all()];
  const granted = [
    ...all.map(({ uniqueId }) => policies.ofAccount(uniqueId)),
    ...policies.projects().map((project) => policies.ofProject(project)),
  ].flatMap((policy) => policy.grants().map(({ member }) => member));
  const callers = granted.filter((member) => /^(user|serviceAccount):|^principal:\/\//.test(member));
  const users = logins.refreshTokens().map(({ user }) => `user:${user}`);
  return [...new Set([...(settings.owner ? [OWNER] : []), ...users, ...callers, ...all.map(memberOf)])];
}

function rolesOf({ roles }: World): EmulatorInfo["roles"] {
  const custom = roles.all().filter(({ deletedAt }) => deletedAt === undefined);
  return [
    ...[...predefinedRoles].map(([name, permissions]) => ({ name, permissions: [...permissions] })),
    ...custom.map(({ name, includedPermissions }) => ({ name, permissions: includedPermissions })),
  ];
}

function nextRotationOf({ accounts, googleKeys }: World): Date | undefined {
  const rings = [googleKeys, ...[...accounts.all()].map(({ keys }) => keys)];
  const times = rings.flatMap(({ rotatesAt }) => rotatesAt ?? []);
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}

/** The console's URL; undefined without a console. */
export function consoleUrlOf(url: string, { hasConsole, key }: EmulatorPlace): string | undefined {
  if (!hasConsole) return undefined;
  return key === undefined ? `${url}/` : `${url}/?key=${key}`;
}

/** Builds what an emulator reports about itself. */
export function describeEmulator(world: World, place: EmulatorPlace): EmulatorInfo {
  const { certificateAuthority, hasConsole, hosts, instance, key, listeners, startedAt } = place;
  const url = world.url();
  const consoleUrl = consoleUrlOf(url, place);
  const nextRotationAt = nextRotationOf(world);
  const features = {
    console: hasConsole,
    tls: url.startsWith("https:"),
    owner: world.settings.owner,
    conditions: world.peers.isInstalled("@bufbuild/cel"),
    key: key !== undefined,
  };
  return {
    version: VERSION,
    instance,
    startedAt,
    url,
    ...(consoleUrl === undefined ? {} : { consoleUrl }),
    hosts,
    listeners,
    features: Object.entries(features).flatMap(([name, isThere]) => (isThere ? [name] : [])),
    enforcement: world.enforcement.current,
    principals: principalsOf(world),
    roles: rolesOf(world),
    permissions: Object.fromEntries(narrowestRoles),
    now: new Date(world.now()),
    ...(nextRotationAt === undefined ? {} : { nextRotationAt }),
    propagationMs: world.settings.policyPropagationMs,
    ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
  };
}
