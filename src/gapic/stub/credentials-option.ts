// SPDX-License-Identifier: Apache-2.0
// Who calls, for the drop-in, if it is not just a key: google-auth-library as the original sets it up. Knows no call.

import { providerFromInfo } from "../../auth/credentials-info.js";
import { readCredentialsFile } from "../../auth/files/credentials-file.js";
import { adaptExchange, adaptExecutable, quietClientOptions } from "../../auth/google-library/google-library.js";
import { metadataFromHeaders, secretsOfClient } from "../../auth/google-library/library-clients.js";
import { Status, statusName } from "../../base/causes/status.js";
import { systemClock } from "../../base/clock.js";
import type { Environment } from "../../base/environment.js";
import { ConfigurationError, RpcError } from "../../base/errors.js";
import { resolveGivenPath } from "../../base/given-path.js";
import { describeForeignError, isOfEngine, secretsOfInfo } from "../../base/secrets/foreign-error.js";
import type { RequestMetadata, TokenProvider } from "../../base/token-provider.js";
import { type AuthClient, type GoogleAuth, newGoogleAuth } from "./auth-library.js";
import type { SettledOptions } from "./gax-client-options.js";

/** Makes the `auth` of a client, or takes the one that was given. @param scopes those of the service */
export function buildAuth(options: SettledOptions, scopes: readonly string[]): GoogleAuth {
  const { given, servicePath, defaultServicePath, isRest } = options;
  const isDefaultHost = servicePath === defaultServicePath;
  const auth =
    given.auth || (isRest ? asAuth(given.authClient) : undefined) || newGoogleAuth(authOptions(options, scopes));
  auth.useJWTAccessWithScope = true;
  auth.defaultServicePath = defaultServicePath;
  if (isDefaultHost) auth.defaultScopes = [...scopes];
  return auth;
}

/** What the library makes an `auth` from. Copies, since it writes to what it is given. */
function authOptions({ given, servicePath, defaultServicePath }: SettledOptions, scopes: readonly string[]) {
  const universeDomain = given.universeDomain ?? given.universe_domain;
  return {
    ...given,
    clientOptions: { ...quietClientOptions(), ...given.clientOptions },
    ...(universeDomain === undefined ? {} : { universeDomain }),
    ...(servicePath === defaultServicePath || "scopes" in given ? {} : { scopes: [...scopes] }),
  };
}

/** Over REST the original takes an `authClient` for the `auth` itself. */
function asAuth(client: AuthClient | undefined): GoogleAuth | undefined {
  return client as unknown as GoogleAuth | undefined; // as: it has what is used here
}

/**
 * Refuses the contents of a file in place of a path, which the library would repeat in its error.
 *
 * @throws ConfigurationError naming the option or variable
 */
export function checkPaths(options: SettledOptions, environment: Environment): void {
  const file = namedFile(options, environment);
  if (file !== undefined) resolveGivenPath(file.path, file.name);
}

function namedFile(
  { given }: SettledOptions,
  environment: Environment,
): { readonly name: string; readonly path: string } | undefined {
  const { auth, authClient, credentials, apiKey, keyFilename, keyFile } = given;
  if (auth || authClient || credentials || apiKey) return undefined;
  const variable = environment["GOOGLE_APPLICATION_CREDENTIALS"];
  if (keyFilename) return { name: "keyFilename", path: keyFilename };
  if (keyFile) return { name: "keyFile", path: keyFile };
  return variable ? { name: "GOOGLE_APPLICATION_CREDENTIALS", path: variable } : undefined;
}

/**
 * What is wrong with the key file that is named, where the library has only its parser's words for it; `undefined`: nothing that is known.
 */
export function problemOfKeyFile(
  error: unknown,
  options: SettledOptions,
  environment: Environment,
): string | undefined {
  const file = namedFile(options, environment);
  if (file === undefined || typeof error !== "object" || error === null || !isOfEngine(error)) return undefined;
  const { name } = file;
  try {
    const settings = { name, scopes: undefined, defaultScopes: [], audience: "", clock: systemClock };
    providerFromInfo(readCredentialsFile(file.path, name), settings);
    return undefined;
  } catch (problem) {
    return problem instanceof ConfigurationError ? problem.message : undefined;
  }
}

/** What an `auth` answers; its error in a form that repeats no secret. */
export async function askAuth<T>(
  auth: GoogleAuth | AuthClient,
  ask: () => Promise<T>,
  problemOf?: (error: unknown) => string | undefined,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const problem = problemOf?.(error);
    if (problem !== undefined) throw new ConfigurationError(problem);
    throw describeForeignError(error, [...secretsOfClient(auth), ...secretsOfInfo(Reflect.get(auth, "jsonContent"))])
      .cause;
  }
}

/** The client behind an `auth`; an `AuthClient` is its own. Rejects when there are no credentials. */
export async function authClientOf(
  auth: GoogleAuth | AuthClient,
  problemOf?: (error: unknown) => string | undefined,
): Promise<AuthClient> {
  const isAuth = "getClient" in auth && typeof auth.getClient === "function";
  const client = isAuth ? await askAuth(auth, () => auth.getClient(), problemOf) : (auth as AuthClient); // as: see buildAuth
  adaptExchange(client);
  adaptExecutable(client);
  return client;
}

/** The universe of the credentials, if they name one. */
export async function universeOfAuth(auth: GoogleAuth | AuthClient): Promise<string | undefined> {
  return "getUniverseDomain" in auth && typeof auth.getUniverseDomain === "function"
    ? auth.getUniverseDomain()
    : (auth as AuthClient).universeDomain; // as: see buildAuth
}

/** Codes that only a service may give. Source: gRFC A54. */
const SERVICE_ONLY: readonly string[] = [
  "OK",
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "DATA_LOSS",
];

/** Asks a client of google-auth-library before each attempt. A failure looks as it does when a channel asks. */
export class GoogleAuthCredentials implements TokenProvider {
  readonly #client: AuthClient;
  readonly #url: string;
  readonly #problemOf: (error: unknown) => string | undefined;

  /**
   * @param url what the token is for: the audience of a JWT that the library signs itself without scopes
   * @param problemOf says what is wrong in better words than the library's, if there are any
   */
  constructor(client: AuthClient, url: string, problemOf: (error: unknown) => string | undefined = () => undefined) {
    this.#client = client;
    this.#url = url;
    this.#problemOf = problemOf;
  }

  async getRequestMetadata(): Promise<RequestMetadata> {
    try {
      return metadataFromHeaders(await this.#client.getRequestHeaders(this.#url));
    } catch (error) {
      const { text, cause } = describeForeignError(error, secretsOfClient(this.#client));
      const why = this.#problemOf(error) ?? text;
      const given: unknown = Object(error).code;
      const code = typeof given === "number" ? given : Status.UNKNOWN;
      const told = `Getting metadata from plugin failed with error: ${why}`;
      const isForbidden = SERVICE_ONLY.includes(statusName(code));
      throw new RpcError({
        code: isForbidden ? Status.INTERNAL : code,
        text: isForbidden ? `Invalid status from control plane: ${code} ${statusName(code)} ${told}` : told,
        method: "credentials",
        transport: "none",
        cause,
      });
    }
  }
}
