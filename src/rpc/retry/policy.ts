// SPDX-License-Identifier: Apache-2.0
// What a retry policy is, and how a partial one is merged over another. Knows no call.

import { isStatusName, Status, type StatusName } from "../../base/causes/status.js";
import { ConfigurationError } from "../../base/errors.js";
import { value } from "../../base/options/checks.js";
import { declare, type GivenOf, optional, settle } from "../../base/options/declaration.js";
import { refuseOption } from "../../base/options/shared-options.js";

const DELAY = value<number>(isDelay, "a non-negative number of milliseconds");
const ATTEMPTS = value<number>(
  (given) => given === Number.POSITIVE_INFINITY || (Number.isInteger(given) && Number(given) >= 1),
  "a positive integer (the first attempt counts), or Infinity",
);
const CODES = value<readonly StatusName[]>(
  (given) => Array.isArray(given) && given.every((code) => isStatusName(code) && code !== "OK"),
  `an array of status names such as ${Object.keys(Status).slice(3, 5).join(", ")}`,
);

/** When and how often a failed attempt is repeated. Times are milliseconds. */
const RETRY_OPTIONS = declare({
  unknown: "no such key",
  fields: {
    /** The upper bound of the first delay; each delay is drawn uniformly from 0 to its bound. Default: 100. */
    initialDelay: optional(DELAY),
    /** The maximum of the bounds. Default: 60,000. */
    maxDelay: optional(DELAY),
    /** The factor by which the bound grows each time. Default: 1.3. */
    multiplier: optional(value<number>((given) => isDelay(given) && Number(given) >= 1, "a number of at least 1")),
    /**
     * The statuses to retry. Default: UNAVAILABLE and DEADLINE_EXCEEDED, the published policy of the
     * service.
     */
    codes: optional(CODES),
    /** The maximum number of attempts, including the first. Default: `Infinity`, only the total deadline decides. */
    maxAttempts: optional(ATTEMPTS),
    /**
     * How long one attempt may take; never past the total deadline. Default: 20,000, so that a connection that died
     * silently leaves time for another; `Infinity` when DEADLINE_EXCEEDED is not among `codes`, because a cut-off attempt could
     * then not be retried.
     */
    attemptTimeout: optional(
      value<number>(
        (given) => typeof given === "number" && given > 0,
        "a positive number of milliseconds, or Infinity",
      ),
    ),
  },
});

/** When and how often a failed attempt is repeated. Times are milliseconds. */
export interface RetryOptions extends GivenOf<typeof RETRY_OPTIONS.fields> {}

/** A complete retry policy. */
export type RetryPolicy = { readonly [Key in keyof RetryOptions]-?: NonNullable<RetryOptions[Key]> };

/** The policy of a method that is safe to repeat. Source: the service's published gRPC service config. */
export const DEFAULT_RETRY: RetryPolicy = Object.freeze({
  initialDelay: 100,
  maxDelay: 60_000,
  multiplier: 1.3,
  codes: Object.freeze(["UNAVAILABLE", "DEADLINE_EXCEEDED"] as const),
  maxAttempts: Number.POSITIVE_INFINITY,
  attemptTimeout: 20_000,
});

/** The policy of `retry: false`: one attempt, which may use the whole time. */
export const NO_RETRY: RetryPolicy = Object.freeze({
  ...DEFAULT_RETRY,
  codes: Object.freeze([]),
  maxAttempts: 1,
  attemptTimeout: Number.POSITIVE_INFINITY,
});

function isDelay(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/**
 * Merges retry options over a policy, key by key.
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
  // It is whole, and rows name it while the package loads.
  if (options === DEFAULT_RETRY) return DEFAULT_RETRY;
  if (typeof options !== "object" || options === null) {
    throw new ConfigurationError(
      `${where}: must be false or an object with ${Object.keys(RETRY_OPTIONS.fields).join(", ")}`,
    );
  }
  const settled = settle(RETRY_OPTIONS, options, { path: where, refuse: refuseOption });
  const given = Object.fromEntries(
    Object.entries(settled).flatMap(([key, each]) => {
      if (each === undefined) return [];
      return [[key, Array.isArray(each) ? Object.freeze([...each]) : each]];
    }),
  ) as Partial<RetryPolicy>; // as: what is left has been checked
  const start = base === NO_RETRY ? DEFAULT_RETRY : base;
  const policy = { ...start, ...given };
  const isDefaultTimeout = given.attemptTimeout === undefined && start.attemptTimeout === DEFAULT_RETRY.attemptTimeout;
  if (isDefaultTimeout && !policy.codes.includes("DEADLINE_EXCEEDED")) {
    policy.attemptTimeout = Number.POSITIVE_INFINITY;
  }
  return Object.freeze(policy);
}
