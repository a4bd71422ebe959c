// SPDX-License-Identifier: Apache-2.0
// Decides which token a test client sends: one of the emulator's, kept until shortly before it ends. Knows no client.

/** Credentials of one principal, in the shape that this package's clients take. */
export interface CallerCredentials {
  /** The header that carries the principal's token. */
  getRequestMetadata(): Promise<{ authorization: string }>;
}

/** A token and its end, in milliseconds since the epoch. */
export interface MintedToken {
  /** The bearer token. Required. */
  readonly token: string;
  /** When it ends. Required. */
  readonly expiresAt: number;
}

const RENEWAL_MS = 5 * 60 * 1000; // before the end, when Google's metadata server gives out a new one

/**
 * Creates credentials that mint when needed.
 *
 * @param mint makes a token
 * @param now the clock, in milliseconds since the epoch
 */
export function createCallerCredentials(mint: () => MintedToken, now: () => number): CallerCredentials {
  let current: MintedToken | undefined;
  return {
    async getRequestMetadata() {
      if (current === undefined || current.expiresAt - now() <= RENEWAL_MS) current = mint();
      return { authorization: `Bearer ${current.token}` };
    },
  };
}
