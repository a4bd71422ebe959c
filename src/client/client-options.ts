// SPDX-License-Identifier: Apache-2.0
// What a client can be given, and how that becomes a runtime without gaps, once, at construction.

import type { ChannelInterface } from "@grpc/grpc-js";
import type { Credentials } from "../auth/resolve-token-provider.js";
import type { ClientCertSource } from "../base/client-certificate.js";
import { type Clock, systemClock } from "../base/clock.js";
import { type Environment, readEnvironment } from "../base/environment.js";
import { ConfigurationError } from "../base/errors.js";
import { LOG_LEVELS, type Logger, resolveLogger } from "../base/logging.js";
import { resolveProxy } from "../base/resolve-proxy.js";
import { type MeterProviderLike, Telemetry, type TracerProviderLike } from "../base/telemetry.js";
import type { CallDefaults, CallPlan } from "../rpc/call-options.js";
import { defaultCallPlan, resolveCallPlan } from "../rpc/call-options.js";
import type { CallRuntime } from "../rpc/call-runtime.js";
import { buildClientTokens, type ClientInfo } from "../rpc/metadata.js";
import type { ServiceDescription } from "../rpc/method.js";
import { Observation } from "../rpc/observation.js";
import {
  buildTransport,
  DEFAULT_TRANSPORT,
  type TransportMaker,
  type TransportSettings,
} from "../rpc/transport/registry.js";
import { identityOf, shareTransport } from "../rpc/transport/shared-transport.js";
import type { Transport } from "../rpc/transport/transport.js";
import { resolveGrpcTrust } from "./endpoint/grpc-trust.js";
import { readMtlsMode } from "./endpoint/mtls-endpoint.js";
import { type ChosenConnection, resolveConnection } from "./endpoint/resolve-connection.js";
import { type Endpoint, resolveUniverseDomain } from "./endpoint/resolve-endpoint.js";
import { checkCredentialsOptions, isTransport, resolveCredentials } from "./resolve-credentials.js";

