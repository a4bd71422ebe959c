// SPDX-License-Identifier: Apache-2.0
// Which options an emulator takes, each declared once: which values are allowed, the default, and what is wrong with a value. Does not
// know what exists in a running emulator.

import { flag, flagOr, listOf, object, value } from "../base/options/checks.js";
import { declare, type GivenOf, optional, type SettledOf, settle } from "../base/options/declaration.js";
import { HOST, type Listening, NAME, ORIGIN, PORT, PORTS, resolveListening } from "./ports/listening.js";
import { checkTls, TLS } from "./ports/tls-options.js";
import type { EmulatorSeed } from "./seed/seed.js";
import { QUOTAS, type ResolvedQuotas, resolveQuotas } from "./world/faults/quotas.js";
import {
  builtInProvider,
  DELEGATION,
  type EmulatorIdentityProvider,
  IDENTITY_PROVIDER,
} from "./world/logins/login-options.js";
import {
  METADATA_SERVER,
  type ResolvedMetadataServer,
  resolveMetadataServer,
} from "./world/machine/machine-options.js";
import { digits, EMAIL } from "./world/names/name-checks.js";
import { ENFORCEMENT } from "./world/policy/enforcement.js";
import { GRANT } from "./world/policy/grants.js";
import { ORGANIZATION_POLICIES } from "./world/policy/organization-policies.js";
import { ROLE_OPTIONS } from "./world/policy/role-options.js";
import { DISABLED_SERVICES, PROJECTS, USER_PROJECTS } from "./world/projects/project-options.js";
import { refuseOption } from "./world/refusals/refuse-option.js";
import { ALLOWED_LOCATIONS, MISSING_ACCOUNTS } from "./world/world-settings.js";

const MILLISECONDS = value<number>(
  (given) => typeof given === "number" && Number.isFinite(given) && given >= 0,
  "a non-negative number of milliseconds",
);

/** What an emulator starts with. */
export const EMULATOR_OPTIONS = declare({
  unknown: "is not an option of the emulator",
  fields: {
    /** The e-mails of the service accounts that exist. Default: none. */
    serviceAccounts: optional(listOf(EMAIL), []),
    /** Who may do what with them. Default: none; then only `owner` may do anything. */
    grants: optional(listOf(object(GRANT)), []),
    /**
     * The address to listen on, or a name for it. One that other machines can reach causes a warning (`process.emitWarning`), and
     * Google's names are refused. Default: `127.0.0.1`.
     */
    host: optional(HOST, "127.0.0.1"),
    /** What clients call the host, in `emulator.host`, URLs and credentials files. Default: `host`, or loopback when that is a wildcard. */
    publicHost: optional(HOST),
    /**
     * More names that clients may send in the header `Host`. While the emulator listens on the loopback interface, it answers over HTTP
     * only to names of that interface and to `publicHost`, since a web page can make its own name resolve to 127.0.0.1. Default:
     * none; on another address, every name is allowed.
     */
    allowedHosts: optional(listOf(NAME), []),
    /**
     * The origins, for example `http://localhost:3000`, whose web pages may send requests (CORS). Pages of other origins can change
     * nothing and read nothing. Default: none.
     */
    allowedOrigins: optional(listOf(ORIGIN), []),
    /** The port for all protocols. Default: 0, any free one, so that test runs can't collide. */
    port: optional(PORT, 0),
    /** Additional ports, each for one protocol. Default: none. */
    ports: optional(object(PORTS), settle(PORTS, {}, { refuse: refuseOption })),
    /** Whether the bearer `owner` is a principal with every role. Default: true, so that a client without credentials can call. */
    owner: optional(flag, true),
    /**
     * The e-mails of accounts whose access tokens may live for 43,200 seconds: the effect of the organization policy
     * constraints/iam.allowServiceAccountCredentialLifetimeExtension. Default: none; the limit is 3,600 seconds.
     */
    extendedLifetimeAccounts: optional(listOf(EMAIL), []),
    /**
     * TLS: `true` for a certificate from the emulator's own CA, `emulator.caCertificate`; or certificate, key and the CA whose
     * certificates clients must show. Default: false, plain text on the loopback interface.
     */
    tls: optional(flagOr(object(TLS)), false),
    /** The custom roles that exist. Default: none. */
    roles: optional(listOf(object(ROLE_OPTIONS)), []),
    /** How calls on accounts that don't exist are answered. Default: `google`, which is what clients see in production. */
    missingAccounts: optional(MISSING_ACCOUNTS, "google"),
    /**
     * How long policy changes over the API, and enabling or disabling a service, take to come into effect, in milliseconds; with
     * Google it can be minutes. What `addGrant` adds is in effect at once. Default: 0.
     */
    policyPropagationMs: optional(MILLISECONDS, 0),
    /** What `allowedLocations` returns. Default: `{ locations: [], encodedLocations: "0x0" }`, no restriction. */
    allowedLocations: optional(object(ALLOWED_LOCATIONS), { locations: [], encodedLocations: "0x0" }),
    /**
     * The number of the organization that the projects are in, for ID tokens that are requested with
     * `organizationNumberIncluded`. Default: none, and then the claim is null.
     */
    organizationNumber: optional(digits(20)),
    /**
     * The organization policies that are enforced on API calls; methods such as `addServiceAccount` ignore them. The one on token
     * lifetimes is the option `extendedLifetimeAccounts`. Default: none.
     */
    organizationPolicies: optional(ORGANIZATION_POLICIES, []),
    /**
     * Projects with a given number. Default: none; every well-formed project id exists, with a number derived from it.
     * The metadata server's project has `metadataServer.numericProjectId` unless it is listed here.
     */
    projects: optional(PROJECTS, []),
    /**
     * Services that are disabled until somebody enables them (Service Usage), in every project or in one:
     * `iamcredentials.googleapis.com`, `projects/{id}/services/iam.googleapis.com`. A call is refused if its service is disabled in the
     * project that it is billed to: that of `x-goog-user-project`, or the caller's own; for a user, who has none, the target's.
     * Default: none.
     */
    disabledServices: optional(DISABLED_SERVICES, []),
    /**
     * Who may bill calls to a project (`x-goog-user-project`): `anyone`, or `permitted` for callers that have the permission
     * serviceusage.services.use on it, as with Google. Default: `anyone`, since most tests don't grant it.
     */
    userProjects: optional(USER_PROJECTS, "anyone"),
    /** The accounts that may get tokens for users, and for which scopes: domain-wide delegation. Default: none. */
    domainWideDelegation: optional(listOf(object(DELEGATION)), []),
    /**
     * The providers of workload identity pools whose tokens are accepted in a token exchange. Default: only the emulator's own, provider
     * `emulator-provider` of pool `emulator-pool` in project 123456789012, which always exists.
     */
    identityProviders: optional(listOf(object(IDENTITY_PROVIDER)), []),
    /** What the metadata server reports. Default: the first of `serviceAccounts` is the default account. */
    metadataServer: optional(object(METADATA_SERVER), settle(METADATA_SERVER, {}, { refuse: refuseOption })),
    /**
     * What happens to calls that lack a permission: `enforce` refuses them, as Google does; `observe` allows them and logs what would
     * have been denied (`observed` of the call). Tokens, scopes and the states of accounts are still checked, and TestIamPermissions
     * still tells the truth. Default: `enforce`.
     */
    enforcement: optional(ENFORCEMENT, "enforce"),
    /**
     * Whether the console is served at `/` and `/console/`. The control API is available either way. Default: true; the console's files
     * are read on the first visit.
     */
    console: optional(flag, true),
    /** The quotas to enforce, in calls per project and minute; `true`: Google's. Default: false, none. */
    quotas: optional(flagOr(object(QUOTAS)), false),
  },
  rule: ({ ports, metadataServer }) =>
    ports.metadataServerMtls !== undefined && metadataServer.mtlsDirectory === undefined
      ? { path: "ports.metadataServerMtls", text: "needs metadataServer.mtlsDirectory" }
      : undefined,
});

