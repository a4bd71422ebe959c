// SPDX-License-Identifier: Apache-2.0
// What a client of the drop-in opens at its first call: certificate, endpoint, credentials and transport, with the original's rules
// and errors. Knows no call option.

import type { ClientCertSource } from "../../base/certificate/client-certificate.js";
import { machineCertSource } from "../../base/certificate/machine-certificate.js";
import { systemClock } from "../../base/clock.js";
import type { Environment } from "../../base/environment.js";
import { type Logger, resolveLogger } from "../../base/logging.js";
import { DEFAULT_UNIVERSE_DOMAIN, isUniverseDomain } from "../../base/options/google-names.js";
import { Telemetry } from "../../base/telemetry.js";
import type { TokenProvider } from "../../base/token-provider.js";
import { VERSION } from "../../base/version.js";
import { type ClientRuntime, resolveProxyOf } from "../../client/client-options.js";
import { resolveGrpcTrust } from "../../client/endpoint/grpc-trust.js";
import { EMULATOR_OWNER } from "../../client/resolve-credentials.js";
import { IAM_CREDENTIALS } from "../../iam-credentials/methods.js";
import type { CallContext } from "../../rpc/call.js";
import { defaultCallPlan } from "../../rpc/call-options.js";
import { ClientLifetime } from "../../rpc/lifetime.js";
import { Observation } from "../../rpc/observation.js";
import type { Transport } from "../../rpc/transport/transport.js";
import { buildTransport } from "../../rpc/transport-registry.js";
import type { GoogleAuth } from "./auth-library.js";
import { API_NAME } from "./client-config.js";
import {
  authClientOf,
  checkPaths,
  GoogleAuthCredentials,
  problemOfKeyFile,
  universeOfAuth,
} from "./credentials-option.js";
import { channelOptionsOf, type SettledOptions } from "./gax-client-options.js";
import { type KeyCredentials, keyCredentials } from "./key-credentials.js";

/** What is open. */
export interface OpenService {
  readonly context: CallContext;
  /** Carries calls with grpc-js's own call options, opened on the first of them. `undefined`: nothing does, as over REST. */
  readonly openGrpcJs: (() => Transport) | undefined;
  /** Lets what is in flight end, then closes the connection. */
  close(): void;
}

/** What opening depends on. */
interface OpenInputs {
  readonly options: SettledOptions;
  readonly environment: Environment;
  /** The client's `auth`, made when it is asked for. */
  readonly auth: () => GoogleAuth;
  /** Whether somebody has asked for it. */
  readonly isAuthUsed: boolean;
  /** Called if a key authorizes calls without `auth`. */
  readonly onKey: (key: KeyCredentials) => void;
  /** Those of the service. */
  readonly scopes: readonly string[];
}

/**
 * Opens what calls need. Nothing connects before the first call.
 *
 * @throws Error when there are no credentials, or certificate or credentials do not fit the universe
 */
export async function openService(inputs: OpenInputs): Promise<OpenService> {
  const { options, environment } = inputs;
  const emulator = emulatorTarget(options, environment);
  const certSource = emulator === undefined ? chooseCertificate(options, environment) : undefined;
  const host = chooseHost(options, environment, certSource !== undefined);
  // A port in the host takes precedence over the option.
  const target = emulator ?? (/:\d+$/.test(host) ? host : `${host}:${options.port}`);
  const tokenProvider = emulator === undefined ? await chooseCredentials(inputs, host) : EMULATOR_OWNER;
  const isInsecure = emulator !== undefined || (options.isRest && options.given.protocol === "http");
  const endpointVariable = emulator === undefined ? undefined : IAM_CREDENTIALS.emulatorVariable;
  const carriers = openTransports(options, { target, isInsecure, certSource, environment, endpointVariable });
  const { transport, openGrpcJs } = carriers;
  const runtime = buildRuntime(options, environment, { target, isInsecure, transport, tokenProvider });
  const lifetime = new ClientLifetime(runtime.clock, IAM_CREDENTIALS.name);
  return {
    context: { runtime, lifetime },
    openGrpcJs,
    close: () => void lifetime.close(Number.POSITIVE_INFINITY).then(() => carriers.close()),
  };
}

