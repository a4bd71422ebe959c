// SPDX-License-Identifier: Apache-2.0
// A token by way of a store: a valid one, or else one that a single process mints for all that wait. Does not know where the store
// keeps it.

import type { Clock } from "../../base/clock.js";
import type { TokenStore } from "./token-store.js";

/** A token and its expiry. */
export interface Token {
  /** The token. A secret. */
  readonly value: string;
  /** In milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The parameters for getting a token. */
interface CacheQuestion {
  readonly store: TokenStore;
  readonly key: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  mint(): Promise<Token>;
}

/** How long one process may mint while the others wait. */
const LEASE_MS = 10_000;
const POLL_MS = 50;
/** A token has to last for the call that it is needed for. */
const MARGIN_MS = 30_000;
/** The last quarter of a token's life, five minutes at most, is the time to renew it. */
const STALE_MS = 300_000;

function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.schedule(POLL_MS, () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

async function readGood({
  store,
  key,
  clock,
  signal,
}: CacheQuestion): Promise<{ token: Token; isStale: boolean } | undefined> {
  const stored = await store.read(key, signal).catch(() => undefined);
  const now = clock.wallNow();
  if (stored === undefined || stored.expiresAt - MARGIN_MS <= now) return undefined;
  const token = { value: Buffer.from(stored.sealed).toString("utf8"), expiresAt: stored.expiresAt };
  return { token, isStale: stored.staleAt <= now };
}

async function mintAndKeep(question: CacheQuestion): Promise<Token> {
  const { store, key, clock, signal } = question;
  const token = await question.mint();
  const lifeMs = token.expiresAt - clock.wallNow();
  const staleAt = token.expiresAt - Math.min(STALE_MS, lifeMs / 4);
  // A token that could not be stored is still valid.
  await store
    .write(key, { sealed: Buffer.from(token.value), expiresAt: token.expiresAt, staleAt }, signal)
    .catch(() => undefined);
  return token;
}

/**
 * A token that is good now.
 *
 * @throws what the mint throws; the signal's reason
 */
export async function takeCached(question: CacheQuestion): Promise<Token> {
  const { store, key, clock, signal } = question;
  const until = clock.now() + LEASE_MS;
  for (;;) {
    const found = await readGood(question);
    if (found !== undefined && !found.isStale) return found.token;
    const lease = await store.lease(key, LEASE_MS, signal).catch(() => undefined);
    if (lease !== undefined) {
      try {
        // The previous holder of the lease may have stored one in between.
        const again = await readGood(question);
        return again !== undefined && !again.isStale ? again.token : await mintAndKeep(question);
      } finally {
        // One that could not be given back ends by itself.
        await lease.release().catch(() => undefined);
      }
    }
    if (found !== undefined) return found.token; // somebody else is renewing it
    if (clock.now() >= until) return mintAndKeep(question);
    await pause(clock, signal);
  }
}
