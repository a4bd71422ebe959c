// SPDX-License-Identifier: Apache-2.0
// What all credentials here have in common: one cached token, as metadata for our clients, as an AuthClient for Google's, and by
// hand. Does not know where the token comes from.

import { EventEmitter } from "node:events";
import type { Clock } from "../../base/clock.js";
import { CredentialsError } from "../../base/errors.js";
import type { RequestMetadata, TokenProvider, TokenRequest } from "../../base/token-provider.js";
import { type HttpRequestOptions, type HttpResponse, requestWithAuthorization } from "./authorized-request.js";
import { BearerHeaders, BearerToken, bearerOf } from "./bearer-headers.js";
import type { RegionalAccessBoundary } from "./regional-access-boundary.js";
import { type IssuedToken, REFRESH_MARGIN_MS, TokenCache, type TokenWaitOptions } from "./token-cache.js";

/** What subclasses settle. */
export interface RenewingCredentialsSettings {
  readonly clock: Clock;
  /** Milliseconds that one refresh may take. */
  readonly refreshTimeoutMs: number;
  /** The project that is charged for quota. */
  readonly quotaProjectId: string | undefined;
  /** Where the account's requests may go, if that is to be looked up. */
  readonly boundary: RegionalAccessBoundary | undefined;
}

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
 * `AuthClient` contract of google-auth-library 9, 10 and 11, so that every client library of Google's takes them as
 * `authClient`.
 */
export abstract class RenewingCredentials extends EventEmitter implements TokenProvider {
  readonly #cache: TokenCache<BearerToken>;
  readonly #clock: Clock;
  readonly #headers: BearerHeaders;

  /** @throws ConfigurationError when the quota project is none */
  protected constructor(settings: RenewingCredentialsSettings) {
    super();
    const { clock, refreshTimeoutMs, quotaProjectId, boundary } = settings;
    this.#clock = clock;
    this.#headers = new BearerHeaders(quotaProjectId, boundary);
    this.#cache = new TokenCache({ clock, refreshTimeoutMs, issue: (signal) => this.#issueAndTell(signal) });
  }

  /** Gets a new token. Its signal aborts when the refresh has outlived its deadline. */
  protected abstract issueToken(signal: AbortSignal): Promise<IssuedToken>;

  /** The universe of these credentials: `"googleapis.com"`. */
  abstract get universeDomain(): string;

  /** The project that is charged for quota, sent as `x-goog-user-project`. Google's libraries may set it. */
  get quotaProjectId(): string | undefined {
    return this.#headers.quotaProjectId;
  }

  /** Charges another project from the next call on. */
  set quotaProjectId(project: string | undefined) {
    this.#headers.quotaProjectId = project;
  }

  /** The token that was issued last, good or not; `undefined` before the first. A secret. */
  get token(): string | undefined {
    return this.#cache.latest?.value;
  }

  /** When that token ends, as its issuer says. */
  get expiry(): Date | undefined {
    const expiresAt = this.#cache.latest?.expiresAt;
    return expiresAt === undefined ? undefined : new Date(expiresAt);
  }

  /** Whether there is a token and it is within 225 seconds of its end (less for short lifetimes), or past it. */
  get expired(): boolean {
    const { state } = this.#cache;
    return state === "stale" || state === "expired";
  }

  /** Whether there is a token that is not {@link RenewingCredentials.expired}. */
  get valid(): boolean {
    return this.#cache.state === "fresh";
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
    const latest = this.#cache.latest;
    return latest === undefined
      ? {}
      : { access_token: latest.value, expiry_date: latest.expiresAt, token_type: "Bearer" };
  }

  /** Takes over a token that was had elsewhere, in google-auth-library's spelling. Without one, the token at hand is dropped. */
  setCredentials({ access_token: value, expiry_date: expiresAt }: GoogleAuthTokens): void {
    if (!value) {
      if (this.token !== undefined) this.#cache.discard(this.token);
      return;
    }
    const ends = expiresAt ?? this.#clock.wallNow() + 3_600_000;
    this.#cache.hold(new BearerToken({ value, expiresAt: ends, lifetimeMs: ends - this.#clock.wallNow() }));
  }