/** The emulator that the environment names, for a client without an endpoint of its own. */
function emulatorTarget({ given }: SettledOptions, environment: Environment): string | undefined {
  const isTold = given.servicePath || given.apiEndpoint || given.sslCreds;
  return isTold ? undefined : environment[IAM_CREDENTIALS.emulatorVariable] || undefined;
}

function chooseCertificate(
  { given, universeDomain, isRest }: SettledOptions,
  environment: Environment,
): ClientCertSource | undefined {
  if (isRest || environment["GOOGLE_API_USE_CLIENT_CERTIFICATE"] !== "true") return undefined;
  if (universeDomain !== DEFAULT_UNIVERSE_DOMAIN) {
    throw new Error("mTLS is not supported outside of googleapis.com universe domain.");
  }
  const { cert, key } = given;
  return cert && key ? () => ({ cert, key }) : machineCertSource(environment);
}

function chooseHost({ given, servicePath }: SettledOptions, environment: Environment, hasCertificate: boolean): string {
  const mode = environment["GOOGLE_API_USE_MTLS_ENDPOINT"];
  const isMtls = mode !== "never" && (mode === "always" || hasCertificate);
  if (!isMtls || given.servicePath || given.apiEndpoint) return servicePath;
  return servicePath.replace("googleapis.com", "mtls.googleapis.com");
}

async function checkUniverse({ options, auth, isAuthUsed }: OpenInputs): Promise<void> {
  const { given, universeDomain } = options;
  const universe =
    given.sslCreds !== undefined && !isAuthUsed && !namesCredentials(given)
      ? // No token will be needed: what the key says is enough, and no key is fine.
        universeOfKey(given)
      : await universeOfAuth(auth());
  if (universe === undefined || universe === universeDomain) return;
  // The original repeats whatever the key file holds there.
  const found = isUniverseDomain(String(universe)) ? universe : "not a domain";
  throw new Error(
    `The configured universe domain (${universeDomain}) does not match the universe domain found in the credentials (${found}). ` +
      "If you haven't configured the universe domain explicitly, googleapis.com is the default.",
  );
}

/** Whether credentials are given in a form that only google-auth-library knows. */
function namesCredentials(given: SettledOptions["given"]): boolean {
  const { auth, authClient, keyFile, keyFilename, clientOptions, apiKey } = given;
  return [auth, authClient, keyFile, keyFilename, clientOptions, apiKey].some(Boolean);
}

/** The option takes precedence over the key, as in google-auth-library. */
function universeOfKey({ credentials, universeDomain, universe_domain }: SettledOptions["given"]): string | undefined {
  if (!credentials) return undefined;
  const chosen = universeDomain ?? universe_domain;
  if (chosen) return chosen;
  const universe: unknown = Reflect.get(credentials, "universe_domain");
  return typeof universe === "string" && universe !== "" ? universe : DEFAULT_UNIVERSE_DOMAIN;
}

async function chooseCredentials(inputs: OpenInputs, host: string): Promise<TokenProvider | undefined> {
  const { options, environment, auth, isAuthUsed, onKey, scopes } = inputs;
  checkPaths(options, environment);
  const needsNone = options.given.sslCreds !== undefined && !options.isRest;
  // Whoever has asked for `auth` may have changed it.
  const key = needsNone || isAuthUsed ? undefined : keyCredentials(options, scopes, environment, systemClock);
  if (key !== undefined) {
    onKey(key);
    return key;
  }
  await checkUniverse(inputs);
  if (needsNone) return undefined;
  const problemOf = (error: unknown): string | undefined => problemOfKeyFile(error, options, environment);
  const client = await authClientOf(auth(), problemOf);
  return new GoogleAuthCredentials(client, `https://${host}/${API_NAME}`, problemOf);
}

