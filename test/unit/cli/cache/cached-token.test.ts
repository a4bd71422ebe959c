// SPDX-License-Identifier: Apache-2.0
// A token by way of a store that fails: the token that was minted all the same is the answer.

import { describe, expect, test } from "@jest/globals";
import { takeCached } from "../../../../src/cli/cache/cached-token.js";
import type { TokenStore } from "../../../../src/cli/cache/token-store.js";
import { ManualClock } from "../../../support/manual-clock.js";

const REFUSED = new Error("EACCES: permission denied");

/** A store that has nothing, leases to whoever asks, and fails where it is told to. */
const storeWith = (failing: Partial<TokenStore>): TokenStore => ({
  read: async () => undefined,
  write: async () => undefined,
  lease: async () => ({ release: async () => undefined }),
  ...failing,
});

describe("a token that was minted is returned, though the store", () => {
  test.each<[string, Partial<TokenStore>]>([
    ["cannot be read", { read: () => Promise.reject(REFUSED) }],
    ["cannot be written", { write: () => Promise.reject(REFUSED) }],
    ["gives no lease", { lease: () => Promise.reject(REFUSED) }],
    ["does not take the lease back", { lease: async () => ({ release: () => Promise.reject(REFUSED) }) }],
  ])("%s", async (_what, failing) => {
    const clock = new ManualClock();
    const token = { value: "minted", expiresAt: clock.wallNow() + 3_600_000 };
    const mint = async () => token;
    const taken = takeCached({
      store: storeWith(failing),
      key: "k",
      clock,
      signal: new AbortController().signal,
      mint,
    });
    for (let i = 0; i < 210; i++) await clock.advance(50);
    expect(await taken).toBe(token);
  });
});
