// SPDX-License-Identifier: Apache-2.0
// Decides when a token that was given out is given out again: until five minutes before its end. Makes no token.

/** A token that is kept. */
export interface CachedToken {
  /** The bearer token. Required. */
  readonly accessToken: string;
  /** When it ends, in milliseconds since the epoch. Required. */
  readonly expiresAt: number;
}

const RENEWAL_MS = 5 * 60 * 1000; // google-auth-library-java#749: the same token until some five minutes before its end
const LIFETIME_MS = 60 * 60 * 1000;
const MAX_KEPT = 1000;

/** The tokens that were given out last. */
export class RecentTokens {
  readonly #tokens = new Map<string, CachedToken>();

  /**
   * The token of a key: the one that is kept, or a new one.
   *
   * @param now the time, in milliseconds since the epoch
   * @param isGood whether the kept one is still valid
   * @param make makes a new one
   */
  get(key: string, now: number, isGood: (token: CachedToken) => boolean, make: () => CachedToken): CachedToken {
    const kept = this.#tokens.get(key);
    const restMs = kept === undefined ? 0 : kept.expiresAt - now;
    // More than a whole lifetime is left after the clock was set back.
    if (kept !== undefined && restMs > RENEWAL_MS && restMs <= LIFETIME_MS && isGood(kept)) return kept;
    const token = make();
    if (this.#tokens.size >= MAX_KEPT) this.#tokens.clear();
    this.#tokens.set(key, token);
    return token;
  }
}
