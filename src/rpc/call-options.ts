// SPDX-License-Identifier: Apache-2.0
// From what a caller may say about one call to a plan without gaps. Precedence: method row < callDefaults < call options.

import { ConfigurationError } from "../base/errors.js";
import { type CallMetadata, normalizeMetadata } from "./metadata.js";
import { NO_RETRY, type RetryOptions, type RetryPolicy, resolveRetryPolicy } from "./retry/policy.js";
import type { MetadataPairs } from "./transport/transport.js";

/** How one attempt of a call ended. */
export interface AttemptReport {
  /** `Service.Method`. */
  readonly method: string;
  /** Which attempt it was, from 1. */
  readonly attempt: number;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** Why it failed; `undefined` when it succeeded. */
  readonly error: unknown;
  /** Milliseconds until the next attempt; `undefined` when there is none. */
  readonly nextDelayMs: number | undefined;
}

/** What may be said about one call. */
export interface CallOptions {
  /**
   * The total time of the call in milliseconds, attempts and delays included; `Infinity`: no deadline. Default: 60,000, the
   * published timeout of every method here.
   */
  readonly timeout?: number | undefined;
  /** When to make another attempt; `false`: never. Default: the published policy of the method. */
  readonly retry?: RetryOptions | false | undefined;
  /** Metadata to send beside ours. Default: none. */
  readonly metadata?: CallMetadata | undefined;
  /** Ends the call at once, wherever it is, with the signal's own reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each attempt. What it throws is ignored. Default: nobody is told. */
  readonly onAttempt?: ((report: AttemptReport) => void) | undefined;
}

/** The part of the call options that makes sense for all calls of a client. */
export type CallDefaults = Pick<CallOptions, "timeout" | "retry" | "metadata" | "onAttempt">;

/** Call options without gaps. */
export interface CallPlan {
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly metadata: MetadataPairs;
  readonly signal: AbortSignal | undefined;
  readonly onAttempt: ((report: AttemptReport) => void) | undefined;
  /** Milliseconds of attempt n, counted from 1. Default: those of the retry policy, the same for all. */
  readonly attemptTimeout?: ((attempt: number) => number) | undefined;
  /** Options of a call on the channel itself, as its transport has them. Default: none. */
  readonly channelOptions?: object | undefined;
}

const DEFAULT_KEYS: readonly string[] = ["timeout", "retry", "metadata", "onAttempt"];
const KEYS: readonly string[] = [...DEFAULT_KEYS, "signal"];

/**
 * Lays call options over a plan, key by key.
 *
 * @param where what to put before the key in error messages: `"callDefaults."`
 * @throws ConfigurationError naming the key that is wrong
 */
export function resolveCallPlan(base: CallPlan, options: CallOptions | undefined, where = ""): CallPlan {
  if (options === undefined) return base;
  if (typeof options !== "object" || options === null) {
    throw new ConfigurationError(`${where === "" ? "call options" : where.slice(0, -1)}: must be an object`);
  }
  const known = where === "" ? KEYS : DEFAULT_KEYS;
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      const what = KEYS.includes(key) ? "is for one call, not for all" : "no such call option";
      throw new ConfigurationError(`${where}${key}: ${what}; there are ${known.join(", ")}`);
    }
  }
  const { timeout, retry, metadata, signal, onAttempt } = options;
  if (timeout !== undefined && !(typeof timeout === "number" && timeout > 0)) {
    throw new ConfigurationError(
      `${where}timeout: must be a number of milliseconds above 0, or Infinity for none, was ${String(timeout)}`,
    );
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new ConfigurationError(`${where}signal: must be an AbortSignal`);
  }
  if (onAttempt !== undefined && typeof onAttempt !== "function") {
    throw new ConfigurationError(`${where}onAttempt: must be a function`);
  }
  return Object.freeze({
    timeoutMs: timeout ?? base.timeoutMs,
    retry: resolveRetryPolicy(base.retry, retry, `${where}retry`),
    metadata: metadata === undefined ? base.metadata : overlay(base.metadata, normalizeMetadata(metadata)),
    signal: signal ?? base.signal,
    onAttempt: onAttempt ?? base.onAttempt,
  });
}

function overlay(base: MetadataPairs, own: MetadataPairs): MetadataPairs {
  const ownKeys = new Set(own.map(([key]) => key));
  return [...base.filter(([key]) => !ownKeys.has(key)), ...own];
}

/** The plan of a method before anybody has said anything. */
export function defaultCallPlan(row: { readonly timeoutMs: number; readonly retry: RetryPolicy | false }): CallPlan {
  return Object.freeze({
    timeoutMs: row.timeoutMs,
    retry: row.retry === false ? NO_RETRY : row.retry,
    metadata: [],
    signal: undefined,
    onAttempt: undefined,
  });
}
