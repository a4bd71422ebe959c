// SPDX-License-Identifier: Apache-2.0
// What only callers of the original may ask of a call's attempts, wrapped around the transport of that one call: times that grow from
// attempt to attempt, and grpc-js's own call options. The road of a call knows neither.

import type { Transport, UnaryCall } from "../../rpc/transport/transport.js";

/** What a call asks beyond the plan of the road. */
export interface CallShape {
  /** Milliseconds of attempt n, counted from 1. Default: those of the plan, the same for all. */
  readonly attemptTimeout: ((attempt: number) => number) | undefined;
  /** Call options of grpc-js: interceptors, call credentials, a parent. Default: none. */
  readonly channelOptions: object | undefined;
}

/** What carries calls. */
interface Carriers {
  /** Calls without options of grpc-js's own. */
  readonly transport: Transport;
  /** The transport that knows such options, opened on first use. `undefined`: there is none, as over REST, and they are ignored. */
  readonly openGrpcJs: (() => Transport) | undefined;
}

/** The transport of one call. */
export function shapeTransport(carriers: Carriers, { attemptTimeout, channelOptions }: CallShape): Transport {
  const { transport, openGrpcJs } = carriers;
  if (attemptTimeout === undefined && channelOptions === undefined) return transport;
  let attempt = 0;
  const { kind, host, clientToken } = transport;
  return {
    kind,
    host,
    ...(clientToken === undefined ? {} : { clientToken }),
    unary<Message, Reply>(call: UnaryCall<Message, Reply>): Promise<Reply> {
      attempt++;
      const timeoutMs = Math.min(call.timeoutMs, attemptTimeout?.(attempt) ?? Number.POSITIVE_INFINITY);
      if (channelOptions === undefined || openGrpcJs === undefined) return transport.unary({ ...call, timeoutMs });
      // The transport over grpc-js takes them in addition to what is in the contract.
      const withOptions = { ...call, timeoutMs, channelOptions };
      return openGrpcJs().unary(withOptions);
    },
    close: (gracePeriodMs) => transport.close(gracePeriodMs),
  };
}
