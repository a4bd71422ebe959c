// SPDX-License-Identifier: Apache-2.0
// Application default credentials: the file that the variable names, gcloud's file, the metadata server, in this order. Knows where they
// are, not how they get a token.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../base/environment.js";
import { ConfigurationError, CredentialsError } from "../base/errors.js";
import { resolveGivenPath } from "../base/given-path.js";
import { DEFAULT_UNIVERSE_DOMAIN } from "../base/options/google-names.js";
import type { RequestMetadata, TokenProvider, TokenRequest } from "../base/token-provider.js";
import { type InfoSettings, providerFromInfo } from "./credentials-info.js";
import { readCredentialsFile } from "./files/credentials-file.js";

/** What the token is for, and what the search depends on. */
interface ApplicationDefaultSettings extends Omit<InfoSettings, "name" | "path"> {
  readonly environment: Environment;
}

const VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS";
const LOG_IN = "Set the option credentials, or run: gcloud auth application-default login";

/** Finds credentials as Google's libraries do. Looks on the first call, and again after a failed one. */
export class ApplicationDefaultTokenProvider implements TokenProvider {
  readonly #settings: ApplicationDefaultSettings;
  #found: TokenProvider | Promise<TokenProvider> | undefined;

  /** @throws ConfigurationError when the variable does not hold a path */
  constructor(settings: ApplicationDefaultSettings) {
    this.#settings = settings;
    const named = namedFile(settings.environment);
    if (named !== undefined) resolveGivenPath(named, VARIABLE);
  }

  getRequestMetadata(request: TokenRequest): Promise<RequestMetadata> {
    return this.#ask((provider) => provider.getRequestMetadata(request));
  }

  getUniverseDomain(): Promise<string> {
    return this.#ask((provider) => provider.getUniverseDomain?.() ?? DEFAULT_UNIVERSE_DOMAIN);
  }

  async #ask<T>(question: (provider: TokenProvider) => T | PromiseLike<T>): Promise<T> {
    this.#found ??= this.#find();
    const found = this.#found;
    try {
      return await question(await found);
    } catch (error) {
      // Not remembered: a user may have logged in since, and the metadata server of a new pod answers after some seconds.
      if (this.#found === found) this.#found = undefined;
      throw error;
    }
  }

  async #find(): Promise<TokenProvider> {
    const { environment } = this.#settings;
    const { named, gcloudFile, hasGcloudFile } = findPlaces(environment);
    if (named !== undefined) return this.#fromFile(named, VARIABLE);
    if (hasGcloudFile) return this.#fromFile(gcloudFile, "gcloud's file");
    const { metadataPingHost } =
      require("./metadata-server/metadata-server.js") as typeof import("./metadata-server/metadata-server.js");
    metadataPingHost(environment); // throws if a variable names something that is not a host
    const { hasMetadataServer } =
      require("./metadata-server/metadata-server-detection.js") as typeof import("./metadata-server/metadata-server-detection.js");
    if (await hasMetadataServer(this.#settings)) return this.#ofMachine();
    throw new CredentialsError(
      `no credentials were found: ${VARIABLE} is not set, ${gcloudFile} does not exist, and there is no metadata server. ${LOG_IN}`,
    );
  }

  #fromFile(path: string, name: string): TokenProvider {
    try {
      return providerFromInfo(readCredentialsFile(path, name), { ...this.#settings, name, path });
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const advice =
        name === VARIABLE
          ? `use another file, or unset ${VARIABLE}`
          : "to write it again, run: gcloud auth application-default login";
      throw new CredentialsError(`${error.message}; ${advice}`, { cause: error });
    }
  }

  #ofMachine(): TokenProvider {
    const { ComputeEngineCredentials } =
      require("./metadata-server/compute-engine-credentials.js") as typeof import("./metadata-server/compute-engine-credentials.js");
    const { scopes, defaultScopes, clock } = this.#settings;
    return new ComputeEngineCredentials({ scopes, defaultScopes, clock });
  }
}

/** The files to look at, in order. */
export interface ApplicationDefaultPlaces {
  /** The variable that names a file. */
  readonly variable: string;
  /** The file that it names. */
  readonly named: string | undefined;
  /** Where gcloud writes its file. */
  readonly gcloudFile: string;
  readonly hasGcloudFile: boolean;
}

/** Where to look for credentials files on this machine. */
export function findPlaces(environment: Environment): ApplicationDefaultPlaces {
  const gcloudFile = join(gcloudFolder(environment), "application_default_credentials.json");
  return { variable: VARIABLE, named: namedFile(environment), gcloudFile, hasGcloudFile: existsSync(gcloudFile) };
}

function namedFile(environment: Environment): string | undefined {
  return environment[VARIABLE] || environment[VARIABLE.toLowerCase()] || undefined;
}

function gcloudFolder(environment: Environment): string {
  const appData = process.platform === "win32" ? environment["APPDATA"] : undefined;
  return environment["CLOUDSDK_CONFIG"] || join(appData ?? join(homedir(), ".config"), "gcloud");
}
