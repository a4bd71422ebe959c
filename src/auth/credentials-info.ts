// SPDX-License-Identifier: Apache-2.0
// Chooses the provider for the contents of a credentials file, by its `type`. Asks for no token.

import type { Clock } from "../base/clock.js";
import { ConfigurationError } from "../base/errors.js";
import { DEFAULT_UNIVERSE_DOMAIN, isUniverseDomain } from "../base/options/google-names.js";
import { maskSecrets } from "../base/secrets/secret-text.js";
import { isLoopbackHost } from "../base/socket/loopback.js";
import type { TokenProvider } from "../base/token-provider.js";
import { type CredentialsInfo, withoutNulls } from "./files/credentials-file.js";
import { LibraryTokenProvider, universeOfInfo } from "./google-library/library-token-provider.js";
import { isServiceAccountInfo, ServiceAccountTokenProvider } from "./service-account.js";
import { UserTokenProvider } from "./user-token-provider.js";

/** What a provider is for, and where its credentials come from. */
export interface InfoSettings {
  /** What to call the contents in errors: `"credentials"`, `"credentialsFile"`. */
  readonly name: string;
  /** The path of the file, for errors. Default: the contents did not come from a file. */
  readonly path?: string | undefined;
  /** Scopes that the user asked for. */
  readonly scopes: readonly string[] | undefined;
  /** Scopes to use when the user asked for none. */
  readonly defaultScopes: readonly string[];
  /** What the token is for: the audience of a self-signed JWT. */
  readonly audience: string;
  /** A host besides Google's that the URLs in the file may name: that of an emulator. Default: none. */
  readonly emulatorHost?: string | undefined;
  readonly clock: Clock;
}

