// SPDX-License-Identifier: Apache-2.0
// The machine's clock, put ahead or back by a fixed time.

import type { Clock } from "../../src/index.js";

/** A clock that runs as the machine's, but whose time of day is off. @param ms milliseconds ahead; less than 0: behind */
export function clockOff(ms: number): Clock {
  return {
    now: () => performance.now(),
    wallNow: () => Date.now() + ms,
    random: () => 0.5,
    schedule(after, callback) {
      const timer = setTimeout(callback, after);
      return () => clearTimeout(timer);
    },
  };
}
