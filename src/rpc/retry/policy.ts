// SPDX-License-Identifier: Apache-2.0
// What a retry policy is, and how a partial one is laid over another. Knows no call.

import { ConfigurationError } from "../../base/errors.js";
import { isStatusName, Status, type StatusName } from "../../base/status.js";

/** When and how often a failed attempt is repeated. Times are milliseconds. */
export interface RetryPolicy {
  /** The upper bound of the first delay; each delay is drawn evenly from 0 to its bound. Default: 100. */
  readonly initialDelay: number;
  /** What no bound grows beyond. Default: 60,000. */
  readonly maxDelay: number;
  /** By how much each bound is greater than the one before. Default: 1.3. */
  readonly multiplier: number;
  /**
   * The statuses that are worth another attempt. Default: UNAVAILABLE and DEADLINE_EXCEEDED, the published policy of the
   * service.
   */
  readonly codes: readonly StatusName[];
  /** How many attempts there may be, the first included. Default: `Infinity`, the total deadline alone decides. */
  readonly maxAttempts: number;
  /**
   * How long one attempt may take; never past the total deadline. Default: 20,000, so that a connection that died without
   * a word leaves time for another; `Infinity` when DEADLINE_EXCEEDED is not among `codes`, because a cut attempt could
   * then not be repeated.
   */
  readonly attemptTimeout: number;
}

/** A retry policy in part: what is not given stays as it was. */
export type RetryOptions = { readonly [Key in keyof RetryPolicy]?: RetryPolicy[Key] | undefined };

/** The policy of a method that is safe to repeat. Source: the service's published gRPC service config. */
export const DEFAULT_RETRY: RetryPolicy = Object.freeze({
  initialDelay: 100,
  maxDelay: 60_000,
  multiplier: 1.3,
  codes: Object.freeze(["UNAVAILABLE", "DEADLINE_EXCEEDED"] as const),
  maxAttempts: Number.POSITIVE_INFINITY,
  attemptTimeout: 20_000,
});

/** The policy of `retry: false`: one attempt, which may take all the time there is. */
export const NO_RETRY: RetryPolicy = Object.freeze({
  ...DEFAULT_RETRY,
  codes: Object.freeze([]),
  maxAttempts: 1,
  attemptTimeout: Number.POSITIVE_INFINITY,
});

const RULES: { readonly [Key in keyof RetryPolicy]: { isRight(value: unknown): boolean; expected: string } } = {
  initialDelay: { isRight: isDelay, expected: "a number of milliseconds, 0 or more" },
  maxDelay: { isRight: isDelay, expected: "a number of milliseconds, 0 or more" },
  multiplier: { isRight: (value) => isDelay(value) && Number(value) >= 1, expected: "a number, 1 or more" },
  codes: {
    isRight: (value) => Array.isArray(value) && value.every((code) => isStatusName(code) && code !== "OK"),
    expected: `a list of status names such as ${Object.keys(Status).slice(3, 5).join(", ")}`,
  },
  maxAttempts: {
    isRight: (value) => value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && Number(value) >= 1),
    expected: "a whole number, 1 or more (the first attempt counts), or Infinity",
  },
  attemptTimeout: {
    isRight: (value) => typeof value === "number" && value > 0,
    expected: "a number of milliseconds above 0, or Infinity",
  },
};

function isDelay(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/**
 * Lays retry options over a policy, key by key.
 *
 * @param where the option's name for error messages: `"retry"`, `"callDefaults.retry"`
 * @throws ConfigurationError when a key is unknown or a value is of the wrong kind
 */
export function resolveRetryPolicy(
  base: RetryPolicy,
  options: RetryOptions | false | undefined,
  where = "retry",
): RetryPolicy {
  if (options === undefined) return base;
  if (options === false) return NO_RETRY;
  if (typeof options !== "object" || options === null) {
    throw new ConfigurationError(`${where}: must be false or an object with ${Object.keys(RULES).join(", ")}`);
  }
  const given: Partial<Record<keyof RetryPolicy, unknown>> = {};
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(RULES, key)) {
      throw new ConfigurationError(`${where}.${key}: no such key; there are ${Object.keys(RULES).join(", ")}`);
    }
    if (value === undefined) continue;
    const rule = RULES[key as keyof RetryPolicy]; // as: hasOwn has just said so
    if (!rule.isRight(value)) throw new ConfigurationError(`${where}.${key}: must be ${rule.expected}`);
    given[key as keyof RetryPolicy] = Array.isArray(value) ? Object.freeze([...value]) : value;
  }
  const start = base === NO_RETRY ? DEFAULT_RETRY : base;
  const policy = { ...start, ...(given as Partial<RetryPolicy>) }; // as: each value has passed its rule
  const isDefaultTimeout = given.attemptTimeout === undefined && start.attemptTimeout === DEFAULT_RETRY.attemptTimeout;
  if (isDefaultTimeout && !policy.codes.includes("DEADLINE_EXCEEDED")) {
    policy.attemptTimeout = Number.POSITIVE_INFINITY;
  }
  return Object.freeze(policy);
}
