// SPDX-License-Identifier: Apache-2.0
// The stub that `initialize()` resolves to: each method under two spellings, one attempt per call, like a client of grpc-js.

import { systemClock } from "../../base/clock.js";
import { METHOD_NAMES, ROWS } from "../rows/rows.js";
import type { Metadata } from "../stub/channel-library.js";
import { type ApiCallback, type ApiCallHost, createApiMethod } from "./api-call.js";
import type { CallOptions } from "./gax-call-options.js";

/** A stub: methods by name, and `close`. */
// biome-ignore lint/complexity/noBannedTypes: the type that the original declares.
export type Stub = { [name: string]: Function };

/** One attempt, whose options besides the deadline are the channel's. */
function attemptOptions(metadata: Metadata | undefined, options: { deadline?: Date | number } = {}): CallOptions {
  const { deadline } = options;
  const headers = Object.fromEntries(
    Object.keys(metadata?.getMap() ?? {}).map((key) => [key, metadata?.get(key) ?? []]),
  );
  return {
    retry: null,
    otherArgs: { headers, options },
    ...(deadline === undefined ? {} : { timeout: Math.max(1, Number(deadline) - systemClock.wallNow()) }),
  };
}

/** Makes the stub. @param close ends the service */
export function buildStub(host: ApiCallHost, close: () => void): Stub {
  const stub: Stub = { close };
  for (const name of METHOD_NAMES) {
    const { inner: call } = createApiMethod(host, ROWS[name], { timeoutMillis: Number.POSITIVE_INFINITY, retry: null });
    const method = (request: unknown, ...rest: readonly unknown[]): { cancel(): void } => {
      const callback = rest.findLast((each): each is ApiCallback => typeof each === "function");
      // as: the arguments before the callback are metadata and options, in this order
      const [metadata, options] = rest.filter((each) => each !== callback) as [Metadata?, { deadline?: Date }?];
      const promise = call(request, attemptOptions(metadata, options));
      promise?.then(
        ([response]) => callback?.(null, response),
        (error: Error) => callback?.(error),
      );
      return { cancel: () => promise?.cancel() };
    };
    stub[name] = method;
    stub[`${name.charAt(0).toUpperCase()}${name.slice(1)}`] = method;
  }
  return stub;
}
