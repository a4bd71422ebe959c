// SPDX-License-Identifier: Apache-2.0
// Decides which options an emulator takes, and says by name what is wrong with one. Does not know what exists in a
// running emulator.

import { type EmulatorPorts, type Listening, resolveListening } from "./ports/listening.js";
import { type EmulatorTls, requireTls } from "./ports/tls-options.js";
import type { EmulatorSeed } from "./seed/seed.js";
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
import { requireEmail } from "./world/names/account-names.js";
import { type EmulatorGrant, requireGrant } from "./world/policy/grants.js";
import { type EmulatorOrganizationPolicy, requirePolicies } from "./world/policy/organization-policies.js";
import { type EmulatorRole, requireRole } from "./world/policy/role-options.js";
import type { AllowedLocations, MissingAccounts } from "./world/settings.js";

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
  /** How accounts that do not exist are answered. Default: `google`, since clients meet it. */
  readonly missingAccounts?: MissingAccounts;
  /**
   * How long a policy that is written over the API takes to come into effect, in milliseconds; with Google it can be minutes.
   * What `addGrant` adds is in effect at once. Default: 0.
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

/** What an emulator starts with: the options, on top of a seed. */
export interface EmulatorStartOptions extends EmulatorOptions {
  /**
   * What the emulator starts with, or the path of a JSON file that says it; the other options come on top. Default: nothing. Its
   * JSON schema is `iam-credentials-client/emulator/seed.schema.json`.
   */
  readonly seed?: EmulatorSeed | string;
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
  missingAccounts: "google",
  policyPropagationMs: 0,
  allowedLocations: { locations: [], encodedLocations: "0x0" },
  organizationNumber: undefined,
  organizationPolicies: [],
  domainWideDelegation: [],
  identityProviders: [],
  metadataServer: {},
  quotas: false,
};

function requireLocations(locations: AllowedLocations): AllowedLocations {
  const isValid =
    Array.isArray(locations?.locations) &&
    locations.locations.every((location) => typeof location === "string") &&
    typeof locations.encodedLocations === "string";
  if (isValid) return { locations: [...locations.locations], encodedLocations: locations.encodedLocations };
  throw new TypeError("allowedLocations must be { locations: string[], encodedLocations: string }");
}

// What the values were called at first.
const formerNames: Readonly<Record<string, MissingAccounts>> = {
  observed: "google",
  told: "notFound",
  hidden: "permissionDenied",
};

function checkMissingAccounts(given: string): void {
  if (["google", "notFound", "permissionDenied"].includes(given)) return;
  const successor = Object.hasOwn(formerNames, given) ? formerNames[given] : undefined;
  throw new TypeError(
    successor === undefined
      ? `missingAccounts must be "google", "notFound" or "permissionDenied", not ${JSON.stringify(given)}`
      : `missingAccounts is "${successor}" now, no longer ${JSON.stringify(given)}`,
  );
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
  checkMissingAccounts(missingAccounts);
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

/** The options that a seed and options are together: lists one after the other, and of what is no list the option's fields. */
export function mergeSeed(seed: EmulatorSeed, options: EmulatorOptions): EmulatorOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const { serviceAccounts = [] } = seed;
  const join = <Item>(first: readonly Item[] | undefined, then: readonly Item[] | undefined): readonly Item[] => [
    ...(first ?? []),
    ...(then ?? []),
  ];
  return {
    ...given,
    serviceAccounts: join(
      serviceAccounts.map(({ email }) => email),
      options.serviceAccounts,
    ),
    roles: join(seed.roles, options.roles),
    grants: join(seed.grants, options.grants),
    extendedLifetimeAccounts: join(seed.extendedLifetimeAccounts, options.extendedLifetimeAccounts),
    domainWideDelegation: join(seed.domainWideDelegation, options.domainWideDelegation),
    identityProviders: join(seed.identityProviders, options.identityProviders),
    metadataServer: { ...seed.metadataServer, ...options.metadataServer },
  };
}
