// SPDX-License-Identifier: Apache-2.0
// Decides which attempt at a call a request is: equal requests of one principal count as attempts until one succeeds. Keeps
// digests, never the requests.

import { createHash } from "node:crypto";

const MAX_KEPT = 10_000; // the latest failed calls; the oldest are forgotten

/** Fingerprints a request. Equal requests have equal fingerprints, which reveal nothing about them. */
export function fingerprintOf(method: string, principal: string | undefined, body: Uint8Array): string {
  return createHash("sha256")
    .update(JSON.stringify([method, principal ?? null]))
    .update(body)
    .digest("base64");
}

/** Counts attempts. */
export class AttemptCounter {
  readonly #failed = new Map<string, number>();

  /** Notes that a request arrived. Returns which attempt it is, from 1. */
  arrive(fingerprint: string): number {
    const attempt = (this.#failed.get(fingerprint) ?? 0) + 1;
    this.#failed.delete(fingerprint); // moves it to the end of the order
    this.#failed.set(fingerprint, attempt);
    if (this.#failed.size > MAX_KEPT) {
      for (const oldest of this.#failed.keys()) {
        this.#failed.delete(oldest);
        break;
      }
    }
    return attempt;
  }

  /** Notes that a request was answered with OK: the next one starts a new call. */
  succeed(fingerprint: string): void {
    this.#failed.delete(fingerprint);
  }

  /** Forgets everything. */
  clear(): void {
    this.#failed.clear();
  }
}
