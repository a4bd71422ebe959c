// SPDX-License-Identifier: Apache-2.0
// One token that renews itself, and what it is sent with. Knows no library's contract, nor where the token comes from.

import type { Clock } from "../../base/clock.js";
import { CredentialsError } from "../../base/errors.js";
import { isThenable } from "../../base/thenable.js";
import type { RequestMetadata } from "../../base/token-provider.js";
import { BearerHeaders, BearerToken } from "./bearer-headers.js";
import type { RegionalAccessBoundary } from "./regional-access-boundary.js";
import { type IssuedToken, TokenCache, type TokenState, type TokenWaitOptions } from "./token-cache.js";

/** What a token that renews itself is made of. */
export interface RenewingTokenSettings {
  /** Gets a new token. Its signal aborts when the refresh has outlived its deadline. */
  readonly issue: (signal: AbortSignal) => Promise<IssuedToken>;
  readonly clock: Clock;
  /** Milliseconds that one refresh may take. */
  readonly refreshTimeoutMs: number;
  /** The project that is charged for quota. */
  readonly quotaProjectId: string | undefined;
  /** Where the account's requests may go; `undefined`: not looked up. */
  readonly boundary: RegionalAccessBoundary | undefined;
}

/** How long a token that came without an expiry is taken to be good. */
const ASSUMED_LIFETIME_MS = 3_600_000;

/** A token that is renewed before anyone has to wait. */
export class RenewingToken {
  readonly #cache: TokenCache<BearerToken>;
  readonly #clock: Clock;
  readonly #headers: BearerHeaders;

  /**
   * @param onIssued called with each token that was issued
   * @throws ConfigurationError when the quota project is not valid
   */
  constructor(settings: RenewingTokenSettings, onIssued: (token: IssuedToken) => void) {
    const { clock, refreshTimeoutMs, quotaProjectId, boundary, issue } = settings;
    this.#clock = clock;
    this.#headers = new BearerHeaders(quotaProjectId, boundary);
    const issueBearer = async (signal: AbortSignal): Promise<BearerToken> => {
      const token = new BearerToken(await issue(signal));
      onIssued(token);
      return token;
    };
    this.#cache = new TokenCache({ clock, refreshTimeoutMs, issue: issueBearer });
  }

  /** The project that is charged for quota. */
  get quotaProjectId(): string | undefined {
    return this.#headers.quotaProjectId;
  }

  /** Charges another project from the next request on. */
  set quotaProjectId(project: string | undefined) {
    this.#headers.quotaProjectId = project;
  }

  /** The token that was issued last, good or not. */
  get latest(): IssuedToken | undefined {
    return this.#cache.latest;
  }

  /** Its state. */
  get state(): TokenState {
    return this.#cache.state;
  }

  /** A token that is good now: at once if there is one. Throws as {@link TokenCache.take}. */
  take(wait?: TokenWaitOptions): IssuedToken | Promise<IssuedToken> {
    return this.#cache.take(wait);
  }

  /** A new token, whatever the state of the one at hand. Throws as {@link TokenCache.renew}. */
  renew(wait?: TokenWaitOptions): Promise<IssuedToken> {
    return this.#cache.renew(wait);
  }

  /** Drops a token that a server has refused. */
  discard(value: string): void {
    this.#cache.discard(value);
  }

  /** Adopts a token obtained elsewhere. @param expiresAt in milliseconds since the epoch; default: an hour from now */
  adopt(value: string, expiresAt = this.#clock.wallNow() + ASSUMED_LIFETIME_MS): void {
    this.#cache.hold(new BearerToken({ value, expiresAt, lifetimeMs: expiresAt - this.#clock.wallNow() }));
  }

  /** What authorizes a call: at once while the token is good. Throws as {@link RenewingToken.take}. */
  metadata(wait?: TokenWaitOptions): RequestMetadata | Promise<RequestMetadata> {
    const taken = this.#cache.take(wait);
    return isThenable(taken)
      ? taken.then((token) => this.#headers.metadataFor(token))
      : this.#headers.metadataFor(taken);
  }

  /** The same as headers for the caller to keep. */
  copyOfHeaders(wait?: TokenWaitOptions): Promise<Headers> {
    const taken = this.#cache.take(wait);
    if (isThenable(taken)) return taken.then((token) => this.#headers.copyFor(token));
    return Promise.resolve(this.#headers.copyFor(taken));
  }

  /**
   * What a request carries with the token at hand.
   *
   * @param token stands in for it
   * @throws CredentialsError when there is no token
   */
  metadataAtHand(token: string | undefined): RequestMetadata {
    if (token !== undefined) return this.#headers.metadataOf(token);
    const { latest } = this.#cache;
    if (latest !== undefined) return this.#headers.metadataFor(latest);
    throw new CredentialsError("there is no token yet; await refresh() or beforeRequest() first");
  }
}
