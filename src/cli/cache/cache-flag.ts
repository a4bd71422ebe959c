// SPDX-License-Identifier: Apache-2.0
// The flag for the token cache, and its default for commands that other programs call. Stores nothing.

import type { Flag, GivenFlags } from "../table/flags.js";

const CACHES = ["off", "file"];

/** The flag, with a default for the help. */
export const cacheFlag = (fallback: "off" | "file"): Readonly<Record<string, Flag>> => ({
  cache: {
    value: CACHES.join("|"),
    values: CACHES,
    text: `where to cache tokens: nowhere, or in files under ~/.cache/iamcreds; default: ${fallback}`,
  },
});

/** Whether tokens are kept. */
export function isCached(given: GivenFlags, fallback: "off" | "file"): boolean {
  return (given.text("cache") ?? fallback) === "file";
}
