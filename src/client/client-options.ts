// SPDX-License-Identifier: Apache-2.0
// The options of a client, and how they become a complete runtime, once, at construction.

import { createHash } from "node:crypto";
import type { ChannelInterface } from "@grpc/grpc-js";
import type { Credentials } from "../auth/resolve-token-provider.js";
import type { ClientCertSource } from "../base/certificate/client-certificate.js";
import { readMtlsMode } from "../base/certificate/mtls-endpoint.js";
import { type Clock, systemClock } from "../base/clock.js";
import { type Environment, readEnvironment } from "../base/environment.js";
import { ConfigurationError } from "../base/errors.js";
import { LOG_LEVELS, type Logger, resolveLogger } from "../base/logging.js";
import { value } from "../base/options/checks.js";
import { declare, type GivenOf, optional, settle } from "../base/options/declaration.js";
import {
  CLOCK,
  hasMethod,
  headerText,
  refuseOption,
  SWITCH,
  someFunction,
  someObject,
  someText,
} from "../base/options/shared-options.js";
import { resolveProxy } from "../base/socket/resolve-proxy.js";
import { type MeterProviderLike, Telemetry, type TracerProviderLike } from "../base/telemetry.js";
import type { CallDefaults, CallPlan } from "../rpc/call-options.js";
import { defaultCallPlan, resolveCallPlan } from "../rpc/call-options.js";
import type { CallRuntime } from "../rpc/call-runtime.js";
import { buildClientTokens, type ClientInfo } from "../rpc/metadata.js";
import type { ServiceDescription } from "../rpc/method/method.js";
import { Observation } from "../rpc/observation.js";
import { isKeepalive, type KeepaliveSettings } from "../rpc/transport/keepalive-settings.js";
import { identityOf, shareTransport } from "../rpc/transport/shared-transport.js";
import type { Transport } from "../rpc/transport/transport.js";
import {
  buildTransport,
  DEFAULT_TRANSPORT,
  type TransportMaker,
  type TransportSettings,
} from "../rpc/transport-registry.js";
import { resolveGrpcTrust } from "./endpoint/grpc-trust.js";
import { type ChosenConnection, resolveConnection } from "./endpoint/resolve-connection.js";
import { type Endpoint, resolveUniverseDomain } from "./endpoint/resolve-endpoint.js";
import { checkCredentialsOptions, isTransport, resolveCredentials } from "./resolve-credentials.js";

const isText = (given: unknown): boolean => typeof given === "string" && given !== "";
const isObject = (given: unknown): boolean => typeof given === "object" && given !== null;
const isChannelOption = (given: unknown): boolean =>
  given === undefined || typeof given === "string" || (typeof given === "number" && !Number.isNaN(given));
const isChannelOptions = (given: unknown): boolean =>
  isObject(given) && !Array.isArray(given) && Object.values(Object(given)).every(isChannelOption);
const isClientInfo = (given: unknown): boolean =>
  isObject(given) &&
  Object.entries(Object(given)).every(
    ([key, each]) =>
      (key === "userAgent" || key === "clientLibraryVersion") &&
      (each === undefined || (typeof each === "string" && /^[\x20-\x7e]+$/.test(each))),
  );
const isLogger = (given: unknown): boolean => LOG_LEVELS.every((level) => hasMethod(given, level));
const isTransportOption = (given: unknown): boolean =>
  isText(given) || typeof given === "function" || (isObject(given) && "unary" in Object(given));

