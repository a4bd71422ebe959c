// SPDX-License-Identifier: Apache-2.0
// The contract between the road of a call and whatever knows how to authorize it.

/** What credentials add to the metadata of one attempt, by lower-case key: `{ authorization: "Bearer …" }`. */
export type RequestMetadata = Readonly<Record<string, string>>;

/** One question for a {@link TokenProvider}. */
export interface TokenRequest {
  /** Aborts when nobody waits for the answer any more: the deadline passed, the caller aborted, the client closed. */
  readonly signal: AbortSignal;
}

/**
 * Authorizes calls. The one method is asked before every attempt, so a provider keeps its token and renews it in time.
 *
 * @example
 * const credentials: TokenProvider = {
 *   getRequestMetadata: async ({ signal }) => ({ authorization: `Bearer ${await fetchToken(signal)}` }),
 * };
 */
export interface TokenProvider {
  /** The metadata that authorizes a call, at once or as a promise. */
  getRequestMetadata(request: TokenRequest): RequestMetadata | Promise<RequestMetadata>;
  /**
   * The universe that the credentials are of, asked once, at the first call: a token of one universe is not sent to another. Default:
   * `googleapis.com`.
   */
  getUniverseDomain?(): string | Promise<string>;
}
