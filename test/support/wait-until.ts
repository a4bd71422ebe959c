// SPDX-License-Identifier: Apache-2.0
// Waiting for something that happens elsewhere (in a server, in a child process) and tells nobody.

import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 10;

/** Resolves once `isTrue` is. Throws after `timeoutMs`, saying what did not come true. */
export async function waitUntil(what: string, isTrue: () => boolean, timeoutMs = 30_000): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (!isTrue()) {
    if (performance.now() > until) throw new Error(`${what}: did not come true within ${timeoutMs} ms`);
    await sleep(POLL_MS);
  }
}

/**
 * Lets the event loop go round some times: what was written to a socket by this process has been read at its other end then,
 * if that is in this process too, and what it was read for has happened. However slow the machine is: no time is waited for.
 */
export async function settle(rounds = 10): Promise<void> {
  for (let round = 0; round < rounds; round++) await sleep(POLL_MS);
}

/** How long a promise took to settle, in milliseconds, whatever the outcome. */
export async function durationOf(promise: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await promise.catch(() => undefined);
  return performance.now() - startedAt;
}
