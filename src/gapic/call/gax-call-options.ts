// SPDX-License-Identifier: Apache-2.0
// What may be said about one call of the drop-in: the names and meanings of google-gax's CallOptions.

import type { BackoffSettings } from "../stub/client-config.js";

/** When to make another attempt. */
export interface RetryOptions {
  /** Numeric status codes that are retried; an empty list: none. Default: UNAVAILABLE and DEADLINE_EXCEEDED. */
  retryCodes: number[];
  /** Delays and times; replaces the method's own as a whole. Default: the method's own. */
  backoffSettings: BackoffSettings;
  /** Refused: it is for streams, as in google-gax. Default: none. */
  shouldRetryFn?: (error: never) => boolean;
  /** Refused: it is for streams, as in google-gax. Default: none. */
  getResumptionRequestFn?: (request: never) => unknown;
}

/** What may be said about one call. The object is not written to. */
export interface CallOptions {
  /** Milliseconds for the whole call, attempts and delays included. Default: 60,000, the published timeout. */
  timeout?: number;
  /** When to make another attempt; `null`: never. Default: the method's policy. */
  retry?: Partial<RetryOptions> | null;
  /** How many attempts to make, the first included, in place of a total time. Default: no limit but the total time. */
  maxRetries?: number;
  /** `headers` to send, and `options` of the channel (those of grpc-js). Default: none. */
  otherArgs?: { [index: string]: unknown };
  /** What to call the API in errors. Default: `google.iam.credentials.v1.IAMCredentials`. */
  apiName?: string;
  /** Ends the call at once with code 1 (CANCELLED). Default: none. */
  signal?: AbortSignal;
  /** Without effect, as for every unary method. Default: none. */
  autoPaginate?: boolean;
  /** Without effect, as for every unary method. Default: none. */
  maxResults?: number;
  /** Without effect, as for every method that is not bundled. Default: none. */
  bundleOptions?: object | null;
  /** Without effect, as for every method that is not bundled. Default: none. */
  isBundling?: boolean;
  /** Without effect, as for every method that is not a long-running operation. Default: none. */
  longrunning?: BackoffSettings;
  /** Without effect, as for every unary method. Default: none. */
  retryRequestOptions?: object;
}
