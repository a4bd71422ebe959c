// SPDX-License-Identifier: Apache-2.0
// From the call options of the drop-in to the plan of the road of a call. Writes to nothing that it is given, so that what is said
// about one call stays with it.

import type { AttemptReport, CallPlan } from "../gax/call-options.js";
import { NO_RETRY, type RetryPolicy } from "../gax/retry/policy.js";
import { type StatusName, statusName } from "../gax/status.js";
import type { MetadataPairs } from "../gax/transport/transport.js";
import type { CallOptions } from "./call-options.js";
import { API_NAME, type BackoffSettings, type MethodDefaults } from "./client-config.js";
import { headersFrom } from "./headers.js";

/** What is settled about one call. */
export interface CallSettings {
  /** `undefined`: one attempt, whose error goes to the caller as it is. */
  readonly retry: { readonly codes: readonly number[]; readonly settings: BackoffSettings } | undefined;
  /** Milliseconds for the call, or for each attempt where there is no total. */
  readonly timeoutMillis: number;
  readonly apiName: string;
  readonly metadata: MetadataPairs;
  /** Of `otherArgs.options`; `undefined`: none but what is ours. */
  readonly channelOptions: object | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What google-gax takes where the time is 0 or not given at all. */
const FALLBACK_TIMEOUT_MILLIS = 30_000;

/**
 * Lays call options over a method's defaults, with google-gax's precedence: `timeout` (the call's, else the method's) stands in for
 * the times of the backoff settings, `retry` for its two parts as wholes, and `maxRetries` for the total time.
 *
 * @throws Error when it is given what only streams have, or both limits
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
  const { otherArgs } = options;
  const settings = {
    timeoutMillis: timeout || FALLBACK_TIMEOUT_MILLIS,
    apiName: options.apiName ?? API_NAME,
    metadata: headersFrom(otherArgs?.["headers"]),
    channelOptions: channelOptionsFrom(otherArgs?.["options"]),
    signal: options.signal,
  };
  if (retry === null || retry.retryCodes.length === 0) return { ...settings, retry: undefined };
  const limits = maxRetries === undefined ? {} : { maxRetries, totalTimeoutMillis: undefined };
  const backoffSettings = { ...retry.backoffSettings, ...limits } as BackoffSettings; // as: undefined means none there
  return { ...settings, retry: { codes: retry.retryCodes, settings: backoffSettings } };
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

/** The plan of a call. @param onAttempt told of each attempt */
export function planOf(
  settings: CallSettings,
  signal: AbortSignal,
  onAttempt: (report: AttemptReport) => void,
): CallPlan {
  const { retry, timeoutMillis, metadata, channelOptions } = settings;
  const shared = { metadata, signal, onAttempt, channelOptions };
  if (retry === undefined) return { ...shared, timeoutMs: timeoutMillis, retry: NO_RETRY };
  const total = retry.settings.totalTimeoutMillis;
  return {
    ...shared,
    timeoutMs: total ? total : Number.POSITIVE_INFINITY,
    retry: policyOf(retry.codes, retry.settings),
    attemptTimeout: attemptTimeouts(retry.settings, timeoutMillis),
  };
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

/** google-gax counts attempts by the name of retries, makes one in any case, and compares with whatever it is given. */
function attemptsFrom(maxRetries: unknown): number {
  const attempts = maxRetries === undefined ? Number.NaN : Number(maxRetries);
  return Number.isNaN(attempts) ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(attempts));
}

function finiteOr(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : otherwise;
}

/** The time of attempt n: it grows by the multiplier up to the greatest. */
function attemptTimeouts(settings: BackoffSettings, timeoutMillis: number): (attempt: number) => number {
  const { initialRpcTimeoutMillis, maxRpcTimeoutMillis, rpcTimeoutMultiplier } = settings;
  const first = initialRpcTimeoutMillis ?? timeoutMillis;
  const multiplier = rpcTimeoutMultiplier || 1;
  const greatest = maxRpcTimeoutMillis || Number.POSITIVE_INFINITY;
  return (attempt) => (attempt === 1 ? first : Math.min(first * multiplier ** (attempt - 1), greatest));
}
