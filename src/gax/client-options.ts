// SPDX-License-Identifier: Apache-2.0
// What a client can be given, and how that becomes a runtime without gaps, once, at construction.

import type { ChannelInterface } from "@grpc/grpc-js";
import { type Credentials, resolveTokenProvider } from "../auth/resolve-token-provider.js";
import type { TokenProvider } from "../auth/token-provider.js";
import type { CallDefaults, CallPlan } from "./call-options.js";
import { defaultCallPlan, resolveCallPlan } from "./call-options.js";
import { type Clock, systemClock } from "./clock.js";
import { type Environment, readEnvironment } from "./endpoint/environment.js";
import { type Endpoint, isLoopback, resolveEndpoint } from "./endpoint/resolve-endpoint.js";
import { resolveProxy } from "./endpoint/resolve-proxy.js";
import { ConfigurationError } from "./errors.js";
import { buildClientTokens, type ClientInfo } from "./metadata.js";
import type { ServiceDescription } from "./method.js";
import { buildTransport, type TransportSettings } from "./transport/registry.js";
import type { Transport } from "./transport/transport.js";

/** All that a client can be given; every option has a default. */
export interface ClientOptions {
  /**
   * Who calls: a {@link TokenProvider}, a client or `GoogleAuth` of google-auth-library (9 or newer), or the contents of a
   * service-account key file. Default: application default credentials.
   */
  readonly credentials?: Credentials | undefined;
  /** Path of a JSON credentials file of any type. Default: none; not together with `credentials`. */
  readonly credentialsFile?: string | undefined;
  /** OAuth scopes of the caller's own token. Default: those of the service (`cloud-platform`). */
  readonly scopes?: readonly string[] | undefined;
  /**
   * How calls travel: a label, a transport, or a function that makes one. A transport that was given is not closed with the
   * client. Default: `"grpc"`.
   */
  readonly transport?:
    | "grpc"
    | "grpc_asyncio"
    | "rest"
    | Transport
    | ((settings: TransportSettings) => Transport)
    | undefined;
  /** `host` or `host:port` to call. Default: the service's host in the universe, port 443. */
  readonly apiEndpoint?: string | undefined;
  /** The universe. Default: `GOOGLE_CLOUD_UNIVERSE_DOMAIN`, else `googleapis.com`. */
  readonly universeDomain?: string | undefined;
  /** The project that is charged for quota. Default: that of the credentials. */
  readonly quotaProjectId?: string | undefined;
  /** What the program tells of itself; `false`: send no `x-goog-api-client` at all. Default: this package's name tokens. */
  readonly clientInfo?: ClientInfo | false | undefined;
  /**
   * A grpc-js channel to use as it is; it is never closed here, and brings its own credentials unless `credentials` are given.
   * Default: a channel of our own.
   */
  readonly channel?: ChannelInterface | undefined;
  /** grpc-js channel options, laid over ours key by key. Default: none. */
  readonly channelOptions?: Readonly<Record<string, string | number>> | undefined;
  /** PEM certificates to trust instead of the built-in roots. Default: the built-in roots. */
  readonly rootCertificates?: string | Uint8Array | undefined;
  /** Whether to connect without TLS. Default: false, except to an emulator that the environment names. */
  readonly insecure?: boolean | undefined;
  /** Whether a token may go over a plain connection to another machine. Default: false. */
  readonly allowInsecureToken?: boolean | undefined;
  /** Call options for every call that names none of its own. Default: those of the method. */
  readonly callDefaults?: CallDefaults | undefined;
  /** Time and chance. Default: the machine's. */
  readonly clock?: Clock | undefined;
}

/** A client's options, settled. */
export interface ClientRuntime {
  readonly service: ServiceDescription;
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  /** Whether the transport closes with the client. */
  readonly ownsTransport: boolean;
  /** `undefined`: calls go out without authorization of ours. */
  readonly tokenProvider: TokenProvider | undefined;
  readonly quotaProjectId: string | undefined;
  readonly clientTokens: readonly string[];
  readonly clientHeader: string;
  /** The plan of a method for a call without options. */
  planFor(row: { readonly timeoutMs: number; readonly retry: CallPlan["retry"] }): CallPlan;
  readonly clock: Clock;
}

/** A rule for one option: whether a value is right, and what would be. */
type Rule = readonly [isRight: (value: unknown) => boolean, expected: string];

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
/** What can stand in a header: printable ASCII, not empty. */
const isHeaderText = (value: unknown): boolean => typeof value === "string" && /^[\x20-\x7e]+$/.test(value);
const isClientInfo = (value: unknown): boolean =>
  isObject(value) &&
  Object.entries(Object(value)).every(
    ([key, each]) =>
      (key === "userAgent" || key === "clientLibraryVersion") && (each === undefined || isHeaderText(each)),
  );
const isBoolean = (value: unknown): boolean => typeof value === "boolean";

