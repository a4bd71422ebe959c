// SPDX-License-Identifier: Apache-2.0
// The commonest credentials of the drop-in, a service-account key and nothing else, without google-auth-library: loading that takes
// longer than the call. Whatever needs more than the key, or does not fit, is left to the library and its errors.

import { readCredentialsFile } from "../../auth/files/credentials-file.js";
import {
  isServiceAccountInfo,
  type SelfSignedJwtTarget,
  type ServiceAccountInfo,
  ServiceAccountTokenProvider,
  tidyPem,
} from "../../auth/service-account.js";
import type { Clock } from "../../base/clock.js";
import type { Environment } from "../../base/environment.js";
import { DEFAULT_UNIVERSE_DOMAIN } from "../../base/options/google-names.js";
import type { RequestMetadata, TokenProvider } from "../../base/token-provider.js";
import type { GoogleAuth, JWTInput } from "./auth-library.js";
import { authClientOf, GoogleAuthCredentials } from "./credentials-option.js";
import type { SettledOptions } from "./gax-client-options.js";

/** Options and variables that change what the library makes of a key. */
const MORE_THAN_A_KEY = ["auth", "authClient", "clientOptions", "apiKey", "universeDomain", "universe_domain"] as const;

const QUOTA_VARIABLE = "GOOGLE_CLOUD_QUOTA_PROJECT";

/**
 * What authorizes calls with the key that the options name or the machine has: a JWT that it signs itself, the same as the library's.
 *
 * @param scopes those of the service
 * @returns `undefined`: there is no such key, or more than a key; ask the library
 */
export function keyCredentials(
  { given, defaultServicePath, servicePath, universeDomain }: SettledOptions,
  scopes: readonly string[],
  environment: Environment,
  clock: Clock,
): KeyCredentials | undefined {
  const isMore =
    universeDomain !== DEFAULT_UNIVERSE_DOMAIN ||
    Boolean(environment[QUOTA_VARIABLE]) ||
    MORE_THAN_A_KEY.some((name) => given[name] !== undefined);
  if (isMore) return undefined;
  const info = given.credentials ?? readFile(given.keyFilename || given.keyFile || keyPath(environment));
  if (!isPlainKey(info)) return undefined;
  // As there: at a host of its own the JWT is for the scopes of the service; else for the service.
  const asked = servicePath === defaultServicePath || "scopes" in given ? [given.scopes ?? []].flat() : scopes;
  const target = { scopes: asked.join(" ") === "" ? undefined : asked, audience: `https://${defaultServicePath}/` };
  try {
    return new KeyCredentials(info, target, clock);
  } catch {
    return undefined; // The library says what is wrong with the key, in the original's words.
  }
}

/** A key that signs for itself, until somebody reads `auth`: they may change what the library makes of the key. */
export class KeyCredentials implements TokenProvider {
  readonly #info: ServiceAccountInfo;
  readonly #own: ServiceAccountTokenProvider;
  readonly #audience: string;
  /** Default: nobody has read `auth`. */
  #library: Promise<GoogleAuthCredentials> | undefined;

  /** @throws ConfigurationError when the key is wrong */
  constructor(info: ServiceAccountInfo, target: SelfSignedJwtTarget, clock: Clock) {
    // In the form that the library can read, too.
    this.#info = { ...info, private_key: tidyPem(info.private_key) };
    this.#own = new ServiceAccountTokenProvider(this.#info, target, clock);
    this.#audience = target.audience;
  }

  getRequestMetadata(): RequestMetadata | Promise<RequestMetadata> {
    if (this.#library === undefined) return this.#own.getRequestMetadata();
    return this.#library.then((library) => library.getRequestMetadata());
  }

  /** Makes of an `auth` what it would be if it had authorized the calls so far, and lets it authorize those that come. */
  moveTo(auth: GoogleAuth): void {
    // The contents, since the file may be gone. With them the library has its client at once.
    auth.jsonContent = this.#info as JWTInput; // as: it may have undefined for what is absent
    this.#library = authClientOf(auth).then((client) => new GoogleAuthCredentials(client, this.#audience));
    this.#library.catch(() => {
      this.#library = undefined; // the key still signs
    });
  }
}

function keyPath(environment: Environment): string | undefined {
  return environment["GOOGLE_APPLICATION_CREDENTIALS"] || environment["google_application_credentials"];
}

function readFile(path: string | undefined): unknown {
  if (!path) return undefined;
  try {
    return readCredentialsFile(path, "keyFilename");
  } catch {
    return undefined;
  }
}

function isPlainKey(info: unknown): info is ServiceAccountInfo {
  if (typeof info !== "object" || info === null || !isServiceAccountInfo(info)) return false;
  const { type, universe_domain: universe, private_key_id: keyId, quota_project_id: project } = info;
  const isOfType = type === undefined || type === "service_account";
  return (
    isOfType && (!universe || universe === DEFAULT_UNIVERSE_DOMAIN) && isTextOrNone(keyId) && isTextOrNone(project)
  );
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || (typeof value === "string" && value !== "");
}
