// SPDX-License-Identifier: Apache-2.0
// Turns the options of one call into a complete plan. Precedence: method row < callDefaults < call options.

import { ConfigurationError } from "../base/errors.js";
import { declare, fieldPath, type GivenOf, optional, settle } from "../base/options/declaration.js";
import { anything, DEADLINE, refuseOption, SIGNAL, someFunction } from "../base/options/shared-options.js";
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

/** The options of one call. */
const CALL_OPTIONS = declare({
  unknown: "no such call option",
  fields: {
    /**
     * The total time of the call in milliseconds, including attempts and delays; `Infinity`: no deadline. Default: 60,000, the
     * published timeout of every method here.
     */
    timeout: optional(DEADLINE),
    /** When to retry; `false`: never. Default: the published policy of the method. */
    retry: optional(anything<RetryOptions | false>()),
    /** Metadata to send in addition to ours. Default: none. */
    metadata: optional(anything<CallMetadata>()),
    /** Ends the call at once, at whatever stage, with the signal's own reason. Default: none. */
    signal: optional(SIGNAL),
    /** Called after each attempt. Anything it throws or rejects with is ignored. Default: not called. */
    onAttempt: optional(someFunction<(report: AttemptReport) => void>("a function")),
  },
});

/** The options of one call. */
export interface CallOptions extends GivenOf<typeof CALL_OPTIONS.fields> {}

/** The part of the call options that makes sense for all calls of a client. */
export type CallDefaults = Pick<CallOptions, "timeout" | "retry" | "metadata" | "onAttempt">;

/** Complete call options. */
export interface CallPlan {
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly metadata: MetadataPairs;
  readonly signal: AbortSignal | undefined;
  readonly onAttempt: ((report: AttemptReport) => void) | undefined;
}

const { signal: _, ...forAll } = CALL_OPTIONS.fields;
/** The options for all calls of a client. */
const CALL_DEFAULTS = declare({
  unknown: (name) => (name === "signal" ? "is for one call, not for all" : "no such call option"),
  fields: forAll,
});

/**
 * Merges call options over a plan, key by key.
 *
 * @param where what to put before the key in error messages, with a dot: `"callDefaults"`
 * @throws ConfigurationError naming the key that is wrong
 */
export function resolveCallPlan(base: CallPlan, options: CallOptions | undefined, where = ""): CallPlan {
  if (options === undefined) return base;
  const isForOne = where === "";
  if (typeof options !== "object" || options === null) {
    throw new ConfigurationError(`${isForOne ? "call options" : where}: must be an object`);
  }
  const declared = isForOne ? CALL_OPTIONS : CALL_DEFAULTS;
  const { timeout, retry, metadata, onAttempt } = settle(declared, options, { path: where, refuse: refuseOption });
  const { signal } = options;
  return Object.freeze({
    timeoutMs: timeout ?? base.timeoutMs,
    retry: resolveRetryPolicy(base.retry, retry, fieldPath(where, "retry")),
    metadata: metadata === undefined ? base.metadata : overlay(base.metadata, normalizeMetadata(metadata)),
    signal: signal ?? base.signal,
    onAttempt: onAttempt ?? base.onAttempt,
  });
}

function overlay(base: MetadataPairs, own: MetadataPairs): MetadataPairs {
  const ownKeys = new Set(own.map(([key]) => key));
  return [...base.filter(([key]) => !ownKeys.has(key)), ...own];
}

/** The plan of a method before any options are applied. */
export function defaultCallPlan(row: { readonly timeoutMs: number; readonly retry: RetryPolicy | false }): CallPlan {
  return Object.freeze({
    timeoutMs: row.timeoutMs,
    retry: row.retry === false ? NO_RETRY : row.retry,
    metadata: [],
    signal: undefined,
    onAttempt: undefined,
  });
}
