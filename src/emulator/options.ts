// SPDX-License-Identifier: Apache-2.0
// Decides which options an emulator takes, and says by name what is wrong with one. Does not know what exists in a
// running emulator.

import { type EmulatorPorts, type Listening, resolveListening } from "./ports/listening.js";
import { type EmulatorTls, requireTls } from "./ports/tls-options.js";
import { type EmulatorQuotas, type ResolvedQuotas, resolveQuotas } from "./world/faults/quotas.js";
import {
  builtInProvider,
  type EmulatorDelegation,
  type EmulatorIdentityProvider,
  requireDelegation,
  requireProvider,
} from "./world/logins/login-options.js";
import {
  type EmulatorMetadataServer,
  type ResolvedMetadataServer,
  resolveMetadataServer,
} from "./world/machine/machine-options.js";
import { isCustomRoleName, isEmail, isMember } from "./world/names/account-names.js";
import { isProjectId } from "./world/names/project-ids.js";
import { type EmulatorOrganizationPolicy, requirePolicies } from "./world/policy/organization-policies.js";
import { isPermission } from "./world/policy/permission-list.js";
import { predefinedRoles } from "./world/policy/predefined-roles.js";
import { type LaunchStage, launchStages } from "./world/policy/role-book.js";

/** A role that a member has on a service account. */
export interface EmulatorGrant {
  /** Who: `user:{email}` `serviceAccount:{email}`, or `principal://{identity}`. Required. */
  readonly member: string;
  /**
   * Which role: a predefined one, `roles/iam.serviceAccountTokenCreator` for one, or a custom one that exists,
   * `projects/{project}/roles/{id}`. Required.
   */
  readonly role: string;
  /** On which account: the e-mail of one that the emulator has. Required, or `project`. */
  readonly serviceAccount?: string | undefined;
  /** On which project, and so on every account in it: its id. Required, or `serviceAccount`. */
  readonly project?: string | undefined;
  /** Under which condition, in Common Expression Language; needs the package @bufbuild/cel. Default: always. */
  readonly condition?:
    | { readonly expression: string; readonly title?: string; readonly description?: string }
    | undefined;
}

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
 * What is told of a service account that does not exist: `observed` as Google has been seen to do (the credentials API says
 * NOT_FOUND; the admin API says so only when the name has the project's id, and PERMISSION_DENIED when it has a dash), `told`
 * always NOT_FOUND, `hidden` always PERMISSION_DENIED.
 */
export type MissingAccounts = "observed" | "told" | "hidden";

/** The locations that an account's calls are confined to, as `allowedLocations` answers. */
export interface AllowedLocations {
  /** The names of the locations; none when it is not confined. Required. */
  readonly locations: readonly string[];
  /** The same as a bit field in hexadecimal, sent on as the header `x-allowed-locations`. Required. */
  readonly encodedLocations: string;
}

/** What an emulator starts with. */
export interface EmulatorOptions {
  /** The e-mails of the service accounts that exist. Default: none. */
  readonly serviceAccounts?: readonly string[];
  /** Who may do what on them. Default: none, and then only `owner` may do anything. */
  readonly grants?: readonly EmulatorGrant[];
  /**
   * The address to listen on, or a name of it. One that other machines reach is warned of (`process.emitWarning`), and names of
   * Google's are refused. Default: `127.0.0.1`.
   */
  readonly host?: string;
  /** What clients call the host, in `emulator.host`, URLs and credentials files. Default: `host`, or loopback when that is any address. */
  readonly publicHost?: string | undefined;
  /** The one port. Default: 0, any free one, so that test runs can't collide. */
  readonly port?: number;
  /** More ports, each for one face. Default: none, everything is on the one port. */
  readonly ports?: EmulatorPorts;
  /** Whether the bearer `owner` is a principal with every role. Default: true, so that a client without credentials can call. */
  readonly owner?: boolean;
  /**
   * The e-mails of accounts whose access tokens may live for 43,200 seconds: what the organization policy
   * constraints/iam.allowServiceAccountCredentialLifetimeExtension does. Default: none; the limit is 3,600 seconds.
   */
  readonly extendedLifetimeAccounts?: readonly string[];
  /**
   * TLS: `true` for a certificate of the emulator's own authority, `emulator.caCertificate`; or certificate, key and whose
   * certificates clients must show. Default: false, plain text on the loopback interface.
   */
  readonly tls?: boolean | EmulatorTls;
  /** The custom roles that exist. Default: none. */
  readonly roles?: readonly EmulatorRole[];
  /** What is told of accounts that do not exist. Default: `observed`, since clients meet it. */
  readonly missingAccounts?: MissingAccounts;
  /**
   * How long a policy that is written over the API takes to be in effect, in milliseconds; with Google it can be minutes. What
   * `addGrant` adds is in effect at once. Default: 0.
   */
  readonly policyPropagationMs?: number;
  /** What `allowedLocations` answers. Default: `{ locations: [], encodedLocations: "0x0" }`, not confined. */
  readonly allowedLocations?: AllowedLocations;
  /**
   * The number of the organization that the projects are in, for ID tokens that are asked for with
   * `organizationNumberIncluded`. Default: none, and then the claim is null.
   */
  readonly organizationNumber?: string | undefined;
  /**
   * The organization policies that hold for calls of the API; `addServiceAccount` and the like do what they are told. The one on
   * lifetimes is `extendedLifetimeAccounts`. Default: none.
   */
  readonly organizationPolicies?: readonly EmulatorOrganizationPolicy[];
  /** The accounts that may have users' tokens, and for which scopes: domain-wide delegation. Default: none. */
  readonly domainWideDelegation?: readonly EmulatorDelegation[];
  /**
   * The providers of workload identity pools whose tokens are exchanged. Default: none but the emulator's own, provider
   * `emulator-provider` of pool `emulator-pool` in project 123456789012, which is always there.
   */
  readonly identityProviders?: readonly EmulatorIdentityProvider[];
  /** What the metadata server tells. Default: the first of `serviceAccounts` is the default account. */
  readonly metadataServer?: EmulatorMetadataServer;
  /** The limits of calls, per project and minute: true for Google's. Default: false, none. */
  readonly quotas?: EmulatorQuotas | boolean;
}

type ListeningName = "host" | "publicHost" | "port" | "ports";

/** The options with nothing left open. */
export type ResolvedOptions = Required<
  Omit<EmulatorOptions, "organizationNumber" | "metadataServer" | "quotas" | ListeningName>
> &
  Pick<EmulatorOptions, "organizationNumber"> & {
    /** Where it listens. */
    readonly listening: Listening;
    /** What the metadata server tells. */
    readonly metadataServer: ResolvedMetadataServer;
    /** The limits; undefined: none. */
    readonly quotas: ResolvedQuotas | undefined;
  };

type Optional = "organizationNumber" | "publicHost";
type GivenOptions = Required<Omit<EmulatorOptions, Optional>> & {
  readonly [Name in Optional]: EmulatorOptions[Name] | undefined;
};

const defaults: GivenOptions = {
  host: "127.0.0.1",
  publicHost: undefined,
  ports: {},
  serviceAccounts: [],
  grants: [],
  port: 0,
  owner: true,
  extendedLifetimeAccounts: [],
  tls: false,
  roles: [],
  missingAccounts: "observed",
  policyPropagationMs: 0,
  allowedLocations: { locations: [], encodedLocations: "0x0" },
  organizationNumber: undefined,
  organizationPolicies: [],
  domainWideDelegation: [],
  identityProviders: [],
  metadataServer: {},
  quotas: false,
};

/**
 * Checks an e-mail.
 *
 * @param label what the error calls it
 * @throws TypeError when it is none
 */
export function requireEmail(email: unknown, label: string): string {
  if (typeof email === "string" && isEmail(email)) return email;
  throw new TypeError(`${label} must be an e-mail address, not ${JSON.stringify(email)}`);
}

/**
 * Checks an IAM member.
 *
 * @param label what the error calls it
 * @throws TypeError when it is no `user:{email}` or `serviceAccount:{email}`
 */
export function requireMember(member: unknown, label: string): string {
  if (typeof member === "string" && isMember(member)) return member;
  const given = JSON.stringify(member);
  throw new TypeError(
    `${label} must start with "user:" or "serviceAccount:" and go on with an e-mail, or with "principal://", not ${given}`,
  );
}

function requireOne(grant: EmulatorGrant, label: string): Pick<EmulatorGrant, "serviceAccount" | "project"> {
  const { serviceAccount, project } = grant;
  if (project === undefined) return { serviceAccount: requireEmail(serviceAccount, `${label}.serviceAccount`) };
  if (serviceAccount !== undefined) throw new TypeError(`${label} must have serviceAccount or project, not both`);
  if (typeof project === "string" && isProjectId(project)) return { project };
  throw new TypeError(`${label}.project must be a project id, not ${JSON.stringify(project)}`);
}

function requireCondition(condition: EmulatorGrant["condition"], label: string): EmulatorGrant["condition"] {
  if (condition === undefined) return undefined;
  const { expression, title = "", description = "" } = condition ?? {};
  if (typeof expression !== "string" || typeof title !== "string" || typeof description !== "string") {
    throw new TypeError(`${label} must be an object with an expression, and with title and description or without`);
  }
  return { expression, title, description };
}

/**
 * Checks the form of a grant; whether its account or custom role exists is for whoever has them.
 *
 * @param label what the errors call it
 * @throws TypeError naming the field
 */
export function requireGrant(grant: EmulatorGrant, label: string): EmulatorGrant {
  if (typeof grant !== "object" || grant === null) throw new TypeError(`${label} must be an object`);
  const { role } = grant;
  const member = requireMember(grant.member, `${label}.member`);
  if (!predefinedRoles.has(role) && !isCustomRoleName(role)) {
    const known = [...predefinedRoles.keys()].join(", ");
    throw new TypeError(`${label}.role must be a custom role or one of ${known}, not ${JSON.stringify(role)}`);
  }
  const condition = requireCondition(grant.condition, `${label}.condition`);
  return { member, role, ...requireOne(grant, label), condition };
}

function requireRole(role: EmulatorRole, label: string): EmulatorRole {
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
  for (const [index, permission] of requireList(includedPermissions, `${label}.includedPermissions`).entries()) {
    if (isPermission(permission)) continue;
    const given = JSON.stringify(permission);
    throw new TypeError(`${label}.includedPermissions[${index}] is no permission that the emulator knows: ${given}`);
  }
  return { name, includedPermissions: [...includedPermissions], title, description, stage };
}

function requireLocations(locations: AllowedLocations): AllowedLocations {
  const isValid =
    Array.isArray(locations?.locations) &&
    locations.locations.every((location) => typeof location === "string") &&
    typeof locations.encodedLocations === "string";
  if (isValid) return { locations: [...locations.locations], encodedLocations: locations.encodedLocations };
  throw new TypeError("allowedLocations must be { locations: string[], encodedLocations: string }");
}

function requireApiOptions(
  options: GivenOptions,
): Pick<
  ResolvedOptions,
  | "tls"
  | "roles"
  | "missingAccounts"
  | "policyPropagationMs"
  | "allowedLocations"
  | "organizationNumber"
  | "organizationPolicies"
> {
  const { tls, roles, missingAccounts, policyPropagationMs, allowedLocations, organizationNumber } = options;
  if (!["observed", "told", "hidden"].includes(missingAccounts)) {
    const given = JSON.stringify(missingAccounts);
    throw new TypeError(`missingAccounts must be "observed", "told" or "hidden", not ${given}`);
  }
  if (!Number.isFinite(policyPropagationMs) || policyPropagationMs < 0) {
    const given = JSON.stringify(policyPropagationMs);
    throw new TypeError(`policyPropagationMs must be milliseconds, 0 or more, not ${given}`);
  }
  if (organizationNumber !== undefined && !/^[0-9]{1,20}$/.test(organizationNumber)) {
    throw new TypeError(`organizationNumber must be digits, not ${JSON.stringify(organizationNumber)}`);
  }
  return {
    tls: requireTls(tls),
    roles: requireList(roles, "roles").map((role, index) => requireRole(role, `roles[${index}]`)),
    missingAccounts,
    policyPropagationMs,
    allowedLocations: requireLocations(allowedLocations),
    organizationNumber,
    organizationPolicies: requirePolicies(options.organizationPolicies, "organizationPolicies"),
  };
}

function requireFaceOptions({
  domainWideDelegation,
  identityProviders,
  metadataServer,
  quotas,
  serviceAccounts,
}: GivenOptions): Pick<ResolvedOptions, "domainWideDelegation" | "identityProviders" | "metadataServer" | "quotas"> {
  const providers = requireList(identityProviders, "identityProviders");
  return {
    domainWideDelegation: requireList(domainWideDelegation, "domainWideDelegation").map((each, index) =>
      requireDelegation(each, `domainWideDelegation[${index}]`),
    ),
    identityProviders: [
      builtInProvider,
      ...providers.map((each, index) => requireProvider(each, `identityProviders[${index}]`)),
    ],
    metadataServer: resolveMetadataServer(metadataServer, serviceAccounts[0], "metadataServer"),
    quotas: resolveQuotas(quotas, "quotas"),
  };
}

function requireList<Item>(list: readonly Item[], label: string): readonly Item[] {
  if (!Array.isArray(list)) throw new TypeError(`${label} must be an array`);
  return list;
}

/**
 * Settles the options.
 *
 * @throws TypeError naming the option that is wrong or unknown
 */
export function resolveOptions(options: EmulatorOptions): ResolvedOptions {
  if (typeof options !== "object" || options === null) throw new TypeError("options must be an object");
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(defaults, key));
  if (unknown !== undefined) throw new TypeError(`${unknown} is no option of the emulator`);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settled: GivenOptions = { ...defaults, ...given };
  const { serviceAccounts, grants, owner, extendedLifetimeAccounts, host, publicHost, port, ports } = settled;
  const listening = resolveListening({ host, publicHost, port, ports });
  if (typeof owner !== "boolean") throw new TypeError(`owner must be a boolean, not ${JSON.stringify(owner)}`);
  const emails = (list: readonly string[], label: string) =>
    requireList(list, label).map((email, index) => requireEmail(email, `${label}[${index}]`));
  const resolved = {
    serviceAccounts: emails(serviceAccounts, "serviceAccounts"),
    grants: requireList(grants, "grants").map((grant, index) => requireGrant(grant, `grants[${index}]`)),
    listening,
    owner,
    extendedLifetimeAccounts: emails(extendedLifetimeAccounts, "extendedLifetimeAccounts"),
    ...requireApiOptions(settled),
    ...requireFaceOptions(settled),
  };
  if (ports.metadataServerMtls !== undefined && resolved.metadataServer.mtlsDirectory === undefined) {
    throw new TypeError("ports.metadataServerMtls needs metadataServer.mtlsDirectory");
  }
  return resolved;
}