/** What an emulator starts with. */
interface EmulatorOptions extends GivenOf<typeof EMULATOR_OPTIONS.fields> {}

/** What an emulator starts with: the options, on top of a seed. */
export interface EmulatorStartOptions extends EmulatorOptions {
  /**
   * What the emulator starts with, or the path of a JSON file with it; the other options are added to it. Default: nothing. Its
   * JSON schema is `iam-credentials-client/emulator/seed.schema.json`.
   */
  readonly seed?: EmulatorSeed | string | undefined;
}

type Settled = SettledOf<typeof EMULATOR_OPTIONS.fields>;

/** The options with all defaults filled in. */
interface ResolvedOptions
  extends Omit<Settled, "identityProviders" | "metadataServer" | "quotas" | "host" | "publicHost" | "port" | "ports"> {
  /** Where it listens. */
  readonly listening: Listening;
  /** The providers, the emulator's own first. */
  readonly identityProviders: readonly EmulatorIdentityProvider[];
  /** What the metadata server reports. */
  readonly metadataServer: ResolvedMetadataServer;
  /** The limits; undefined: none. */
  readonly quotas: ResolvedQuotas | undefined;
}

/**
 * Settles the options.
 *
 * @throws TypeError naming the option that is wrong or unknown
 */
export function resolveOptions(options: EmulatorOptions): ResolvedOptions {
  const settled = settle(EMULATOR_OPTIONS, options, { refuse: refuseOption });
  const { host, publicHost, port, ports, ...rest } = settled;
  checkTls(rest.tls);
  return {
    ...rest,
    listening: resolveListening({ host, publicHost, port, ports }),
    identityProviders: [builtInProvider, ...rest.identityProviders],
    metadataServer: resolveMetadataServer(rest.metadataServer, rest.serviceAccounts[0], rest.projects),
    quotas: resolveQuotas(rest.quotas),
  };
}

/** Merges a seed and options: lists are concatenated, and for everything else the option's fields win. */
export function mergeSeed(seed: EmulatorSeed, options: EmulatorOptions): EmulatorOptions {
  const machine = Object.entries(options.metadataServer ?? {}).filter(([, given]) => given !== undefined);
  const { serviceAccounts = [] } = seed;
  const join = <Item>(first: readonly Item[] | undefined, then: readonly Item[] | undefined): readonly Item[] => [
    ...(first ?? []),
    ...(then ?? []),
  ];
  return {
    ...options,
    enforcement: options.enforcement ?? seed.enforcement,
    serviceAccounts: join(
      serviceAccounts.map(({ email }) => email),
      options.serviceAccounts,
    ),
    roles: join(seed.roles, options.roles),
    grants: join(seed.grants, options.grants),
    projects: join(seed.projects, options.projects),
    disabledServices: join(seed.disabledServices, options.disabledServices),
    extendedLifetimeAccounts: join(seed.extendedLifetimeAccounts, options.extendedLifetimeAccounts),
    domainWideDelegation: join(seed.domainWideDelegation, options.domainWideDelegation),
    identityProviders: join(seed.identityProviders, options.identityProviders),
    metadataServer: { ...seed.metadataServer, ...Object.fromEntries(machine) },
  };
}
