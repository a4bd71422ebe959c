// SPDX-License-Identifier: Apache-2.0
// Application default credentials, through google-auth-library, which is loaded only when they are asked for.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CredentialsError } from "../base/errors.js";
import type { RequestMetadata, TokenProvider } from "../base/token-provider.js";
import {
  type GoogleAuthClientLike,
  messageOf,
  metadataFromHeaders,
  universeOf,
  withoutRequest,
} from "./google-auth-library.js";

/** Where to look and what for. */
export interface ApplicationDefaultSettings {
  /** Scopes that the user asked for. */
  readonly scopes: readonly string[] | undefined;
  /** Scopes where the user asked for none. */
  readonly defaultScopes: readonly string[];
  /** What the token is for: the audience of a JWT that the library signs itself. */
  readonly url: string;
  /** A credentials file of any type, instead of the search. */
  readonly file: string | undefined;
  /** The variables that the search depends on, for the error that says what was tried. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Finds credentials as Google's libraries do: the variable, gcloud's file, the metadata server. Looks at the first call. */
export class ApplicationDefaultTokenProvider implements TokenProvider {
  readonly #settings: ApplicationDefaultSettings;
  #auth: GoogleAuthClientLike | undefined;

  constructor(settings: ApplicationDefaultSettings) {
    this.#settings = settings;
  }

  async getRequestMetadata(): Promise<RequestMetadata> {
    return this.#ask(async (auth) => metadataFromHeaders(await auth.getRequestHeaders(this.#settings.url)));
  }

  getUniverseDomain(): Promise<string> {
    return this.#ask(universeOf);
  }

  async #ask<T>(question: (auth: GoogleAuthClientLike) => Promise<T>): Promise<T> {
    try {
      this.#auth ??= this.#load();
      return await question(this.#auth);
    } catch (error) {
      // A search that failed is not remembered: the metadata server of a new pod answers after some seconds.
      this.#auth = undefined;
      loadLibrary().gcpMetadata.resetIsAvailableCache();
      const cause = withoutRequest(error);
      throw new CredentialsError(`${this.#whatWasTried()} (${messageOf(cause)})`, { cause });
    }
  }

  #load(): GoogleAuthClientLike {
    const { GoogleAuth } = loadLibrary();
    const { scopes, defaultScopes, file } = this.#settings;
    const auth = new GoogleAuth({
      ...(scopes === undefined ? {} : { scopes: [...scopes] }),
      ...(file === undefined ? {} : { keyFilename: file }),
    });
    auth.defaultScopes = [...defaultScopes];
    // A service-account key that is found signs for itself, as one that is given does: no token endpoint is asked.
    auth.useJWTAccessWithScope = true;
    return auth;
  }

  #whatWasTried(): string {
    const { file, environment } = this.#settings;
    if (file !== undefined) return `credentialsFile: no token could be had with ${file}`;
    const named = environment["GOOGLE_APPLICATION_CREDENTIALS"];
    const gcloudFile = join(gcloudFolder(environment), "application_default_credentials.json");
    const tried = [
      "the option credentials (not given)",
      `GOOGLE_APPLICATION_CREDENTIALS (${named === undefined || named === "" ? "not set" : describeFile(named)})`,
      describeFile(gcloudFile),
      "the metadata server",
    ];
    return (
      `no credentials gave a token; tried in turn: ${tried.join(", ")}. ` +
      "Give the option credentials, or run: gcloud auth application-default login"
    );
  }
}

function loadLibrary(): typeof import("google-auth-library") {
  return require("google-auth-library");
}

function describeFile(path: string): string {
  return existsSync(path) ? `${path}, which exists` : `${path}, which does not exist`;
}

function gcloudFolder(environment: ApplicationDefaultSettings["environment"]): string {
  const appData = process.platform === "win32" ? environment["APPDATA"] : undefined;
  return environment["CLOUDSDK_CONFIG"] ?? join(appData ?? join(homedir(), ".config"), "gcloud");
}
