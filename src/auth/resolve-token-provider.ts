// SPDX-License-Identifier: Apache-2.0
// Chooses the token provider for the credentials that a client was given. Asks for no token.

import type { Clock } from "../base/clock.js";
import { ConfigurationError } from "../base/errors.js";
import type { TokenProvider } from "../base/token-provider.js";
import { ApplicationDefaultTokenProvider } from "./application-default.js";
import {
  type InfoSettings,
  isCredentialsInfo,
  type LibraryCredentialsType,
  providerFromInfo,
} from "./credentials-info.js";
import { readCredentialsFile } from "./files/credentials-file.js";
import { type GoogleAuthClientLike, GoogleAuthTokenProvider } from "./google-library/library-clients.js";
import type { ServiceAccountInfo } from "./service-account.js";

/** The contents of a credentials file that is not a service-account key: a user's login, an external or an impersonated account. */
export interface CredentialsFileInfo {
  /** What kind of credentials they are. Required. */
  readonly type: LibraryCredentialsType;
  /** The members of credentials of that type. */
  readonly [member: string]: unknown;
}

/**
 * Anything that a client takes as credentials: a provider of your own, a client or `GoogleAuth` of google-auth-library (9 or
 * newer), or the contents of a credentials file of any type.
 */
export type Credentials = TokenProvider | GoogleAuthClientLike | ServiceAccountInfo | CredentialsFileInfo;

/** What the choice depends on. */
export interface CredentialsInputs {
  /** The option of that name. */
  readonly credentials: Credentials | undefined;
  /** The option of that name. */
  readonly credentialsFile: string | URL | undefined;
  /** Scopes that the user asked for. */
  readonly scopes: readonly string[] | undefined;
  /** Scopes to use when the user asked for none. */
  readonly defaultScopes: readonly string[];
  /** `https://iamcredentials.googleapis.com/`, the audience of self-signed JWTs. */
  readonly audience: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A host besides Google's that the URLs in a file may name: that of an emulator. */
  readonly emulatorHost?: string | undefined;
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
    throw new ConfigurationError("credentials and credentialsFile: set one of them, not both");
  }
  if (credentials !== undefined) return fromCredentials(credentials, inputs);
  if (credentialsFile === undefined) return new ApplicationDefaultTokenProvider(inputs);
  const info = readCredentialsFile(credentialsFile, "credentialsFile");
  return providerFromInfo(info, settingsOf(inputs, "credentialsFile", String(credentialsFile)));
}

function fromCredentials(credentials: Credentials, inputs: CredentialsInputs): TokenProvider {
  if (typeof credentials === "object" && credentials !== null) {
    if ("getRequestMetadata" in credentials && typeof credentials.getRequestMetadata === "function") {
      return credentials as TokenProvider; // as: it has the members of one
    }
    if ("getRequestHeaders" in credentials && typeof credentials.getRequestHeaders === "function") {
      return new GoogleAuthTokenProvider(credentials as GoogleAuthClientLike, inputs.audience); // as: likewise
    }
    if (isCredentialsInfo(credentials)) return providerFromInfo({ ...credentials }, settingsOf(inputs, "credentials"));
  }
  throw new ConfigurationError(
    "credentials: must be a TokenProvider, a client of google-auth-library, or the contents of a credentials file",
  );
}

function settingsOf(inputs: CredentialsInputs, name: string, path?: string): InfoSettings {
  const { scopes, defaultScopes, audience, emulatorHost, clock } = inputs;
  return { name, path, scopes, defaultScopes, audience, emulatorHost, clock };
}
