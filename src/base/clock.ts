// SPDX-License-Identifier: Apache-2.0
// The one source of time and chance. Everything else asks a Clock, so that a test can stand in for both.

import { onAbort } from "./abort.js";

/** Time and chance. {@link systemClock} is the real one; a test passes its own. */
export interface Clock {
  /** Milliseconds on a scale that never goes back; only differences are meaningful. */
  now(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z, by the machine's clock, which can jump. */
  wallNow(): number;
  /** A number from 0 (included) to 1 (excluded), uniformly distributed. */
  random(): number;
  /**
   * Calls back once after `ms` milliseconds, unless the returned function is called first.
   *
   * @param keepsAlive whether the wait keeps the process running. Default: true, because somebody waits for it.
   */
  schedule(ms: number, callback: () => void, keepsAlive?: boolean): () => void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

// Captured when the library is loaded: a test that fakes timers later fakes its own, not ours, which real sockets depend on. `Date` is read
// on each call, so that a test may set the time of day.
const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis;
// Not `performance`: loading it costs every process a millisecond.
const { hrtime: readStopwatch } = process;
/** `process.nextTick`, the real one whatever a test fakes. */
export const afterThisTurn: (callback: () => void) => void = process.nextTick.bind(process);
/** `setImmediate`, the real one whatever a test fakes. */
export const afterTheLoop: (callback: () => void) => void = globalThis.setImmediate;

function monotonicNow(): number {
  const [seconds, nanoseconds] = readStopwatch();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

/** The machine's clock and Math.random. */
export const systemClock: Clock = {
  now: monotonicNow,
  wallNow: () => Date.now(),
  random: () => Math.random(),
  schedule(ms, callback, keepsAlive = true) {
    const timer = startTimer(callback, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
    if (!keepsAlive) timer.unref();
    return () => stopTimer(timer);
  },
};

/** What can end a wait early, other than the promise itself. */
interface WaitLimits {
  /** Milliseconds until the wait ends with `onTimeout()`; `Infinity`: never. */
  timeoutMs: number;
  /** Makes the error for a timeout. */
  onTimeout: () => unknown;
  /** Each ends the wait with its own reason when it aborts. */
  signals: readonly (AbortSignal | undefined)[];
  /** Whether the time limit keeps the process running. Default: true. */
  keepsAlive?: boolean;
}

/**
 * Waits for a promise, but no longer than the limits allow. Whatever the promise does later is ignored, never an unhandled
 * rejection.
 *
 * @throws the promise's own rejection, the reason of the signal that aborted, or what `onTimeout` made
 */
export function waitWithin<T>(clock: Clock, promise: Promise<T>, limits: WaitLimits): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const undo: (() => void)[] = [];
    const settle = (end: () => void): void => {
      for (const each of undo) each();
      end();
    };
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
    for (const signal of limits.signals) {
      if (signal === undefined) continue;
      const end = (): void => settle(() => reject(signal.reason));
      if (signal.aborted) {
        end();
        return;
      }
      undo.push(onAbort(signal, end));
    }
    if (limits.timeoutMs === Number.POSITIVE_INFINITY) return;
    undo.push(clock.schedule(limits.timeoutMs, () => settle(() => reject(limits.onTimeout())), limits.keepsAlive));
  });
}

/**
 * Sleeps for `ms` milliseconds.
 *
 * @throws the reason of the first signal that aborts, at once
 */
export function sleep(clock: Clock, ms: number, signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  let cancel = (): void => {};
  const slept = new Promise<void>((resolve) => {
    cancel = clock.schedule(ms, resolve);
  });
  return waitWithin(clock, slept, { timeoutMs: Number.POSITIVE_INFINITY, onTimeout: () => undefined, signals }).finally(
    cancel,
  );
}
