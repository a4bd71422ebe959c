// SPDX-License-Identifier: Apache-2.0
// The commonest credentials of the drop-in, a service-account key and nothing else, without google-auth-library: loading that takes
// longer than the call. Whatever needs more than the key, or does not fit, is left to the library and its errors.

import { readCredentialsFile } from "../../auth/files/credentials-file.js";
import {
  isServiceAccountInfo,
  type ServiceAccountInfo,
  ServiceAccountTokenProvider,
} from "../../auth/service-account.js";
import type { Clock } from "../../base/clock.js";
import type { Environment } from "../../base/environment.js";
import { DEFAULT_UNIVERSE_DOMAIN } from "../../base/options/google-names.js";
import type { TokenProvider } from "../../base/token-provider.js";
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
): TokenProvider | undefined {
  const isMore =
    universeDomain !== DEFAULT_UNIVERSE_DOMAIN ||
    Boolean(environment[QUOTA_VARIABLE]) ||
    MORE_THAN_A_KEY.some((name) => given[name] !== undefined);
  if (isMore) return undefined;
  const info = given.credentials ?? readFile(given.keyFilename || given.keyFile || keyPath(environment));
  if (!isPlainKey(info)) return undefined;
  // As there: at a host of its own the JWT is for the scopes of the service; else for the service.
  const asked = servicePath === defaultServicePath || "scopes" in given ? [given.scopes ?? []].flat() : scopes;
  const target = { scopes: asked.length === 0 ? undefined : asked, audience: `https://${defaultServicePath}/` };
  try {
    return new ServiceAccountTokenProvider(info, target, clock);
  } catch {
    return undefined; // The library says what is wrong with the key, in the original's words.
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
