// SPDX-License-Identifier: Apache-2.0
// Control flow: attempts, delays between them, and when to give up. Does not know what an attempt does.

import { type Clock, sleep } from "../../base/clock.js";
import { RpcError } from "../../base/errors.js";
import { Backoff } from "./backoff.js";
import { type Deadline, SHORTEST_TIME_MS } from "./deadline.js";
import type { RetryPolicy } from "./policy.js";

/** How much earlier than our clock a channel's timer may say that the time is over: it counts whole milliseconds. */
const TIMER_SLACK_MS = 5;

/** What governs the attempts of one call. */
export interface RetryPlan {
  readonly policy: RetryPolicy;
  readonly deadline: Deadline;
  readonly clock: Clock;
  /** Each ends the call with its own reason. */
  readonly signals: readonly (AbortSignal | undefined)[];
  /** Told of each attempt that failed, and after how many milliseconds the next one starts (`undefined`: there is none). */
  readonly onFailure?: ((attempt: number, error: unknown, delayMs: number | undefined) => void) | undefined;
}

/** The total deadline left no room for another attempt. */
export class DeadlineSpent extends Error {
  /** How many attempts were made. */
  readonly attempts: number;
  /** The last error that was not merely an attempt cut off by this deadline, if there was one. */
  readonly lastStatusError: unknown;

  /** @param lastError of the last attempt, if there was one; becomes the cause */
  constructor(attempts: number, lastError: unknown, lastStatusError: unknown) {
    super("the total deadline is spent", { cause: lastError });
    this.attempts = attempts;
    this.lastStatusError = lastStatusError;
  }
}

/**
 * Runs attempts until one succeeds, one fails in a way that the policy does not repeat, the attempts are used up, the time is
 * spent or a signal aborts. An attempt gets its number, from 1, and its time in milliseconds, which is never more than what is
 * left of the whole. A delay that would pass the deadline is not begun.
 *
 * @throws the error of the last attempt, DeadlineSpent (whose cause that error is), or the reason of a signal
 */
export async function runWithRetry<T>(
  plan: RetryPlan,
  attempt: (number: number, timeoutMs: number) => Promise<T>,
): Promise<T> {
  const { policy, deadline, signals } = plan;
  let backoff: Backoff | undefined;
  let lastError: unknown;
  let lastStatusError: unknown;
  for (let number = 1; ; number++) {
    for (const signal of signals) if (signal?.aborted) throw signal.reason;
    const leftMs = deadline.remaining();
    if (leftMs < SHORTEST_TIME_MS) throw new DeadlineSpent(number - 1, lastError, lastStatusError);
    try {
      return await attempt(number, Math.min(policy.attemptTimeout, leftMs));
    } catch (error) {
      lastError = error;
    }
    const isCutOff = isDeadlineExceeded(lastError) && deadline.remaining() < TIMER_SLACK_MS;
    if (!isCutOff) lastStatusError = lastError;
    const mayRepeat = !isCutOff && isRetryable(policy, lastError) && number < mostAttempts(policy, lastError);
    backoff ??= new Backoff(policy, plan.clock);
    const delay = mayRepeat ? backoff.next() : 0;
    const hasTime = delay < deadline.remaining();
    plan.onFailure?.(number, lastError, mayRepeat && hasTime ? delay : undefined);
    if (isCutOff || (mayRepeat && !hasTime)) throw new DeadlineSpent(number, lastError, lastStatusError);
    if (!mayRepeat) throw lastError;
    await sleep(plan.clock, delay, signals);
  }
}

function isDeadlineExceeded(error: unknown): boolean {
  return error instanceof RpcError && error.status === "DEADLINE_EXCEEDED";
}

/** What no attempt can heal ends the call sooner. */
function mostAttempts({ maxAttempts }: RetryPolicy, error: unknown): number {
  return error instanceof RpcError ? Math.min(maxAttempts, error.finalAfter) : maxAttempts;
}

function isRetryable(policy: RetryPolicy, error: unknown): boolean {
  return error instanceof RpcError && policy.codes.includes(error.status);
}