  /** What authorizes a call of our own clients: at once while the token is good. */
  getRequestMetadata(request: TokenRequest): RequestMetadata | Promise<RequestMetadata> {
    const taken = this.#cache.take(request);
    return taken instanceof Promise
      ? taken.then((token) => this.#headers.metadataFor(token))
      : this.#headers.metadataFor(taken);
  }

  /**
   * What authorizes an HTTP request: a `Headers` of the caller's own, whose pairs are its own enumerable properties, too, since
   * google-auth-library 9 and grpc-js copy those.
   *
   * @param _url what is asked; the token does not depend on it
   * @throws what the issuer of the token threw; the reason of the signal
   */
  getRequestHeaders(_url?: string | URL, options?: TokenWaitOptions): Promise<Headers> {
    const taken = this.#cache.take(options);
    if (taken instanceof Promise) return taken.then((token) => this.#headers.copyFor(token));
    return Promise.resolve(this.#headers.copyFor(taken));
  }

  /**
   * A token that is good now.
   *
   * @throws what the issuer of the token threw; the reason of the signal
   */
  getAccessToken(options?: TokenWaitOptions): Promise<{ token: string; res?: null }> {
    const taken = this.#cache.take(options);
    if (taken instanceof Promise) return taken.then(({ value }) => ({ token: value }));
    return Promise.resolve({ token: taken.value });
  }

  /**
   * Gets a new token, whatever the state of the one at hand.
   *
   * @throws what the issuer of the token threw; the reason of the signal
   */
  async refresh(options?: TokenWaitOptions): Promise<void> {
    await this.#cache.renew(options);
  }

  /**
   * Writes the authorization into headers.
   *
   * @param token stands in for the token at hand
   * @throws CredentialsError when there is no token
   */
  apply(headers: Headers | Record<string, string>, token?: string): void {
    const latest = this.#cache.latest;
    if (latest === undefined && token === undefined) {
      throw new CredentialsError("there is no token yet; await refresh() or beforeRequest() first");
    }
    const pairs =
      token === undefined && latest !== undefined
        ? this.#headers.metadataFor(latest)
        : this.#headers.metadataOf(token ?? "");
    for (const [key, value] of Object.entries(pairs)) {
      if (headers instanceof Headers) headers.set(key, value);
      else headers[key] = value;
    }
  }

  /** Renews the token if it is needed, then writes the authorization into headers. Throws as `refresh`. */
  async beforeRequest(headers: Headers | Record<string, string>, options?: TokenWaitOptions): Promise<void> {
    await this.#cache.take(options);
    this.apply(headers);
  }

  /** Makes an HTTP request with authorization, by gaxios: what Google's libraries call. */
  request<T>(options: HttpRequestOptions): Promise<HttpResponse<T>> {
    const authorizer = {
      getRequestHeaders: (url?: string) => this.getRequestHeaders(url),
      onRefused: (refused: Headers) => this.#cache.discard(bearerOf(refused)),
    };
    return requestWithAuthorization<T>(authorizer, options);
  }

  /** The same as `request`, called like the global `fetch`. */
  fetch<T>(url: string | URL, options: HttpRequestOptions = {}): Promise<HttpResponse<T>> {
    return this.request<T>({ ...options, url });
  }

  /** What `util.inspect` shows, whatever it is told to look into: never the token. */
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

  async #issueAndTell(signal: AbortSignal): Promise<BearerToken> {
    const token = new BearerToken(await this.issueToken(signal));
    if (this.listenerCount("tokens") > 0) {
      this.emit("tokens", { access_token: token.value, expiry_date: token.expiresAt, token_type: "Bearer" });
    }
    return token;
  }
}
