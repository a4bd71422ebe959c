// SPDX-License-Identifier: Apache-2.0
// Turns the call options of the drop-in into the plan of the road of a call. Modifies nothing that it is given, so that the options of one
// call do not affect another.

import { type StatusName, statusName } from "../../base/causes/status.js";
import type { AttemptReport, CallPlan } from "../../rpc/call-options.js";
import { NO_RETRY, type RetryPolicy } from "../../rpc/retry/policy.js";
import { API_NAME, type BackoffSettings, type MethodDefaults } from "../stub/client-config.js";
import type { CallOptions } from "./gax-call-options.js";
import { headersFrom } from "./headers.js";
import type { CallShape } from "./shaped-transport.js";

/** The times and attempts of a call: the same for all calls of a method that do not set them. */
export interface CallSettings {
  /** `undefined`: one attempt, whose error goes to the caller as it is. */
  readonly retry: { readonly codes: readonly number[]; readonly settings: BackoffSettings } | undefined;
  /** Milliseconds for the call, or for each attempt where there is no total. */
  readonly timeoutMillis: number;
  readonly apiName: string;
  /** The same in the words of the road of a call. */
  readonly limits: Pick<CallPlan, "timeoutMs" | "retry">;
  /** Milliseconds of attempt n, if they are not the same for all. */
  readonly attemptTimeout: CallShape["attemptTimeout"];
}

/** What google-gax uses when the time is 0 or not given at all. */
const FALLBACK_TIMEOUT_MILLIS = 30_000;

/**
 * Lays call options over a method's defaults, with google-gax's precedence: `timeout` (the call's, else the method's) replaces the times of
 * the backoff settings, `retry` for its two parts as wholes, and `maxRetries` for the total time.
 *
 * @throws Error when it is given options for streams only, or both limits
 */
export function resolveCallSettings(defaults: MethodDefaults, options: CallOptions | null | undefined): CallSettings {
  if (options === undefined || options === null) {
    return settle(defaults.timeoutMillis, defaults.retry, undefined, {});
  }
  const timeout = "timeout" in options ? options.timeout : defaults.timeoutMillis;
  const times = { initialRpcTimeoutMillis: timeout, maxRpcTimeoutMillis: timeout, totalTimeoutMillis: timeout };
  const base = defaults.retry && {
    retryCodes: defaults.retry.retryCodes,
    backoffSettings: { ...defaults.retry.backoffSettings, ...times } as BackoffSettings, // as: undefined means none there
  };
  const retry = "retry" in options ? overlayRetry(base, options.retry) : base;
  return settle(timeout, retry, options.maxRetries, options);
}

/** Whether call options say nothing about times and attempts, as in nearly all calls. */
export function isSilentOnLimits(options: CallOptions): boolean {
  return !("timeout" in options || "retry" in options || "maxRetries" in options || "apiName" in options);
}

type Retry = { readonly retryCodes: readonly number[]; readonly backoffSettings: BackoffSettings } | null;

function overlayRetry(base: Retry, own: CallOptions["retry"]): Retry {
  if (!own) return null;
  if (own.shouldRetryFn) {
    throw new Error("Using a function to determine retry eligibility is only supported with server streaming calls");
  }
  if (own.getResumptionRequestFn) {
    throw new Error("Resumption strategy can only be used with server streaming retries");
  }
  const retryCodes = own.retryCodes || base?.retryCodes || [];
  const backoffSettings = own.backoffSettings || base?.backoffSettings;
  return backoffSettings === undefined ? null : { retryCodes, backoffSettings };
}