/** The types that google-auth-library can make a client from, and the members that each must have. */
const REQUIRED = {
  authorized_user: ["client_id", "client_secret", "refresh_token"],
  external_account: ["audience", "subject_token_type", "credential_source"],
  external_account_authorized_user: ["client_id", "client_secret", "refresh_token"],
  gdch_service_account: ["project", "private_key_id", "private_key", "name", "token_uri"],
  impersonated_service_account: ["service_account_impersonation_url", "source_credentials"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The types of credentials files other than service-account keys. */
export type LibraryCredentialsType = keyof typeof REQUIRED;

/** The members that say where secrets are sent. */
const URL_MEMBERS = ["token_url", "token_info_url", "service_account_impersonation_url", "cloud_resource_manager_url"];

/** Members that google-auth-library also takes in another spelling, which would bypass the check of the first. */
const DECISIVE = [...URL_MEMBERS, "universe_domain"];

/** Optional members that must be strings if present. */
const TEXT_MEMBERS = ["quota_project_id", "universe_domain", "private_key_id", "token_uri"];

/** Whether a value looks like the contents of a credentials file: an object with one of these members was meant to be one. */
export function isCredentialsInfo(value: object): boolean {
  return "type" in value || "private_key" in value || "installed" in value || "web" in value;
}

/**
 * The provider of the contents of a credentials file.
 *
 * @throws ConfigurationError naming the type or member that is wrong; never quotes a secret
 */
export function providerFromInfo(given: CredentialsInfo, settings: InfoSettings): TokenProvider {
  const info = withoutNulls(given);
  const type = info["type"];
  if (type === undefined || type === "service_account") return fromKey(info, settings);
  const { name } = settings;
  if (typeof type !== "string" || !Object.hasOwn(REQUIRED, type)) {
    const known = ["service_account", ...Object.keys(REQUIRED)].join(", ");
    throw new ConfigurationError(`${name}.type: ${describeType(type)} is not supported; valid types are ${known}`);
  }
  // as: it is one of the keys, as just checked
  for (const member of REQUIRED[type as LibraryCredentialsType]) {
    if (info[member] === undefined || info[member] === "") {
      throw new ConfigurationError(`${name}.${member}: is missing from credentials of type ${type}`);
    }
  }
  checkMembers(info, settings);
  const { path, scopes, defaultScopes, audience, clock } = settings;
  if (type === "authorized_user") {
    return new UserTokenProvider(info, { name, path, universeDomain: universeOfInfo(info), clock });
  }
  return new LibraryTokenProvider(info, { name, path, scopes: scopes ?? defaultScopes, audience });
}

function fromKey(info: CredentialsInfo, { name, scopes, audience, clock }: InfoSettings): TokenProvider {
  if (isServiceAccountInfo(info)) {
    checkTexts(info, name);
    return new ServiceAccountTokenProvider(info, { scopes, audience }, clock, name);
  }
  if ("installed" in info || "web" in info) {
    throw new ConfigurationError(
      `${name}: is the file of an OAuth client, not of a login; run: gcloud auth application-default login --client-id-file=…`,
    );
  }
  if (info["type"] === undefined) {
    throw new ConfigurationError(`${name}.type: is missing; pass the whole contents of a credentials file`);
  }
  const missing = "client_email" in info ? "private_key" : "client_email";
  throw new ConfigurationError(`${name}.${missing}: is missing; pass the whole service account key file`);
}

function describeType(type: unknown): string {
  return typeof type === "string" && /^\w{1,60}$/.test(type) ? JSON.stringify(maskSecrets(type)) : "the given type";
}

/** Checks the contents, those of their source, and so on: the source of an impersonated account can be another one. */
function checkMembers(given: CredentialsInfo, { name: first, emulatorHost }: InfoSettings): void {
  let info = given;
  // Whoever writes the file chooses the universe, but a client in another universe does not use the credentials. The client sees this
  // universe and none of a source's own.
  const universe = universeOfInfo(given).toLowerCase();
  for (let name = first; ; name = `${name}.source_credentials`) {
    checkTexts(info, name);
    checkSpelling(info, name);
    const own = info["universe_domain"];
    if (own !== undefined && own !== "" && String(own).toLowerCase() !== universe) {
      throw new ConfigurationError(`${name}.universe_domain: must be ${universe}, like that of ${first}`);
    }
    if (info["type"] === "gdch_service_account") checkOwnServer(info, name);
    else checkUrls(info, { name, universe, emulatorHost });
    if (info["type"] !== "impersonated_service_account") return;
    const source = info["source_credentials"];
    if (typeof source !== "object" || source === null) {
      throw new ConfigurationError(`${name}.source_credentials: must be the contents of a credentials file`);
    }
    info = withoutNulls({ ...source });
  }
}

function checkTexts(info: CredentialsInfo, name: string): void {
  for (const member of TEXT_MEMBERS) {
    const value = info[member];
    if (value !== undefined && typeof value !== "string") {
      throw new ConfigurationError(`${name}.${member}: must be a string`);
    }
  }
  const universe = info["universe_domain"];
  if (typeof universe === "string" && universe !== "" && !isUniverseDomain(universe)) {
    throw new ConfigurationError(`${name}.universe_domain: must be a domain such as ${DEFAULT_UNIVERSE_DOMAIN}`);
  }
}

function checkSpelling(info: CredentialsInfo, name: string): void {
  for (const member of DECISIVE) {
    const other = member.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    if (info[other] !== undefined) {
      throw new ConfigurationError(`${name}.${other}: is not a member of a credentials file; write ${member}`);
    }
  }
}

/** The file decides where its secrets are sent. That is why Google's libraries warn about files from external sources. */
function checkUrls(
  info: CredentialsInfo,
  { name, universe, emulatorHost }: Pick<InfoSettings, "name" | "emulatorHost"> & { readonly universe: string },
): void {
  // A key signs its tokens itself, wherever its file says they could be had.
  const members = info["type"] === "authorized_user" ? [...URL_MEMBERS, "token_uri"] : URL_MEMBERS;
  for (const member of members) {
    const value = info[member];
    if (value === undefined || isTrustedUrl(value, { universe, emulatorHost })) continue;
    throw new ConfigurationError(
      `${name}.${member}: must be an https URL of ${universe}, since secrets are sent there; ` +
        "to trust another host, create a google-auth-library client from the file and pass it as credentials",
    );
  }
}

/** A GDCH file names a server of its owner's, whatever its host. */
function checkOwnServer({ token_uri: uri }: CredentialsInfo, name: string): void {
  const { protocol, hostname } = URL.canParse(String(uri)) ? new URL(String(uri)) : { protocol: "", hostname: "" };
  if (protocol === "https:" || isLoopbackHost(hostname)) return;
  throw new ConfigurationError(`${name}.token_uri: must be an https URL, since secrets are sent there`);
}

/** Whether secrets may be sent to a URL from a credentials file: it is Google's, the emulator's or this machine's. */
export function isTrustedUrl(
  value: unknown,
  { universe, emulatorHost }: { readonly universe: string; readonly emulatorHost: string | undefined },
): boolean {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { hostname, host, protocol } = new URL(value);
  if (isLoopbackHost(hostname) || host === emulatorHost) return true;
  return protocol === "https:" && [universe, DEFAULT_UNIVERSE_DOMAIN].some((domain) => hostname.endsWith(`.${domain}`));
}