interface Connection {
  readonly target: string;
  readonly isInsecure: boolean;
  readonly certSource: ClientCertSource | undefined;
  readonly environment: Environment;
  readonly endpointVariable: string | undefined;
}

interface Transports {
  readonly transport: Transport;
  readonly openGrpcJs: OpenService["openGrpcJs"];
  /** Cancels what is in flight and closes what was opened. */
  close(): Promise<unknown>;
}

function openTransports(
  options: SettledOptions,
  { target, isInsecure, certSource, environment, endpointVariable }: Connection,
): Transports {
  const { given, isRest } = options;
  const proxy = resolveProxyOf({ target, isInsecure }, isRest ? "rest" : "grpc", environment);
  if (isRest) {
    const transport = buildTransport("rest", { target, isInsecure, endpointVariable, ...proxy });
    return { transport, openGrpcJs: undefined, close: () => transport.close(0) };
  }
  const channelOptions = channelOptionsOf(given);
  const needsGrpcJs = Boolean(given.sslCreds || given.grpc) || Object.keys(channelOptions).length > 0;
  const settings = {
    target,
    isInsecure,
    ...(isInsecure ? {} : resolveGrpcTrust(environment)),
    endpointVariable,
    ...proxy,
    clientCertSource: given.sslCreds === undefined ? certSource : undefined,
    channelCredentials: given.sslCreds,
    channelClass: given.grpc?.Channel,
    channelOptions,
    logger: loggerOf(environment),
  };
  let grpcJs: Transport | undefined;
  const openGrpcJs = (): Transport => {
    grpcJs ??= buildTransport("grpc-js", settings);
    return grpcJs;
  };
  const transport = needsGrpcJs ? openGrpcJs() : buildTransport("grpc", settings);
  return { transport, openGrpcJs, close: () => Promise.all([transport.close(0), grpcJs?.close(0)]) };
}

function loggerOf(environment: Environment): Logger | undefined {
  return resolveLogger(undefined, environment, IAM_CREDENTIALS.logName ?? IAM_CREDENTIALS.hostPrefix);
}

interface Opened {
  readonly target: string;
  readonly isInsecure: boolean;
  readonly transport: Transport;
  readonly tokenProvider: TokenProvider | undefined;
}

function buildRuntime(options: SettledOptions, environment: Environment, opened: Opened): ClientRuntime {
  const { target, isInsecure, transport, tokenProvider } = opened;
  const { servicePath, universeDomain } = options;
  const clientTokens = clientTokensOf(options, transport);
  const telemetry = new Telemetry({
    system: transport.kind,
    target,
    tracerProvider: undefined,
    meterProvider: undefined,
  });
  const logger = loggerOf(environment);
  return {
    service: IAM_CREDENTIALS,
    // Only lookups ask for it, and the drop-in makes none.
    clientCertSource: undefined,
    endpoint: { apiEndpoint: servicePath, target, universeDomain, isInsecure, isEmulator: false, rule: "apiEndpoint" },
    transport,
    ownsTransport: true,
    tokenProvider,
    quotaProjectId: undefined,
    universeGuard: undefined,
    observation: new Observation(logger, telemetry),
    clientTokens,
    clientHeader: clientTokens.join(" "),
    planFor: defaultCallPlan,
    clock: systemClock,
  };
}

/** In the order of the original, with our version for those of google-gax and of the package. */
function clientTokensOf({ given }: SettledOptions, transport: Transport): readonly string[] {
  const { libName, libVersion } = given;
  const tokens = [`gax/${VERSION}`, `gapic/${VERSION}`, `gl-node/${process.versions.node}`];
  if (transport.clientToken !== undefined) tokens.push(transport.clientToken);
  if (libName && libVersion) tokens.push(`${libName}/${libVersion}`);
  return tokens;
}
