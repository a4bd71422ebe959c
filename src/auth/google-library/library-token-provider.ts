// SPDX-License-Identifier: Apache-2.0
// Tokens through a client of google-auth-library that is made here from the contents of a credentials file: a user's login, an external
// account, an impersonated account. The library is loaded at the first call, and keeps the token.

import { CLOUD_PLATFORM_SCOPE, DEFAULT_UNIVERSE_DOMAIN } from "../../base/options/google-names.js";
import type { RequestMetadata, TokenProvider } from "../../base/token-provider.js";
import type { CredentialsInfo } from "../files/credentials-file.js";
import { adaptExchange, adaptExecutable, loadGoogleLibrary, quietClientOptions } from "./google-library.js";
import { type GoogleAuthClientLike, metadataFromHeaders } from "./library-clients.js";
import { type NamedCredentials, tokenFailure } from "./token-failure.js";

/** What the token is for, and what to call its credentials. */
interface LibraryTokenSettings extends NamedCredentials {
  readonly scopes: readonly string[];
  /** What the token is for, if the library signs it itself. */
  readonly audience: string;
}

/** Asks a client of google-auth-library before each attempt. */
export class LibraryTokenProvider implements TokenProvider {
  readonly #info: CredentialsInfo;
  readonly #settings: LibraryTokenSettings;
  #client: GoogleAuthClientLike | undefined;

  /** @param info the contents of the file, checked */
  constructor(info: CredentialsInfo, settings: LibraryTokenSettings) {
    this.#info = info;
    this.#settings = settings;
  }

  async getRequestMetadata(): Promise<RequestMetadata> {
    try {
      this.#client ??= buildClient(this.#info, this.#settings);
      return metadataFromHeaders(await this.#client.getRequestHeaders(this.#settings.audience));
    } catch (error) {
      // Its state may be what is wrong, so the next attempt gets a new one.
      this.#client = undefined;
      throw tokenFailure(error, this.#info, this.#settings);
    }
  }

  getUniverseDomain(): string {
    return universeOfInfo(this.#info);
  }
}

/** The universe that the contents name, also in their source or in the host of their impersonation URL; else Google's default. */
export function universeOfInfo(info: CredentialsInfo): string {
  return namedUniverse(info) ?? DEFAULT_UNIVERSE_DOMAIN;
}

/** The same; `undefined` where they name none. */
export function namedUniverse(info: CredentialsInfo): string | undefined {
  const source = info["source_credentials"];
  const ofSource = typeof source === "object" && source !== null ? Reflect.get(source, "universe_domain") : undefined;
  const named = [info["universe_domain"], ofSource].find((each) => typeof each === "string" && each !== "");
  return typeof named === "string" ? named : universeOfHost(info["service_account_impersonation_url"]);
}

/** `u.example` from `https://iamcredentials.u.example/…`, or from one of its regional hosts. */
function universeOfHost(url: unknown): string | undefined {
  if (typeof url !== "string" || !URL.canParse(url)) return undefined;
  const { hostname, protocol } = new URL(url);
  const [, domain] = /^iamcredentials(?:\.mtls|\.[a-z0-9-]+\.rep)?\.(.+)$/.exec(hostname) ?? [];
  return protocol === "https:" ? domain : undefined;
}

function buildClient(info: CredentialsInfo, { scopes, audience }: LibraryTokenSettings): GoogleAuthClientLike {
  const library = loadGoogleLibrary();
  const options = quietClientOptions();
  const contents = info as never; // as: what it must have is checked; the library checks the rest
  // Copies are spread: Object.assign would make a member "__proto__" of the file the prototype, with URLs that nobody has checked.
  switch (info["type"]) {
    case "authorized_user": {
      const client = new library.UserRefreshClient(options);
      client.fromJSON(contents);
      return client;
    }
    case "external_account": {
      const client = library.ExternalAccountClient.fromJSON({ ...info, ...options } as never); // as: likewise
      if (client === null) throw new Error("the credentials are not of an external account");
      client.scopes = [...scopes];
      adaptExchange(client);
      adaptExecutable(client);
      return client;
    }
    case "external_account_authorized_user":
      return new library.ExternalAccountAuthorizedUserClient({ ...info, ...options } as never); // as: likewise
    case "gdch_service_account": {
      const client = new library.GdchClient(options);
      client.fromJSON(contents);
      return client.createWithGdchAudience(audience);
    }
    default:
      return buildImpersonated(info, scopes);
  }
}

function buildImpersonated(info: CredentialsInfo, scopes: readonly string[]): GoogleAuthClientLike {
  const library = loadGoogleLibrary();
  const url = String(info["service_account_impersonation_url"]);
  const [, encoded] = /\/serviceAccounts\/([^/:]+):generateAccessToken$/.exec(url) ?? [];
  if (encoded === undefined) throw new Error("service_account_impersonation_url: names no target principal");
  const source = { universe_domain: universeOfInfo(info), ...Object(info["source_credentials"]) };
  const delegates = info["delegates"];
  return new library.Impersonated({
    ...quietClientOptions(),
    sourceClient: buildSource(source) as never, // as: a client of the library
    targetPrincipal: encoded.replaceAll("%40", "@"),
    targetScopes: [...scopes],
    delegates: Array.isArray(delegates) ? delegates : [],
    endpoint: new URL(url).origin,
    ...(typeof info["quota_project_id"] === "string" ? { quotaProjectId: info["quota_project_id"] } : {}),
    universeDomain: universeOfInfo(info),
  });
}

function buildSource(source: CredentialsInfo): GoogleAuthClientLike {
  if (source["type"] !== "service_account")
    return buildClient(source, { name: "", scopes: [CLOUD_PLATFORM_SCOPE], audience: "" });
  const client = new (loadGoogleLibrary().JWT)({ ...quietClientOptions(), scopes: [CLOUD_PLATFORM_SCOPE] });
  client.fromJSON(source as never); // as: the library checks what it needs
  return client;
}