const RULES: { readonly [Key in keyof Required<ClientOptions>]: Rule } = {
  credentials: [
    isObject,
    "a TokenProvider, a client of google-auth-library, or the contents of a service-account key file",
  ],
  credentialsFile: [isText, "the path of a JSON credentials file"],
  scopes: [
    (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
    "a list of at least one OAuth scope",
  ],
  transport: [
    (value) => isText(value) || typeof value === "function" || (isObject(value) && "unary" in Object(value)),
    'a label such as "grpc", a Transport, or a function that makes one',
  ],
  apiEndpoint: [isText, "host or host:port"],
  universeDomain: [isText, "a domain such as googleapis.com"],
  quotaProjectId: [isHeaderText, "a project id"],
  clientInfo: [
    (value) => value === false || isClientInfo(value),
    "an object with userAgent or clientLibraryVersion in printable ASCII, or false",
  ],
  channel: [(value) => isObject(value) && "createCall" in Object(value), "a grpc-js channel"],
  channelOptions: [isObject, "an object of grpc-js channel options"],
  rootCertificates: [(value) => isText(value) || value instanceof Uint8Array, "certificates in PEM form"],
  insecure: [isBoolean, "true or false"],
  allowInsecureToken: [isBoolean, "true or false"],
  callDefaults: [isObject, "an object of call options"],
  clock: [(value) => isObject(value) && "schedule" in Object(value), "a Clock"],
};

function checkOptions(options: ClientOptions): void {
  if (!isObject(options)) throw new ConfigurationError("options: must be an object");
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(RULES, key)) {
      throw new ConfigurationError(`${key}: no such client option; there are ${Object.keys(RULES).join(", ")}`);
    }
    const [isRight, expected] = RULES[key as keyof ClientOptions]; // as: hasOwn has just said so
    if (value !== undefined && !isRight(value)) throw new ConfigurationError(`${key}: must be ${expected}`);
  }
}

/** The bearer that an emulator takes as a principal with every role. It is no secret. */
const EMULATOR_OWNER: TokenProvider = { getRequestMetadata: () => ({ authorization: "Bearer owner" }) };

/**
 * Settles a client's options.
 *
 * @throws ConfigurationError naming the option or variable that is wrong
 */
export function resolveClientOptions(service: ServiceDescription, options: ClientOptions): ClientRuntime {
  checkOptions(options);
  const environment = readEnvironment();
  const clock = options.clock ?? systemClock;
  const endpoint = resolveEndpoint({
    hostPrefix: service.hostPrefix,
    emulatorVariable: service.emulatorVariable,
    apiEndpoint: options.apiEndpoint,
    universeDomain: options.universeDomain,
    insecure: options.insecure ?? false,
    environment,
  });
  const tokenProvider = chooseTokenProvider(service, options, endpoint, environment, clock);
  const ownsTransport = typeof options.transport !== "object";
  const transport = chooseTransport(options, endpoint, environment, clock);
  const clientTokens = Object.freeze(buildClientTokens(transport.clientToken, options.clientInfo ?? {}));
  return Object.freeze({
    service,
    endpoint,
    transport,
    ownsTransport,
    tokenProvider,
    quotaProjectId: options.quotaProjectId,
    clientTokens,
    clientHeader: clientTokens.join(" "),
    planFor: memoizedPlans(options.callDefaults),
    clock,
  });
}

function chooseTransport(
  options: ClientOptions,
  endpoint: Endpoint,
  environment: Environment,
  clock: Clock,
): Transport {
  const { transport = "grpc", channel, channelOptions = {}, rootCertificates } = options;
  if (typeof transport === "object") return transport;
  const settings = {
    target: endpoint.target,
    isInsecure: endpoint.isInsecure,
    rootCertificates,
    channelOptions,
    channel,
    // grpc-js looks for its proxy itself.
    proxyUrl: transport === "rest" ? resolveProxy(endpoint.target, endpoint.isInsecure, environment) : undefined,
    clock,
  };
  return typeof transport === "function" ? transport(settings) : buildTransport(transport, settings);
}

function chooseTokenProvider(
  service: ServiceDescription,
  options: ClientOptions,
  endpoint: Endpoint,
  environment: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): TokenProvider | undefined {
  const { credentials, credentialsFile, scopes } = options;
  const isExplicit = credentials !== undefined || credentialsFile !== undefined;
  if (options.channel !== undefined && !isExplicit) return undefined;
  if (endpoint.isEmulator && !isExplicit) return EMULATOR_OWNER;
  if (endpoint.isInsecure && !isLoopback(endpoint.target) && options.allowInsecureToken !== true) {
    const why = endpoint.isEmulator ? service.emulatorVariable : "insecure";
    throw new ConfigurationError(
      `${why}: a token would go to ${endpoint.target} over a plain connection; connect with TLS, or set allowInsecureToken: true`,
    );
  }
  return resolveTokenProvider({
    credentials,
    credentialsFile,
    scopes,
    defaultScopes: service.scopes,
    audience: `https://${service.hostPrefix}.googleapis.com/`,
    environment,
    clock,
  });
}

function memoizedPlans(callDefaults: CallDefaults | undefined): ClientRuntime["planFor"] {
  const plans = new Map<object, CallPlan>();
  const plan: ClientRuntime["planFor"] = (row) => {
    let known = plans.get(row);
    if (known === undefined) {
      known = resolveCallPlan(defaultCallPlan(row), callDefaults, "callDefaults.");
      plans.set(row, known);
    }
    return known;
  };
  // Wrong defaults must throw at construction, not at the first call.
  resolveCallPlan(defaultCallPlan({ timeoutMs: 1, retry: false }), callDefaults, "callDefaults.");
  return plan;
}
