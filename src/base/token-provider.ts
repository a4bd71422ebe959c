// SPDX-License-Identifier: Apache-2.0
// The contract between a call and whatever knows how to authorize it.

/** What credentials add to the metadata of one attempt, by lower-case key: `{ authorization: "Bearer …" }`. */
export type RequestMetadata = Readonly<Record<string, string>>;

/** One question for a {@link TokenProvider}. */
export interface TokenRequest {
  /** Aborts when nobody is waiting for the answer any more: the deadline passed, the caller aborted, the client closed. */
  readonly signal: AbortSignal;
}

/**
 * Authorizes calls. The one required method is called before every attempt, so a provider should cache its token and renew it in time.
 *
 * @example
 * const credentials: TokenProvider = {
 *   getRequestMetadata: async ({ signal }) => ({ authorization: `Bearer ${await fetchToken(signal)}` }),
 * };
 */
export interface TokenProvider {
  /** The metadata that authorizes a call, directly or as a promise. */
  getRequestMetadata(request: TokenRequest): RequestMetadata | Promise<RequestMetadata>;
  /**
   * The universe that the credentials belong to, asked once, at the first call: a token is never sent to another universe. Default:
   * `googleapis.com`.
   */
  getUniverseDomain?(): string | Promise<string>;
}