/** All options of a client; each has a default. */
const CLIENT_OPTIONS = declare({
  unknown: "no such client option",
  fields: {
    /**
     * Who calls: a {@link TokenProvider}, a client or `GoogleAuth` of google-auth-library (9 or newer), or the contents of a
     * credentials file of any type. Default: application default credentials.
     */
    credentials: optional(
      someObject<Credentials>(
        "a TokenProvider, a client of google-auth-library, or the contents of a credentials file",
      ),
    ),
    /** Path or `file:` URL of a JSON credentials file of any type. Default: none; not together with `credentials`. */
    credentialsFile: optional(
      value<string | URL>((given) => isText(given) || given instanceof URL, "the path to a JSON credentials file"),
    ),
    /** An API key, sent as `x-goog-api-key` in place of a token. Default: none; not together with the two above. */
    apiKey: optional(headerText("an API key")),
    /** OAuth scopes of the caller's own token, or one as text. Default: those of the service (`cloud-platform`). */
    scopes: optional(
      value<string | readonly string[]>(
        (given) => isText(given) || (Array.isArray(given) && given.length > 0 && given.every(isText)),
        "an OAuth scope, or an array of at least one",
      ),
    ),
    /**
     * The audience of tokens that the credentials make for a single API: JWTs that a service-account key signs itself when there are no
     * `scopes`. Default: the service's, `https://iamcredentials.googleapis.com/` or `https://iam.googleapis.com/`, whatever the endpoint and
     * universe (AIP-4111).
     */
    apiAudience: optional(someText("an audience such as https://iamcredentials.googleapis.com/")),
    /**
     * How calls travel: a label, a transport, or a class or function that makes one. A transport instance is not closed with the
     * client, brings its own credentials, and knows its own target: `apiEndpoint` and `clientCertSource` are then ignored.
     * Default: `"grpc"`.
     */
    transport: optional(
      value<TransportMaker | Transport>(
        isTransportOption,
        'a label such as "grpc", a Transport, or a class or function that makes one',
      ),
    ),
    /**
     * `host` or `host:port` to call. Default: the service's host in the universe, or its mTLS host when there is a client certificate
     * (see `GOOGLE_API_USE_MTLS_ENDPOINT`), port 443.
     */
    apiEndpoint: optional(someText("host or host:port")),
    /**
     * Returns the client certificate and its key; called again for each connection, so that a renewed one is used. Used only while client
     * certificates are on: `GOOGLE_API_USE_CLIENT_CERTIFICATE` is `true`, or is not set and the machine has a workload certificate.
     * Default: the machine's certificate.
     */
    clientCertSource: optional(someFunction<ClientCertSource>("a function that returns { cert, key }")),
    /** The universe domain. Default: `GOOGLE_CLOUD_UNIVERSE_DOMAIN`, else `googleapis.com`. */
    universeDomain: optional(someText("a domain such as googleapis.com")),
    /**
     * Whether to refuse credentials of a universe other than the client's; those that name none belong to `googleapis.com`.
     * Default: true, so that a token of one universe is never sent to another.
     */
    checkUniverseDomain: optional(SWITCH),
    /**
     * The project to charge for quota. Default: `GOOGLE_CLOUD_QUOTA_PROJECT` for credentials that were found or read from a file,
     * else that of the credentials.
     */
    quotaProjectId: optional(headerText("a project ID")),
    /** What the program says about itself; `false`: send no `x-goog-api-client` at all. Default: only this package's tokens. */
    clientInfo: optional(
      value<ClientInfo | false>(
        (given) => given === false || isClientInfo(given),
        "an object with userAgent or clientLibraryVersion in printable ASCII, or false",
      ),
    ),
    /**
     * A grpc-js channel to use as it is; it is never closed here, and has its own credentials unless `credentials` are given.
     * Default: a new channel.
     */
    channel: optional(
      value<ChannelInterface>((given) => isObject(given) && "createCall" in Object(given), "a grpc-js channel"),
    ),
    /** grpc-js channel options, merged over ours key by key. Default: none. */
    channelOptions: optional(
      value<Readonly<Record<string, string | number>>>(
        isChannelOptions,
        "an object of grpc-js channel options, each a string or a number",
      ),
    ),
    /** PEM certificates to trust instead of the built-in roots. Default: the built-in roots. */
    rootCertificates: optional(
      value<string | Uint8Array>((given) => isText(given) || given instanceof Uint8Array, "certificates in PEM form"),
    ),
    /** The maximum size of a reply in bytes; a larger one fails with RESOURCE_EXHAUSTED. Default: 32 MiB. */
    maxReplyBytes: optional(
      value<number>((given) => Number.isInteger(given) && Number(given) > 0, "a positive number of bytes"),
    ),
    /**
     * When to PING a silent gRPC connection, so that one that died silently is detected: after `intervalMs` of
     * silence (at least 10,000); it is dead if nothing is heard within `timeoutMs` (default: 20,000); `withoutCalls`: also while no call
     * is in flight (default: false). Default: never, since many servers treat such PINGs as abuse (gRFC A8).
     */
    keepalive: optional(
      value<KeepaliveSettings>(
        isKeepalive,
        "{ intervalMs, timeoutMs, withoutCalls } with an intervalMs of at least 10,000",
      ),
    ),
    /** Whether to connect without TLS. Default: false, except for an emulator that the environment names. */
    insecure: optional(SWITCH),
    /** Whether a token may go over an unencrypted connection to another machine. Default: false. */
    allowInsecureToken: optional(SWITCH),
    /**
     * Whether to share the transport with other clients in this process that ask for it too and have the same endpoint, transport
     * options and credentials. The last of them to close closes it. Default: false.
     */
    sharedChannels: optional(SWITCH),
    /** Call options for every call that does not set its own. Default: those of the method. */
    callDefaults: optional(someObject<CallDefaults>("an object of call options")),
    /** Receives log records, which never hold secrets; `false`: none. Default: standard error, if `GOOGLE_SDK_NODE_LOGGING` says so. */
    logger: optional(
      value<Logger | false>(
        (given) => given === false || isLogger(given),
        `an object with ${LOG_LEVELS.join(", ")}, or false`,
      ),
    ),
    /** Provides the OpenTelemetry tracer. Default: the provider that the program has registered, if there is one. */
    tracerProvider: optional(
      value<TracerProviderLike>((given) => hasMethod(given, "getTracer"), "a TracerProvider of OpenTelemetry"),
    ),
    /** Provides the OpenTelemetry meter. Default: the provider that the program has registered, if there is one. */
    meterProvider: optional(
      value<MeterProviderLike>((given) => hasMethod(given, "getMeter"), "a MeterProvider of OpenTelemetry"),
    ),
    /** Time and chance. Default: the machine's. */
    clock: optional(CLOCK),
  },
});