/** All that a client can be given; every option has a default. */
export interface ClientOptions {
  /**
   * Who calls: a {@link TokenProvider}, a client or `GoogleAuth` of google-auth-library (9 or newer), or the contents of a
   * credentials file of any type. Default: application default credentials.
   */
  readonly credentials?: Credentials | undefined;
  /** Path or `file:` URL of a JSON credentials file of any type. Default: none; not together with `credentials`. */
  readonly credentialsFile?: string | URL | undefined;
  /** An API key, sent as `x-goog-api-key` in place of a token. Default: none; not together with the two above. */
  readonly apiKey?: string | undefined;
  /** OAuth scopes of the caller's own token. Default: those of the service (`cloud-platform`). */
  readonly scopes?: readonly string[] | undefined;
  /**
   * The audience of tokens that the credentials make for one API: of a JWT that a service-account key signs itself when there are no
   * `scopes`. Default: the service's, `https://iamcredentials.googleapis.com/` or `https://iam.googleapis.com/`, whatever the endpoint and
   * universe (AIP-4111).
   */
  readonly apiAudience?: string | undefined;
  /**
   * How calls travel: a label, a transport, or a class or function that makes one. A transport that was given is not closed with the
   * client, brings its own credentials, and knows where it goes: `apiEndpoint` and `clientCertSource` then do not count.
   * Default: `"grpc"`.
   */
  readonly transport?: TransportMaker | Transport | undefined;
  /**
   * `host` or `host:port` to call. Default: the service's host in the universe, or its mTLS host when there is a client certificate
   * (see `GOOGLE_API_USE_MTLS_ENDPOINT`), port 443.
   */
  readonly apiEndpoint?: string | undefined;
  /**
   * Gives the client certificate and its key; asked again for each connection, so that a renewed one counts. Used only while client
   * certificates are on: `GOOGLE_API_USE_CLIENT_CERTIFICATE` is `true`, or is not set and the machine has a workload certificate.
   * Default: the machine's certificate.
   */
  readonly clientCertSource?: ClientCertSource | undefined;
  /** The universe. Default: `GOOGLE_CLOUD_UNIVERSE_DOMAIN`, else `googleapis.com`. */
  readonly universeDomain?: string | undefined;
  /**
   * Whether credentials of another universe than the client's are refused; those that name none are of `googleapis.com`.
   * Default: true, so that a token of one universe is never sent to another.
   */
  readonly checkUniverseDomain?: boolean | undefined;
  /**
   * The project that is charged for quota. Default: `GOOGLE_CLOUD_QUOTA_PROJECT` for credentials that were found or read from a file,
   * else that of the credentials.
   */
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
  /** The most bytes of a reply; a larger one is RESOURCE_EXHAUSTED. Default: 32 MiB. */
  readonly maxReplyBytes?: number | undefined;
  /** Whether to connect without TLS. Default: false, except to an emulator that the environment names. */
  readonly insecure?: boolean | undefined;
  /** Whether a token may go over a plain connection to another machine. Default: false. */
  readonly allowInsecureToken?: boolean | undefined;
  /**
   * Whether to share the transport with the other clients of this process that ask for it and have the same endpoint, transport
   * options and credentials. The last of them to close closes it. Default: false.
   */
  readonly sharedChannels?: boolean | undefined;
  /** Call options for every call that names none of its own. Default: those of the method. */
  readonly callDefaults?: CallDefaults | undefined;
  /** Takes log records, which never hold a secret; `false`: nobody does. Default: standard error, if `GOOGLE_SDK_NODE_LOGGING` says so. */
  readonly logger?: Logger | false | undefined;
  /** Makes the OpenTelemetry spans. Default: the provider that the program has registered, if there is one. */
  readonly tracerProvider?: TracerProviderLike | undefined;
  /** Makes the OpenTelemetry metrics. Default: the provider that the program has registered, if there is one. */
  readonly meterProvider?: MeterProviderLike | undefined;
  /** Time and chance. Default: the machine's. */
  readonly clock?: Clock | undefined;
}

/** A client's options, settled. */
export interface ClientRuntime extends CallRuntime {
  readonly service: ServiceDescription;
  readonly endpoint: Endpoint;
}

/** A rule for one option: whether a value is right, and what would be. */
type Rule = readonly [isRight: (value: unknown) => boolean, expected: string];

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
const isChannelOption = (value: unknown): boolean =>
  value === undefined || typeof value === "string" || (typeof value === "number" && !Number.isNaN(value));
const isChannelOptions = (value: unknown): boolean =>
  isObject(value) && !Array.isArray(value) && Object.values(Object(value)).every(isChannelOption);
/** What can stand in a header: printable ASCII, not empty. */
const isHeaderText = (value: unknown): boolean => typeof value === "string" && /^[\x20-\x7e]+$/.test(value);
const isClientInfo = (value: unknown): boolean =>
  isObject(value) &&
  Object.entries(Object(value)).every(
    ([key, each]) =>
      (key === "userAgent" || key === "clientLibraryVersion") && (each === undefined || isHeaderText(each)),
  );
const hasMethod = (value: unknown, name: string): boolean =>
  isObject(value) && typeof Reflect.get(Object(value), name) === "function";
const isLogger = (value: unknown): boolean => LOG_LEVELS.every((level) => hasMethod(value, level));
const isBoolean = (value: unknown): boolean => typeof value === "boolean";

