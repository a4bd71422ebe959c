// SPDX-License-Identifier: Apache-2.0
// What a token store must do, and one that lasts as long as the process. Knows no file.

/** A token as it is kept. */
export interface StoredToken {
  /** The token, as the store's owner writes it down. A secret. */
  readonly sealed: Uint8Array;
  /** When it ends, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /** When to renew it. */
  readonly staleAt: number;
}

/** One holder at a time. */
export interface Lease {
  release(): Promise<void>;
}

/** A token store. */
export interface TokenStore {
  /** What is kept under a key; undefined: nothing. A rejection counts as nothing. */
  read(key: string, signal: AbortSignal): Promise<StoredToken | undefined>;
  /** Keeps it until it expires. */
  write(key: string, token: StoredToken, signal: AbortSignal): Promise<void>;
  /** A lease on a key, with one holder at a time; undefined at once when another holds it. It ends by itself after `ms` milliseconds. */
  lease(key: string, ms: number, signal: AbortSignal): Promise<Lease | undefined>;
}
