// SPDX-License-Identifier: Apache-2.0
// Accepts clients of google-auth-library as credentials, by shape, from any major version since 9. Does not load the library.

import { CredentialsError } from "../../base/errors.js";
import { DEFAULT_UNIVERSE_DOMAIN } from "../../base/options/google-names.js";
import { describeForeignError, secretsOfInfo } from "../../base/secrets/foreign-error.js";
import type { RequestMetadata, TokenProvider } from "../../base/token-provider.js";

/**
 * What an `AuthClient` or a `GoogleAuth` of google-auth-library has in common: majors from 10 on answer with a `Headers`, 9 with
 * a plain object.
 */
export interface GoogleAuthClientLike {
  /** Headers that authorize a request to a URL. */
  getRequestHeaders(url?: string): Promise<object>;
  /** `GoogleAuth` has this. */
  getUniverseDomain?(): Promise<string>;
  /** An `AuthClient` has this. */
  readonly universeDomain?: string | undefined;
}

/** The universe of a client of google-auth-library; one that knows none is in `googleapis.com`. */
async function universeOf(client: GoogleAuthClientLike): Promise<string> {
  const universe =
    typeof client.getUniverseDomain === "function" ? await client.getUniverseDomain() : client.universeDomain;
  return universe ?? DEFAULT_UNIVERSE_DOMAIN;
}

/** Asks a client of google-auth-library before each attempt; the library keeps the token. */
export class GoogleAuthTokenProvider implements TokenProvider {
  readonly #client: GoogleAuthClientLike;
  readonly #url: string;

  /** @param url what the token is for: the audience of a JWT that the library signs itself */
  constructor(client: GoogleAuthClientLike, url: string) {
    this.#client = client;
    this.#url = url;
  }

  async getRequestMetadata(): Promise<RequestMetadata> {
    return metadataFromHeaders(await this.#ask((client) => client.getRequestHeaders(this.#url)));
  }

  getUniverseDomain(): Promise<string> {
    return this.#ask(universeOf);
  }

  async #ask<T>(question: (client: GoogleAuthClientLike) => Promise<T>): Promise<T> {
    try {
      return await question(this.#client);
    } catch (error) {
      const { text, cause } = describeForeignError(error, secretsOfClient(this.#client));
      throw new CredentialsError(`could not get a token from the given credentials: ${text}`, { cause });
    }
  }
}

/** Lower-case pairs of a `Headers` or of a plain object. */
export function metadataFromHeaders(headers: object): RequestMetadata {
  const pairs = headers instanceof Headers || isIterable(headers) ? [...headers] : Object.entries(headers);
  return Object.fromEntries(pairs.map(([key, value]) => [String(key).toLowerCase(), String(value)]));
}

function isIterable(value: object): value is Iterable<readonly [unknown, unknown]> {
  return Symbol.iterator in value;
}

/** What the library's clients hold that must not be repeated, as far as it is visible. */
export function secretsOfClient(client: object): readonly string[] {
  const members = ["_clientSecret", "_refreshToken", "refreshToken", "key", "privateKey", "apiKey"];
  const held = members.map((name) => Reflect.get(client, name)).filter((value) => typeof value === "string");
  return [...held, ...secretsOfInfo(Reflect.get(client, "credentials"))];
}