const RULES: { readonly [Key in keyof Required<ClientOptions>]: Rule } = {
  credentials: [isObject, "a TokenProvider, a client of google-auth-library, or the contents of a credentials file"],
  credentialsFile: [(value) => isText(value) || value instanceof URL, "the path of a JSON credentials file"],
  apiKey: [(value) => isHeaderText(value) && String(value).trim() !== "", "an API key"],
  scopes: [
    (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
    "a list of at least one OAuth scope",
  ],
  apiAudience: [isText, "an audience such as https://iamcredentials.googleapis.com/"],
  transport: [
    (value) => isText(value) || typeof value === "function" || (isObject(value) && "unary" in Object(value)),
    'a label such as "grpc", a Transport, or a class or function that makes one',
  ],
  apiEndpoint: [isText, "host or host:port"],
  clientCertSource: [(value) => typeof value === "function", "a function that returns { cert, key }"],
  universeDomain: [isText, "a domain such as googleapis.com"],
  checkUniverseDomain: [isBoolean, "true or false"],
  quotaProjectId: [isHeaderText, "a project id"],
  clientInfo: [
    (value) => value === false || isClientInfo(value),
    "an object with userAgent or clientLibraryVersion in printable ASCII, or false",
  ],
  channel: [(value) => isObject(value) && "createCall" in Object(value), "a grpc-js channel"],
  channelOptions: [isChannelOptions, "an object of grpc-js channel options, each text or a number"],
  rootCertificates: [(value) => isText(value) || value instanceof Uint8Array, "certificates in PEM form"],
  maxReplyBytes: [(value) => Number.isInteger(value) && Number(value) > 0, "a number of bytes above 0"],
  insecure: [isBoolean, "true or false"],
  allowInsecureToken: [isBoolean, "true or false"],
  sharedChannels: [isBoolean, "true or false"],
  callDefaults: [isObject, "an object of call options"],
  logger: [(value) => value === false || isLogger(value), `an object with ${LOG_LEVELS.join(", ")}, or false`],
  tracerProvider: [(value) => hasMethod(value, "getTracer"), "a TracerProvider of OpenTelemetry"],
  meterProvider: [(value) => hasMethod(value, "getMeter"), "a MeterProvider of OpenTelemetry"],
  clock: [(value) => isObject(value) && "schedule" in Object(value), "a Clock"],
};

/**
 * Checks each option by itself.
 *
 * @throws ConfigurationError naming the option that is unknown or of the wrong kind
 */
export function checkClientOptions(options: ClientOptions): void {
  if (!isObject(options)) throw new ConfigurationError("options: must be an object");
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(RULES, key)) {
      throw new ConfigurationError(`${key}: no such client option; there are ${Object.keys(RULES).join(", ")}`);
    }
    const [isRight, expected] = RULES[key as keyof ClientOptions]; // as: hasOwn has just said so
    if (value !== undefined && !isRight(value)) throw new ConfigurationError(`${key}: must be ${expected}`);
  }
}

/**
 * Settles a client's options.
 *
 * @throws ConfigurationError naming the option or variable that is wrong
 */
export function resolveClientOptions(service: ServiceDescription, options: ClientOptions): ClientRuntime {
  checkClientOptions(options);
  const environment = readEnvironment();
  const clock = options.clock ?? systemClock;
  checkCredentialsOptions(options);
  const chosen = chooseConnection(service, options, environment);
  const { endpoint } = chosen;
  const credentials = resolveCredentials(options, { service, endpoint, environment, clock });
  const logger = resolveLogger(options.logger, environment, service.logName ?? service.hostPrefix);
  const transport = chooseTransport(options, chosen, environment, clock);
  logCreation(logger, service, chosen, transport);
  const clientTokens = Object.freeze(buildClientTokens(transport.clientToken, options.clientInfo ?? {}));
  return Object.freeze({
    service,
    endpoint,
    transport,
    ownsTransport: !isTransport(options.transport),
    ...credentials,
    observation: new Observation(
      logger,
      new Telemetry({
        system: transport.kind,
        target: endpoint.target,
        tracerProvider: options.tracerProvider,
        meterProvider: options.meterProvider,
      }),
    ),
    clientTokens,
    clientHeader: clientTokens.join(" "),
    planFor: memoizedPlans(options.callDefaults),
    clock,
  });
}

