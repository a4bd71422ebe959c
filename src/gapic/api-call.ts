// SPDX-License-Identifier: Apache-2.0
// One method of the drop-in as google-gax calls it: request, options and perhaps a callback in; a promise that can be cancelled out.
// Every call goes the road of `gax/call.ts`.

import { onAbort } from "../gax/abort.js";
import { performPlannedCall } from "../gax/call.js";
import { Status } from "../gax/status.js";
import { type ErrorContext, explainError, serializationError } from "./call-error.js";
import type { CallOptions } from "./call-options.js";
import { hasBothLimits, planOf, resolveCallSettings } from "./call-settings.js";
import type { Metadata } from "./channel-library.js";
import type { MethodDefaults } from "./client-config.js";
import { googleError } from "./google-error.js";
import type { LenientRow } from "./rows.js";
import type { OpenService } from "./service-stub.js";

/** What a promise resolves to: the answer, and two places that unary methods leave empty. */
export type ApiResult = [response: object, request: null, rawResponse: null];

/** What a callback is told. */
export type ApiCallback = (
  error: Error | null,
  response?: object | null,
  request?: undefined,
  rawResponse?: undefined,
) => void;

/** A promise that can be given up: its call then ends with code 1 (CANCELLED). */
export interface CancellablePromise<T> extends Promise<T> {
  /** Gives the call up. */
  cancel(): void;
}

/** A method of `innerApiCalls`: with a callback it returns nothing. */
export type ApiCall = (
  request: unknown,
  options?: CallOptions,
  callback?: ApiCallback | null,
) => CancellablePromise<ApiResult> | undefined;

/** What a method needs of its client. */
export interface ApiCallHost {
  /** What the client has opened. Rejects when it could not be. */
  service(): Promise<OpenService>;
  /** Whether the client was closed. */
  isClosed(): boolean;
  newMetadata(): Metadata;
  /** The module that the client was given in place of google-gax. */
  readonly gax: unknown;
}

const CANCELLED = Symbol("cancelled");

/** Makes a method. */
export function createApiCall(host: ApiCallHost, row: LenientRow, defaults: MethodDefaults): ApiCall {
  return (request, options, callback) => {
    const controller = new AbortController();
    const promise = runCall(host, row, defaults, {
      request,
      options,
      controller,
      decodesDetails: !callback,
    });
    if (!callback) {
      const result = promise.then((response): ApiResult => [response, null, null]);
      return Object.assign(result, { cancel: () => controller.abort(CANCELLED) });
    }
    // In a turn of its own, so that what a callback throws is nobody's rejection.
    promise.then(
      (response) => setImmediate(callback, null, response, undefined, undefined),
      (error: Error) => setImmediate(callback, error, undefined, undefined, undefined),
    );
    return undefined;
  };
}

interface OneCall {
  readonly request: unknown;
  readonly options: CallOptions | undefined;
  readonly controller: AbortController;
  readonly decodesDetails: boolean;
}

async function runCall(
  host: ApiCallHost,
  row: LenientRow,
  defaults: MethodDefaults,
  { request, options, controller, decodesDetails }: OneCall,
): Promise<object> {
  const settings = resolveCallSettings(defaults, options);
  const { context } = await host.service();
  if (host.isClosed()) throw googleError("The client has already been closed.", undefined, host.gax);
  if (hasBothLimits(settings)) {
    const text = "Cannot set both totalTimeoutMillis and maxRetries in backoffSettings.";
    throw googleError(text, Status.INVALID_ARGUMENT, host.gax);
  }
  const failures: unknown[] = [];
  const errorContext = (): ErrorContext => ({
    settings,
    failures,
    decodesDetails,
    newMetadata: () => host.newMetadata(),
    gax: host.gax,
    isCancelled: controller.signal.aborted,
  });
  const { signal } = settings;
  if (signal?.aborted) controller.abort(signal.reason);
  const stopListening = signal && onAbort(signal, () => controller.abort(signal.reason));
  try {
    const message = encodable(row, request, errorContext);
    const plan = planOf(settings, controller.signal, ({ error }) => {
      if (error !== undefined) failures.push(error);
    });
    return await performPlannedCall(
      { ...context, explain: (_call, error) => explainError(error, errorContext()) },
      row,
      message,
      plan,
    );
  } finally {
    stopListening?.();
  }
}

function encodable(row: LenientRow, request: unknown, context: () => ErrorContext): unknown {
  try {
    return row.normalize(Object(request ?? {}));
  } catch (cause) {
    throw serializationError(cause, context());
  }
}
