// SPDX-License-Identifier: Apache-2.0
// What a place to keep tokens in must do, and one that forgets with the process. Knows no file.

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

/** A place to keep tokens in. */
export interface TokenStore {
  /** What is kept under a key; undefined: nothing. Rejections count as nothing. */
  read(key: string, signal: AbortSignal): Promise<StoredToken | undefined>;
  /** Keeps it until it expires. */
  write(key: string, token: StoredToken, signal: AbortSignal): Promise<void>;
  /** One holder at a time for a key; undefined at once when another has it. The lease ends by itself after so many milliseconds. */
  lease(key: string, ms: number, signal: AbortSignal): Promise<Lease | undefined>;
}