function logCreation(
  logger: Logger | undefined,
  { name }: ServiceDescription,
  { endpoint, certificate }: ChosenConnection,
  { kind }: Transport,
): void {
  const { target, universeDomain, rule } = endpoint;
  const because = { rule, certificate: certificate.origin };
  logger?.info("client created", { serviceName: name, transport: kind, endpoint: target, universeDomain, ...because });
  if (certificate.warning !== undefined) logger?.warn(certificate.warning, { serviceName: name });
}

function chooseConnection(
  service: ServiceDescription,
  options: ClientOptions,
  environment: Environment,
): ChosenConnection {
  const { transport, universeDomain } = options;
  if (!isTransport(transport)) return resolveConnection(service, options, environment);
  for (const key of ["channel", "sharedChannels"] as const) {
    if (options[key]) throw new ConfigurationError(`transport and ${key}: a transport instance has its own channel`);
  }
  // It has decided where it goes; a variable that is wrong is wrong all the same.
  readMtlsMode(environment);
  const { host } = transport;
  const universe = resolveUniverseDomain(universeDomain, environment);
  const endpoint = { apiEndpoint: host, target: host, universeDomain: universe, isInsecure: false, isEmulator: false };
  return {
    endpoint: { ...endpoint, rule: "transport" },
    certificate: {
      isEnabled: false,
      reason: "a transport was given",
      source: undefined,
      origin: "none",
      warning: undefined,
    },
  };
}

function chooseTransport(
  options: ClientOptions,
  { endpoint, certificate }: ChosenConnection,
  environment: Environment,
  clock: Clock,
): Transport {
  const { transport = DEFAULT_TRANSPORT, channel, channelOptions = {}, rootCertificates } = options;
  if (isTransport(transport)) return transport;
  const trust = transport === "rest" || endpoint.isInsecure ? undefined : resolveGrpcTrust(environment);
  const settings: TransportSettings = {
    target: endpoint.target,
    isInsecure: endpoint.isInsecure,
    rootCertificates: rootCertificates ?? trust?.rootCertificates,
    cipherSuites: trust?.cipherSuites,
    clientCertSource: certificate.source,
    channelOptions,
    channel,
    proxyUrl: channel === undefined ? resolveProxyUrl(endpoint, transport, environment) : undefined,
    maxReplyBytes: options.maxReplyBytes,
    clock,
  };
  if (options.sharedChannels !== true) return buildTransport(transport, settings);
  if (channel !== undefined) throw new ConfigurationError("channel and sharedChannels: give one of them, not both");
  const key = sharingKey(options, settings, certificate.origin);
  return shareTransport(key, clock, () => buildTransport(transport, settings));
}

/** By the one proxy rule. A transport of the caller's own making is taken for gRPC, unless its label says REST. */
export function resolveProxyUrl(
  { target, isInsecure }: Pick<Endpoint, "target" | "isInsecure">,
  transport: TransportMaker,
  environment: Environment,
): string | undefined {
  const colon = target.lastIndexOf(":");
  const host = target.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  const question = { host, port: Number(target.slice(colon + 1)), isPlain: isInsecure, isGrpc: transport !== "rest" };
  return resolveProxy(question, environment)?.url;
}

/** The same for clients that may share a transport, and for no others. */
function sharingKey(options: ClientOptions, settings: TransportSettings, certificateOrigin: string): string {
  const { transport = DEFAULT_TRANSPORT, credentials, credentialsFile, apiKey, clientCertSource } = options;
  return JSON.stringify([
    typeof transport === "string" ? transport : identityOf(transport),
    settings.target,
    settings.isInsecure,
    settings.proxyUrl ?? null,
    settings.maxReplyBytes ?? null,
    settings.rootCertificates === undefined ? null : Buffer.from(settings.rootCertificates).toString("base64"),
    Object.entries(settings.channelOptions ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
    settings.clientCertSource === undefined
      ? null
      : [certificateOrigin, clientCertSource && identityOf(clientCertSource)],
    credentials === undefined ? [credentialsFile, apiKey] : identityOf(credentials),
    identityOf(settings.clock ?? systemClock),
  ]);
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
