// SPDX-License-Identifier: Apache-2.0
// Waits, in real time, until the time has passed or nobody is waiting any more. Knows no reason for waiting.

import { startTimer, stopTimer } from "./timers.js";

/**
 * Resolves after a time, or as soon as one of the signals is aborted. Leaves no timer behind.
 *
 * @param delayMs milliseconds; Infinity waits for the signals alone
 */
export function waitFor(delayMs: number, ...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      stopTimer(timer);
      for (const signal of signals) signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = delayMs === Number.POSITIVE_INFINITY ? undefined : startTimer(finish, delayMs);
    for (const signal of signals) signal.addEventListener("abort", finish);
    if (signals.some(({ aborted }) => aborted)) finish();
  });
}
