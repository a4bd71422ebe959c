// SPDX-License-Identifier: Apache-2.0
// What all credentials here have in common: a token as metadata for our clients, as an AuthClient for Google's, and by hand. Does not
// know where the token comes from, nor when it is renewed.

import { EventEmitter } from "node:events";
import { isThenable } from "../../base/thenable.js";
import type { RequestMetadata, TokenProvider, TokenRequest } from "../../base/token-provider.js";
import { type HttpRequestOptions, type HttpResponse, requestWithAuthorization } from "./authorized-request.js";
import { bearerOf } from "./bearer-headers.js";
import { REFRESH_MARGIN_MS } from "./refresh-margin.js";
import { RenewingToken, type RenewingTokenSettings } from "./renewing-token.js";
import type { IssuedToken, TokenWaitOptions } from "./token-cache.js";

/** A token as google-auth-library spells it. */
export interface GoogleAuthTokens {
  /** The bearer token. A secret. */
  access_token?: string | null;
  /** When it ends, in milliseconds since the epoch. */
  expiry_date?: number | null;
  /** Always `Bearer`. */
  token_type?: string | null;
}

/**
 * Credentials with one token, renewed before anyone has to wait. They are a {@link TokenProvider} for our clients and satisfy the
 * `AuthClient` contract of google-auth-library 9, 10 and 11, so that every Google client library accepts them as `authClient`.
 */
export abstract class RenewingCredentials extends EventEmitter implements TokenProvider {
  readonly #renewing: RenewingToken;

  /** @throws ConfigurationError when the quota project is not valid */
  protected constructor(settings: RenewingTokenSettings) {
    super();
    this.#renewing = new RenewingToken(settings, (token) => {
      if (this.listenerCount("tokens") > 0) this.emit("tokens", inGoogleSpelling(token));
    });
  }

  /** The universe of these credentials: `"googleapis.com"`. */
  abstract get universeDomain(): string;

  /** The project that is charged for quota, sent as `x-goog-user-project`. Google's libraries may set it. */
  get quotaProjectId(): string | undefined {
    return this.#renewing.quotaProjectId;
  }

  /** Charges another project from the next call on. */
  set quotaProjectId(project: string | undefined) {
    this.#renewing.quotaProjectId = project;
  }

  /** The token that was issued last, good or not; `undefined` before the first. A secret. */
  get token(): string | undefined {
    return this.#renewing.latest?.value;
  }

  /** When that token ends, according to its issuer. */
  get expiry(): Date | undefined {
    const expiresAt = this.#renewing.latest?.expiresAt;
    return expiresAt === undefined ? undefined : new Date(expiresAt);
  }

  /** Whether there is a token and it is within 225 seconds of its end (less for short lifetimes), or past it. */
  get expired(): boolean {
    const { state } = this.#renewing;
    return state === "stale" || state === "expired";
  }

  /** Whether there is a token that is not {@link RenewingCredentials.expired}. */
  get valid(): boolean {
    return this.#renewing.state === "fresh";
  }

  /** Google's libraries look at this before they renew a token themselves. In milliseconds. */
  get eagerRefreshThresholdMillis(): number {
    return REFRESH_MARGIN_MS;
  }

  /** A token that a server refused with 401 is renewed, and the request is made once more. */
  get forceRefreshOnFailure(): boolean {
    return true;
  }

  /** The token in google-auth-library's spelling. */
  get credentials(): GoogleAuthTokens {
    const { latest } = this.#renewing;
    return latest === undefined ? {} : inGoogleSpelling(latest);
  }

  /** Adopts a token obtained elsewhere, in google-auth-library's spelling. Without one, the current token is dropped. */
  setCredentials({ access_token: value, expiry_date: expiresAt }: GoogleAuthTokens): void {
    if (value) this.#renewing.adopt(value, expiresAt ?? undefined);
    else if (this.token !== undefined) this.#renewing.discard(this.token);
  }

  /** What authorizes a call of our own clients: at once while the token is good. */
  getRequestMetadata(request: TokenRequest): RequestMetadata | Promise<RequestMetadata> {
    return this.#renewing.metadata(request);
  }

  /**
   * What authorizes an HTTP request: a `Headers` for the caller to keep, whose pairs are also its own enumerable properties, since
   * google-auth-library 9 and grpc-js copy those.
   *
   * @param _url the URL of the request; the token does not depend on it
   * @throws what the issuer of the token threw; the reason of the signal
   */
  getRequestHeaders(_url?: string | URL, options?: TokenWaitOptions): Promise<Headers> {
    return this.#renewing.copyOfHeaders(options);
  }

  /**
   * A token that is good now.
   *
   * @throws what the issuer of the token threw; the reason of the signal
   */
  getAccessToken(options?: TokenWaitOptions): Promise<{ token: string; res?: null }> {
    const taken = this.#renewing.take(options);
    if (isThenable(taken)) return taken.then(({ value }) => ({ token: value }));
    return Promise.resolve({ token: taken.value });
  }

  /**
   * Gets a new token, whatever the state of the one at hand.
   *
   * @throws what the issuer of the token threw; the reason of the signal
   */
  async refresh(options?: TokenWaitOptions): Promise<void> {
    await this.#renewing.renew(options);
  }

  /**
   * Writes the authorization into headers.
   *
   * @param token stands in for the token at hand
   * @throws CredentialsError when there is no token
   */
  apply(headers: Headers | Record<string, string>, token?: string): void {
    const pairs = this.#renewing.metadataAtHand(token);
    for (const [key, value] of Object.entries(pairs)) {
      if (headers instanceof Headers) headers.set(key, value);
      else headers[key] = value;
    }
  }

  /** Renews the token if necessary, then writes the authorization into headers. Throws as `refresh`. */
  async beforeRequest(headers: Headers | Record<string, string>, options?: TokenWaitOptions): Promise<void> {
    await this.#renewing.take(options);
    this.apply(headers);
  }

  /** Makes an HTTP request with authorization, by gaxios: what Google's libraries call. */
  request<T>(options: HttpRequestOptions): Promise<HttpResponse<T>> {
    const authorizer = {
      getRequestHeaders: (url?: string) => this.getRequestHeaders(url),
      onRefused: (refused: Headers) => this.#renewing.discard(bearerOf(refused)),
    };
    return requestWithAuthorization<T>(authorizer, options);
  }

  /** The same as `request`, called like the global `fetch`. */
  fetch<T>(url: string | URL, options: HttpRequestOptions = {}): Promise<HttpResponse<T>> {
    return this.request<T>({ ...options, url });
  }

  /** What `util.inspect` shows, whatever its options: never the token. */
  [Symbol.for("nodejs.util.inspect.custom")](
    _depth: number,
    options: object,
    inspect: (shown: object, options: object) => string,
  ): string {
    const { quotaProjectId, expiry, valid } = this;
    return `${this.constructor.name} ${inspect({ quotaProjectId, expiry, valid }, options)}`;
  }

  /** The universe, as `GoogleAuth` gives it. */
  async getUniverseDomain(): Promise<string> {
    return this.universeDomain;
  }
}

function inGoogleSpelling({ value, expiresAt }: IssuedToken): GoogleAuthTokens {
  return { access_token: value, expiry_date: expiresAt, token_type: "Bearer" };
}
