// SPDX-License-Identifier: Apache-2.0
// Which token provider stands behind the credentials that a client was given. Asks for no token.

import type { Clock } from "../base/clock.js";
import { ConfigurationError } from "../base/errors.js";
import type { TokenProvider } from "../base/token-provider.js";
import { ApplicationDefaultTokenProvider } from "./application-default.js";
import { type GoogleAuthClientLike, GoogleAuthTokenProvider } from "./google-auth-library.js";
import {
  isServiceAccountInfo,
  readCredentialsFile,
  type ServiceAccountInfo,
  ServiceAccountTokenProvider,
} from "./service-account.js";

/**
 * Anything that a client takes as credentials: a provider of your own, a client or `GoogleAuth` of google-auth-library (9 or
 * newer), or the contents of a service-account key file.
 */
export type Credentials = TokenProvider | GoogleAuthClientLike | ServiceAccountInfo;

/** What the choice rests on. */
export interface CredentialsInputs {
  /** The option of that name. */
  readonly credentials: Credentials | undefined;
  /** The option of that name. */
  readonly credentialsFile: string | undefined;
  /** Scopes that the user asked for. */
  readonly scopes: readonly string[] | undefined;
  /** Scopes where the user asked for none. */
  readonly defaultScopes: readonly string[];
  /** `https://iamcredentials.googleapis.com/`, the audience of self-signed JWTs. */
  readonly audience: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

/**
 * The provider for the credentials given, else for application default credentials.
 *
 * @throws ConfigurationError naming the option that is wrong
 */
export function resolveTokenProvider(inputs: CredentialsInputs): TokenProvider {
  const { credentials, credentialsFile } = inputs;
  if (credentials !== undefined && credentialsFile !== undefined) {
    throw new ConfigurationError("credentials and credentialsFile: give one of them, not both");
  }
  if (credentials !== undefined) return fromCredentials(credentials, inputs);
  if (credentialsFile === undefined) return applicationDefault(inputs, undefined);
  const info = readCredentialsFile(credentialsFile, "credentialsFile");
  return isServiceAccountInfo(info) ? fromKey(info, inputs) : applicationDefault(inputs, credentialsFile);
}

function fromCredentials(credentials: Credentials, inputs: CredentialsInputs): TokenProvider {
  if (typeof credentials === "object" && credentials !== null) {
    if ("getRequestMetadata" in credentials && typeof credentials.getRequestMetadata === "function") return credentials;
    if ("getRequestHeaders" in credentials && typeof credentials.getRequestHeaders === "function") {
      return new GoogleAuthTokenProvider(credentials, inputs.audience);
    }
    if (isServiceAccountInfo(credentials)) return fromKey(credentials, inputs);
  }
  throw new ConfigurationError(
    "credentials: must be a TokenProvider, a client of google-auth-library, or the contents of a service-account key file",
  );
}

function fromKey(info: ServiceAccountInfo, { scopes, audience, clock }: CredentialsInputs): TokenProvider {
  return new ServiceAccountTokenProvider(info, { scopes, audience }, clock);
}

function applicationDefault(inputs: CredentialsInputs, file: string | undefined): TokenProvider {
  const { scopes, defaultScopes, audience, environment } = inputs;
  return new ApplicationDefaultTokenProvider({ scopes, defaultScopes, url: audience, file, environment });
}