function settle(
  timeout: number | undefined,
  retry: Retry,
  maxRetries: number | undefined,
  options: CallOptions,
): CallSettings {
  const timeoutMillis = timeout || FALLBACK_TIMEOUT_MILLIS;
  const apiName = options.apiName ?? API_NAME;
  if (retry === null || retry.retryCodes.length === 0) {
    const limits = { timeoutMs: timeoutMillis, retry: NO_RETRY };
    return { timeoutMillis, apiName, retry: undefined, limits, attemptTimeout: undefined };
  }
  const own = maxRetries === undefined ? {} : { maxRetries, totalTimeoutMillis: undefined };
  const settings = { ...retry.backoffSettings, ...own } as BackoffSettings; // as: undefined means none there
  const [longestMs, attemptTimeout] = attemptTimeouts(settings, timeoutMillis);
  const limits = {
    timeoutMs: settings.totalTimeoutMillis || Number.POSITIVE_INFINITY,
    retry: { ...policyOf(retry.retryCodes, settings), attemptTimeout: longestMs },
  };
  return { timeoutMillis, apiName, retry: { codes: retry.retryCodes, settings }, limits, attemptTimeout };
}

function channelOptionsFrom(options: unknown): object | undefined {
  if (typeof options !== "object" || options === null) return undefined;
  // The deadline is ours: google-gax overwrites it too.
  const { deadline: _, ...rest } = options as Readonly<Record<string, unknown>>;
  return Object.keys(rest).length === 0 ? undefined : rest;
}

/** Whether both limits are given, which google-gax refuses. */
export function hasBothLimits({ retry }: CallSettings): boolean {
  return Boolean(retry?.settings.maxRetries) && Boolean(retry?.settings.totalTimeoutMillis);
}

/** What each call has of its own. */
interface OwnOfCall {
  /** The value of the routing header. Default: that of the caller's headers, if there is one. */
  readonly routing: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Called after each attempt. */
  readonly onAttempt: (report: AttemptReport) => void;
}

/** The plan of a call. @throws Error when a header of the caller's cannot be sent */
export function planOf({ limits }: CallSettings, options: CallOptions | null | undefined, own: OwnOfCall): CallPlan {
  return {
    timeoutMs: limits.timeoutMs,
    retry: limits.retry,
    metadata: headersFrom(options?.otherArgs?.["headers"], own.routing),
    signal: own.signal,
    onAttempt: own.onAttempt,
  };
}

/** What a call asks of its transport that the plan has no place for. */
export function shapeOf({ attemptTimeout }: CallSettings, options: CallOptions | null | undefined): CallShape {
  return { attemptTimeout, channelOptions: channelOptionsFrom(options?.otherArgs?.["options"]) };
}

function policyOf(codes: readonly number[], settings: BackoffSettings): RetryPolicy {
  const { initialRetryDelayMillis, maxRetryDelayMillis, retryDelayMultiplier, maxRetries } = settings;
  return {
    ...NO_RETRY,
    codes: codes.map((code): StatusName => statusName(Number(code))),
    initialDelay: finiteOr(initialRetryDelayMillis, 0),
    maxDelay: finiteOr(maxRetryDelayMillis, 60_000),
    multiplier: finiteOr(retryDelayMultiplier, 1),
    maxAttempts: attemptsFrom(maxRetries),
  };
}

/** google-gax counts attempts but calls them retries, makes at least one, and compares with whatever it is given. */
function attemptsFrom(maxRetries: unknown): number {
  const attempts = maxRetries === undefined ? Number.NaN : Number(maxRetries);
  return Number.isNaN(attempts) ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(attempts));
}

function finiteOr(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : otherwise;
}

/** The time of the longest attempt, and of attempt n where they differ: it grows by the multiplier up to the maximum. */
function attemptTimeouts(
  settings: BackoffSettings,
  timeoutMillis: number,
): [longestMs: number, ofAttempt: CallShape["attemptTimeout"]] {
  const { initialRpcTimeoutMillis, maxRpcTimeoutMillis, rpcTimeoutMultiplier } = settings;
  const first = initialRpcTimeoutMillis ?? timeoutMillis;
  const multiplier = rpcTimeoutMultiplier || 1;
  const greatest = maxRpcTimeoutMillis || Number.POSITIVE_INFINITY;
  // The first attempt has its time even if that exceeds the maximum.
  const ofAttempt = (attempt: number) =>
    attempt === 1 ? first : Math.min(first * multiplier ** (attempt - 1), greatest);
  return multiplier === 1 && first <= greatest ? [first, undefined] : [Number.POSITIVE_INFINITY, ofAttempt];
}
