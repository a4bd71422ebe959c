// SPDX-License-Identifier: Apache-2.0
// Control flow: attempts, delays between them, and when to give up. Does not know what an attempt does.

import { type Clock, sleep } from "../../base/clock.js";
import { RpcError } from "../../base/errors.js";
import { Backoff } from "./backoff.js";
import { type Deadline, SHORTEST_TIME_MS } from "./deadline.js";
import type { RetryPolicy } from "./policy.js";

/** By how much a channel's timer may fire before our clock says that the time is over: it counts whole milliseconds. */
const TIMER_SLACK_MS = 5;

/** What governs the attempts of one call. */
export interface RetryPlan {
  readonly policy: RetryPolicy;
  readonly deadline: Deadline;
  readonly clock: Clock;
  /** Each ends the call with its own reason. */
  readonly signals: readonly (AbortSignal | undefined)[];
  /** Called after each failed attempt, with the number of milliseconds until the next one (`undefined`: there is none). */
  readonly onFailure?: ((attempt: number, error: unknown, delayMs: number | undefined) => void) | undefined;
}

/** The total deadline left no room for another attempt. */
export class DeadlineSpent extends Error {
  /** How many attempts were made. */
  readonly attempts: number;
  /** The last error that was not just an attempt cut off by this deadline, if there was one. */
  readonly lastStatusError: unknown;

  /** @param lastError of the last attempt, if there was one; becomes the cause */
  constructor(attempts: number, lastError: unknown, lastStatusError: unknown) {
    super("the total deadline has passed", { cause: lastError });
    this.attempts = attempts;
    this.lastStatusError = lastStatusError;
  }
}

/**
 * Runs attempts until one succeeds, one fails in a way that the policy does not retry, the attempts are used up, the time is
 * spent or a signal aborts. Each attempt is passed its number, from 1, and its time limit in milliseconds, which is never more than what is
 * left of the total. A delay that would exceed the deadline is not started.
 *
 * @throws the error of the last attempt, DeadlineSpent (with that error as its cause), or the reason of a signal
 */
export async function runWithRetry<T>(
  plan: RetryPlan,
  attempt: (number: number, timeoutMs: number) => Promise<T>,
): Promise<T> {
  let failures: Failures | undefined;
  for (let number = 1; ; number++) {
    const timeoutMs = attemptTimeMs(plan, number, failures);
    try {
      return await attempt(number, timeoutMs);
    } catch (error) {
      failures ??= new Failures(plan);
      await sleep(plan.clock, failures.delayAfter(number, error), plan.signals);
    }
  }
}

/** How long the next attempt may take. @throws DeadlineSpent, or the reason of a signal, when there is none */
function attemptTimeMs(
  { policy, deadline, signals }: RetryPlan,
  number: number,
  failures: Failures | undefined,
): number {
  for (const signal of signals) if (signal?.aborted) throw signal.reason;
  const leftMs = deadline.remaining();
  if (leftMs < SHORTEST_TIME_MS) throw new DeadlineSpent(number - 1, failures?.lastError, failures?.lastStatusError);
  return Math.min(policy.attemptTimeout, leftMs);
}

/** The failed attempts of one call. Most calls have none. */
class Failures {
  readonly #plan: RetryPlan;
  readonly #backoff: Backoff;
  lastError: unknown;
  lastStatusError: unknown;

  constructor(plan: RetryPlan) {
    this.#plan = plan;
    this.#backoff = new Backoff(plan.policy, plan.clock);
  }

  /** Milliseconds until the next attempt. @throws the error, or DeadlineSpent, when there is none */
  delayAfter(number: number, error: unknown): number {
    const { policy, deadline, onFailure } = this.#plan;
    this.lastError = error;
    const isCutOff = isDeadlineExceeded(error) && deadline.remaining() < TIMER_SLACK_MS;
    if (!isCutOff) this.lastStatusError = error;
    const mayRepeat = !isCutOff && isRetryable(policy, error) && number < mostAttempts(policy, error);
    const delay = mayRepeat ? this.#backoff.next() : 0;
    const hasTime = delay < deadline.remaining();
    onFailure?.(number, error, mayRepeat && hasTime ? delay : undefined);
    if (isCutOff || (mayRepeat && !hasTime)) throw new DeadlineSpent(number, error, this.lastStatusError);
    if (!mayRepeat) throw error;
    return delay;
  }
}

function isDeadlineExceeded(error: unknown): boolean {
  return error instanceof RpcError && error.status === "DEADLINE_EXCEEDED";
}

/** A failure that no attempt can fix ends the call sooner. */
function mostAttempts({ maxAttempts }: RetryPolicy, error: unknown): number {
  return error instanceof RpcError ? Math.min(maxAttempts, error.finalAfter) : maxAttempts;
}

function isRetryable(policy: RetryPolicy, error: unknown): boolean {
  return error instanceof RpcError && policy.codes.includes(error.status);
}
