// SPDX-License-Identifier: Apache-2.0
// One method of the drop-in as google-gax calls it: takes a request, options and perhaps a callback, returns a promise that can be
// cancelled. Every call takes the road of `rpc/call.ts`.

import { onAbort } from "../../base/abort.js";
import { Status } from "../../base/causes/status.js";
import { afterTheLoop } from "../../base/clock.js";
import { isThenable } from "../../base/thenable.js";
import { performPlannedCall } from "../../rpc/call.js";
import type { AttemptReport } from "../../rpc/call-options.js";
import type { LenientRow } from "../rows/rows.js";
import type { Metadata } from "../stub/channel-library.js";
import type { MethodDefaults } from "../stub/client-config.js";
import type { OpenService } from "../stub/service-stub.js";
import { type ErrorContext, explainError, serializationError } from "./call-error.js";
import {
  type CallSettings,
  hasBothLimits,
  isSilentOnLimits,
  planOf,
  resolveCallSettings,
  shapeOf,
} from "./call-settings.js";
import type { CallOptions } from "./gax-call-options.js";
import { googleError } from "./google-error.js";
import { shapeTransport } from "./shaped-transport.js";

/** What a promise resolves to: the answer, and two places that unary methods leave empty. */
type ApiResult = [response: object, request: null, rawResponse: null];

/** The arguments of a callback. */
export type ApiCallback = (
  error: Error | null,
  response?: object | null,
  request?: undefined,
  rawResponse?: undefined,
) => void;

/** A promise that can be cancelled: its call then ends with code 1 (CANCELLED). */
interface CancellablePromise<T> extends Promise<T> {
  /** Cancels the call. */
  cancel(): void;
}

/** A method of `innerApiCalls`: with a callback it returns nothing. */
export type ApiCall = (
  request: unknown,
  options?: CallOptions,
  callback?: ApiCallback | null,
) => CancellablePromise<ApiResult> | undefined;

/** What a method needs from its client. */
export interface ApiCallHost {
  /** What the client has opened; a promise until it is open. Rejects when it cannot be opened. */
  service(): OpenService | Promise<OpenService>;
  /** Whether the client was closed. */
  isClosed(): boolean;
  newMetadata(): Metadata;
  /** The module that the client was given in place of google-gax. */
  readonly gax: unknown;
}

/** A method in two forms. */
export interface ApiMethod {
  /** That of `innerApiCalls`. */
  readonly inner: ApiCall;
  /** The same for the client itself, whose promises have no `cancel`; with a routing header. */
  call(
    request: unknown,
    options: CallOptions,
    routing: string,
    callback: ApiCallback | undefined,
  ): Promise<ApiResult> | undefined;
}

interface OneCall {
  readonly request: unknown;
  readonly options: CallOptions | null | undefined;
  readonly routing: string | undefined;
  /** Cancels the call. It costs more than everything else here, so only a call that can be cancelled has one. */
  readonly controller: AbortController | undefined;
  readonly decodesDetails: boolean;
}

type Run = (call: OneCall) => Promise<ApiResult>;

const CANCELLED = Symbol("cancelled");

/** Makes a method. */
export function createApiMethod(host: ApiCallHost, row: LenientRow, defaults: MethodDefaults): ApiMethod {
  const run = runnerOf(host, row, defaults);
  return {
    inner: (request, options, callback) => {
      const controller = callback && !options?.signal ? undefined : new AbortController();
      const result = run({ request, options, routing: undefined, controller, decodesDetails: !callback });
      if (callback) return answer(callback, result);
      return Object.assign(result, { cancel: () => controller?.abort(CANCELLED) });
    },
    call: (request, options, routing, callback) => {
      const controller = options.signal ? new AbortController() : undefined;
      const result = run({ request, options, routing, controller, decodesDetails: !callback });
      return callback ? answer(callback, result) : result;
    },
  };
}

/** In a turn of its own, so that what a callback throws rejects no promise. */
function answer(callback: ApiCallback, result: Promise<ApiResult>): undefined {
  result.then(
    ([response]) => afterTheLoop(() => callback(null, response, undefined, undefined)),
    (error: Error) => afterTheLoop(() => callback(error, undefined, undefined, undefined)),
  );
}

function runnerOf(host: ApiCallHost, row: LenientRow, defaults: MethodDefaults): Run {
  let usual: CallSettings | undefined;
  const settingsOf = (options: CallOptions | null | undefined): CallSettings => {
    if (!options || !isSilentOnLimits(options)) return resolveCallSettings(defaults, options);
    usual ??= resolveCallSettings(defaults, options);
    return usual;
  };
  return async ({ request, options, routing, controller, decodesDetails }) => {
    if (host.isClosed()) throw googleError("The client has already been closed.", undefined, host.gax);
    const settings = settingsOf(options);
    const service = host.service();
    const { context, openGrpcJs } = isThenable(service) ? await service : service;
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
      isCancelled: controller?.signal.aborted === true,
      cancelReason: options?.signal?.reason,
    });
    const onAttempt = ({ error }: AttemptReport): void => {
      if (error !== undefined) failures.push(error);
    };
    const stopListening = forwardAbort(options?.signal, controller);
    try {
      const plan = planOf(settings, options, { routing, signal: controller?.signal, onAttempt });
      const message = encodable(row, request, errorContext);
      const { transport } = context.runtime;
      const shaped = shapeTransport({ transport, openGrpcJs }, shapeOf(settings, options));
      const runtime = shaped === transport ? context.runtime : { ...context.runtime, transport: shaped };
      const call = performPlannedCall({ runtime, lifetime: context.lifetime }, row, message, plan);
      const response = await call.catch((error: unknown) => {
        throw explainError(error, errorContext());
      });
      return [response, null, null];
    } finally {
      stopListening?.();
    }
  };
}

function forwardAbort(
  signal: AbortSignal | undefined,
  controller: AbortController | undefined,
): (() => void) | undefined {
  if (!signal || controller === undefined) return undefined;
  if (signal.aborted) controller.abort(signal.reason);
  return onAbort(signal, () => controller.abort(signal.reason));
}

function encodable(row: LenientRow, request: unknown, context: () => ErrorContext): unknown {
  try {
    return row.normalize(Object(request ?? {}));
  } catch (cause) {
    throw serializationError(cause, context());
  }
}
