// SPDX-License-Identifier: Apache-2.0
// Waiting for something that happens elsewhere (in a server, in a child process) and tells nobody.

import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 10;

/** Resolves once `isTrue` is. Throws after `timeoutMs`, saying what did not come true. */
export async function waitUntil(what: string, isTrue: () => boolean, timeoutMs = 10_000): Promise<void> {
  const until = Date.now() + timeoutMs;
  while (!isTrue()) {
    if (Date.now() > until) throw new Error(`${what}: did not come true within ${timeoutMs} ms`);
    await sleep(POLL_MS);
  }
}

/** How long a promise took to settle, in milliseconds, whatever the outcome. */
export async function durationOf(promise: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await promise.catch(() => undefined);
  return performance.now() - startedAt;
}
