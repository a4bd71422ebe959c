// SPDX-License-Identifier: Apache-2.0
// How much of a soak to run: all of it with `npm run soak`, a hundredth otherwise.

/** So many, or the share of them that this run is for: `SOAK_SHARE`, from 0 to 1. */
export function soakCount(whole: number): number {
  return Math.ceil(whole * Number(process.env["SOAK_SHARE"] ?? 0.01));
}