/** All options of a client; each has a default. */
export interface ClientOptions extends GivenOf<typeof CLIENT_OPTIONS.fields> {}

/** A client's options, resolved. */
export interface ClientRuntime extends CallRuntime {
  readonly service: ServiceDescription;
  readonly endpoint: Endpoint;
  /** The source of the certificate that the client presents; `undefined`: it presents none. */
  readonly clientCertSource: ClientCertSource | undefined;
}

/**
 * Checks each option on its own.
 *
 * @throws ConfigurationError naming the option that is unknown or of the wrong kind
 */
export function checkClientOptions(options: ClientOptions): void {
  settle(CLIENT_OPTIONS, options, { refuse: refuseOption });
}

/**
 * Resolves a client's options.
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
  const transport = chooseTransport(options, chosen, { service, environment, clock, logger });
  logCreation(logger, service, chosen, transport);
  const clientTokens = Object.freeze(buildClientTokens(transport.clientToken, options.clientInfo ?? {}));
  return Object.freeze({
    service,
    endpoint,
    clientCertSource: chosen.certificate.source,
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
  // The transport has its own target, but a wrong variable is still an error.
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
  {
    service,
    environment,
    clock,
    logger,
  }: {
    readonly service: ServiceDescription;
    readonly environment: Environment;
    readonly clock: Clock;
    readonly logger: Logger | undefined;
  },
): Transport {
  const { transport = DEFAULT_TRANSPORT, channel, channelOptions = {}, rootCertificates } = options;
  if (isTransport(transport)) return transport;
  const takesTrust = transport !== "rest" && !endpoint.isInsecure;
  const trust = takesTrust ? resolveGrpcTrust(environment, rootCertificates) : { rootCertificates };
  const settings: TransportSettings = {
    target: endpoint.target,
    isInsecure: endpoint.isInsecure,
    ...trust,
    clientCertSource: certificate.source,
    channelOptions,
    channel,
    ...(channel === undefined ? resolveProxyOf(endpoint, transport, environment) : {}),
    endpointVariable: endpoint.isEmulator ? service.emulatorVariable : undefined,
    maxReplyBytes: options.maxReplyBytes,
    keepalive: options.keepalive,
    logger,
    clock,
  };
  if (options.sharedChannels !== true) return buildTransport(transport, settings);
  if (channel !== undefined) throw new ConfigurationError("channel and sharedChannels: set one of them, not both");
  const key = sharingKey(options, settings, certificate.origin);
  return shareTransport(key, clock, () => buildTransport(transport, settings));
}

/** Applies the one proxy rule. A transport made by the caller is treated as gRPC, unless its label says REST. */
export function resolveProxyOf(
  { target, isInsecure }: Pick<Endpoint, "target" | "isInsecure">,
  transport: TransportMaker,
  environment: Environment,
): { readonly proxyUrl: string | undefined; readonly proxyVariable: string | undefined } {
  const colon = target.lastIndexOf(":");
  const host = target.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  const question = { host, port: Number(target.slice(colon + 1)), isPlain: isInsecure, isGrpc: transport !== "rest" };
  const proxy = resolveProxy(question, environment);
  return { proxyUrl: proxy?.url, proxyVariable: proxy?.variable };
}

/** Replaces long or secret values in a key that is kept. */
function hashOf(given: string | Uint8Array): string {
  return createHash("sha256").update(given).digest("base64");
}

/** A key that is the same for clients that may share a transport, and only for those. */
function sharingKey(options: ClientOptions, settings: TransportSettings, certificateOrigin: string): string {
  const { transport = DEFAULT_TRANSPORT, credentials, credentialsFile, apiKey, clientCertSource } = options;
  return JSON.stringify([
    typeof transport === "string" ? transport : identityOf(transport),
    settings.target,
    settings.isInsecure,
    settings.proxyUrl ?? null,
    settings.maxReplyBytes ?? null,
    settings.keepalive === undefined ? null : Object.entries(settings.keepalive).sort(([a], [b]) => (a < b ? -1 : 1)),
    settings.rootCertificates === undefined ? null : hashOf(settings.rootCertificates),
    Object.entries(settings.channelOptions ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
    settings.clientCertSource === undefined
      ? null
      : [certificateOrigin, clientCertSource && identityOf(clientCertSource)],
    credentials === undefined ? [credentialsFile, apiKey && hashOf(apiKey)] : identityOf(credentials),
    identityOf(settings.clock ?? systemClock),
  ]);
}

function memoizedPlans(callDefaults: CallDefaults | undefined): ClientRuntime["planFor"] {
  const plans = new Map<object, CallPlan>();
  const plan: ClientRuntime["planFor"] = (row) => {
    let known = plans.get(row);
    if (known === undefined) {
      known = resolveCallPlan(defaultCallPlan(row), callDefaults, "callDefaults");
      plans.set(row, known);
    }
    return known;
  };
  // Wrong defaults must throw at construction, not at the first call.
  resolveCallPlan(defaultCallPlan({ timeoutMs: 1, retry: false }), callDefaults, "callDefaults");
  return plan;
}
