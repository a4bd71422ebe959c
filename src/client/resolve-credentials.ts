// SPDX-License-Identifier: Apache-2.0
// Who authorizes the calls of a client, which project is charged for quota, and in which universe: from options and environment.

import { ApiKeyTokenProvider } from "../auth/api-key.js";
import { LibraryTokenProvider } from "../auth/google-library/library-token-provider.js";
import { type Credentials, resolveTokenProvider } from "../auth/resolve-token-provider.js";
import { ServiceAccountTokenProvider } from "../auth/service-account.js";
import { UserTokenProvider } from "../auth/user-token-provider.js";
import type { Clock } from "../base/clock.js";
import type { Environment } from "../base/environment.js";
import { ConfigurationError } from "../base/errors.js";
import { isLoopback } from "../base/socket/loopback.js";
import type { TokenProvider } from "../base/token-provider.js";
import type { ServiceDescription } from "../rpc/method/method.js";
import type { Transport } from "../rpc/transport/transport.js";
import type { Endpoint } from "./endpoint/resolve-endpoint.js";
import { UniverseGuard } from "./universe-guard.js";

/** The options that the choice depends on; see those of the client. */
interface CredentialsChoice {
  /** See the client's option. */
  readonly credentials?: Credentials | undefined;
  /** See the client's option. */
  readonly credentialsFile?: string | URL | undefined;
  /** See the client's option. */
  readonly apiKey?: string | undefined;
  /** See the client's option. */
  readonly scopes?: string | readonly string[] | undefined;
  /** See the client's option. */
  readonly apiAudience?: string | undefined;
  /** See the client's option. */
  readonly quotaProjectId?: string | undefined;
  /** See the client's option. */
  readonly checkUniverseDomain?: boolean | undefined;
  /** See the client's option. */
  readonly allowInsecureToken?: boolean | undefined;
  /** See the client's option; only its presence matters here. */
  readonly channel?: object | undefined;
  /** See the client's option; all that matters here is whether it is a transport, which has its own credentials. */
  readonly transport?: string | Transport | object | undefined;
}

/** What else the choice depends on. */
interface CredentialsSurroundings {
  readonly service: ServiceDescription;
  readonly endpoint: Endpoint;
  readonly environment: Environment;
  readonly clock: Clock;
}

/** The choice. */
interface ResolvedCredentials {
  /** `undefined`: calls go out without authorization of ours. */
  readonly tokenProvider: TokenProvider | undefined;
  readonly quotaProjectId: string | undefined;
  /** Checks the universe of the credentials before their first token is sent; `undefined`: no check. */
  readonly universeGuard: UniverseGuard | undefined;
}

/** The variable that names the project to charge. */
const QUOTA_VARIABLE = "GOOGLE_CLOUD_QUOTA_PROJECT";

/** The bearer token that an emulator accepts as a principal with every role. Not a secret. */
export const EMULATOR_OWNER: TokenProvider = { getRequestMetadata: () => ({ authorization: "Bearer owner" }) };

/**
 * Checks for conflicting credentials options. Source: the constructor of Python's client.
 *
 * @throws ConfigurationError naming both options
 */
export function checkCredentialsOptions(options: CredentialsChoice): void {
  const { credentials, credentialsFile, apiKey, scopes } = options;
  const given = Object.entries({ credentials, credentialsFile, apiKey }).filter(([, value]) => value !== undefined);
  const [first, second] = given.map(([name]) => name);
  if (second !== undefined) throw new ConfigurationError(`${first} and ${second}: set one of them, not both`);
  if (!isTransport(options.transport)) return;
  if (first !== undefined) {
    throw new ConfigurationError(
      `transport and ${first}: a transport instance brings its own credentials (tokenProvider)`,
    );
  }
  if (scopes !== undefined) {
    throw new ConfigurationError(
      "transport and scopes: a transport instance brings its own credentials, with their scopes",
    );
  }
}

/** Whether the option `transport` is a transport made by the caller. */
export function isTransport(transport: CredentialsChoice["transport"]): transport is Transport {
  return typeof transport === "object";
}

/**
 * Decides who authorizes calls.
 *
 * @throws ConfigurationError naming the option or variable that is wrong
 */
export function resolveCredentials(
  options: CredentialsChoice,
  surroundings: CredentialsSurroundings,
): ResolvedCredentials {
  const { endpoint, environment } = surroundings;
  const isFound = options.credentials === undefined && options.apiKey === undefined && !isTransport(options.transport);
  const tokenProvider = chooseTokenProvider(options, surroundings);
  const isOurs = tokenProvider !== undefined && tokenProvider !== EMULATOR_OWNER;
  // The variable applies to credentials that were found or read from a file, never to those passed in.
  const fromEnvironment = isFound && isOurs ? environment[QUOTA_VARIABLE] || undefined : undefined;
  const guard =
    isOurs && options.checkUniverseDomain !== false && !isTransport(options.transport)
      ? new UniverseGuard(endpoint.universeDomain, tokenProvider)
      : undefined;
  // Anything that can be checked now is checked now.
  const isKnown =
    tokenProvider?.getUniverseDomain === undefined ||
    tokenProvider instanceof ServiceAccountTokenProvider ||
    tokenProvider instanceof LibraryTokenProvider ||
    tokenProvider instanceof UserTokenProvider;
  if (isKnown) guard?.check();
  return {
    tokenProvider,
    quotaProjectId: options.quotaProjectId ?? resolveQuotaProject(fromEnvironment),
    universeGuard: guard?.hasPassed ? undefined : guard,
  };
}

function resolveQuotaProject(fromEnvironment: string | undefined): string | undefined {
  if (fromEnvironment === undefined || /^[\x21-\x7e]+$/.test(fromEnvironment)) return fromEnvironment;
  throw new ConfigurationError(`${QUOTA_VARIABLE}: must be a project ID, not ${JSON.stringify(fromEnvironment)}`);
}

/** The scopes of an option that also accepts a single one as text. */
export function scopesFromOption(scopes: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof scopes === "string" ? [scopes] : scopes;
}

function chooseTokenProvider(
  options: CredentialsChoice,
  { service, endpoint, environment, clock }: CredentialsSurroundings,
): TokenProvider | undefined {
  if (isTransport(options.transport)) return options.transport.tokenProvider;
  const { credentials, credentialsFile, apiKey, scopes } = options;
  const isExplicit = credentials !== undefined || credentialsFile !== undefined || apiKey !== undefined;
  if (options.channel !== undefined && !isExplicit) return undefined;
  if (endpoint.isEmulator && !isExplicit) return EMULATOR_OWNER;
  if (endpoint.isInsecure && !isLoopback(endpoint.target) && options.allowInsecureToken !== true) {
    const why = endpoint.isEmulator ? service.emulatorVariable : "insecure";
    throw new ConfigurationError(
      `${why}: a token would be sent to ${endpoint.target} over a plain connection; connect with TLS, or set allowInsecureToken: true`,
    );
  }
  if (apiKey !== undefined) return new ApiKeyTokenProvider(apiKey);
  return resolveTokenProvider({
    credentials,
    credentialsFile,
    scopes: scopesFromOption(scopes),
    defaultScopes: service.scopes,
    audience: options.apiAudience ?? `https://${service.hostPrefix}.googleapis.com/`,
    environment,
    emulatorHost: environment[service.emulatorVariable] || undefined,
    clock,
  });
}
