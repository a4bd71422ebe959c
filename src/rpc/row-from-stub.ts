// SPDX-License-Identifier: Apache-2.0
// From a method of generated stubs to a row of a method table. Knows ts-proto's form (outputServices=grpc-js), which is grpc-js's.

import { ConfigurationError } from "../base/errors.js";
import type { HttpRule, MethodRow, StreamKind, StreamRow } from "./method.js";
import { NO_RETRY, type RetryOptions, resolveRetryPolicy } from "./retry/policy.js";

/** A method as ts-proto (and any generator for grpc-js) makes it. */
export interface MethodStub<Message, Reply> {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Whether the client sends more than one message. */
  readonly requestStream: boolean;
  /** Whether the server does. */
  readonly responseStream: boolean;
  /** Protobuf bytes of a request. */
  requestSerialize(message: Message): Buffer;
  /** The reply in protobuf bytes. */
  responseDeserialize(bytes: Buffer): Reply;
}

/** What a row has beside its stub. */
export interface RowOptions<Request, Message, Reply, Response> {
  /** Checks a request and makes a whole message of it. Default: the request is the message. */
  readonly normalize?: (request: Request) => Message;
  /** What the caller gets for a reply. Default: the reply. */
  readonly respond?: (reply: Reply) => Response;
  /** Fields for the routing header, by their proto names, of a call with a single request. Default: none. Source: AIP-4222. */
  readonly routing?: (message: Message) => readonly (readonly [field: string, value: string])[];
  /**
   * The total deadline in milliseconds where a call names none; `Infinity`: none. Default: 60,000, as Google's own services
   * have; a stream that lives longer must say so.
   */
  readonly timeout?: number;
  /**
   * When to make another attempt where a call does not say; `{}`: as our own methods do. Default: `false`, never, because only
   * who knows the method knows whether it may be repeated.
   */
  readonly retry?: RetryOptions | false;
  /** How the method goes over HTTP. Default: it does not, and the transport `rest` refuses it. */
  readonly http?: HttpRule;
}

/** Which side of a stub streams. */
export type KindOf<Stub> = Stub extends { readonly requestStream: true }
  ? Stub extends { readonly responseStream: true }
    ? "bidi"
    : "clientStream"
  : Stub extends { readonly responseStream: true }
    ? "serverStream"
    : "unary";

/** The row of a kind. */
export type RowOf<Kind, Request, Message, Reply, Response> = Kind extends StreamKind
  ? StreamRow<Request, Message, Reply, Response, Kind>
  : MethodRow<Request, Message, Reply, Response>;

/**
 * The row of a generated method, for {@link createServiceClient}.
 *
 * @throws ConfigurationError naming the option that is wrong
 *
 * @example
 * const rows = { watch: rowFromStub(WeatherService.watch, { timeout: Infinity, retry: {} }) };
 */
export function rowFromStub<
  const Stub extends { readonly requestStream: boolean; readonly responseStream: boolean },
  Message,
  Reply,
  Request = Message,
  Response = Reply,
>(
  stub: Stub & MethodStub<Message, Reply>,
  options: RowOptions<Request, Message, Reply, Response> = {},
): RowOf<KindOf<Stub>, Request, Message, Reply, Response> {
  const { normalize, respond, routing, timeout = 60_000, retry = false, http } = options;
  if (!(typeof timeout === "number" && timeout > 0)) {
    throw new ConfigurationError(
      `timeout: must be a number of milliseconds above 0, or Infinity for none, was ${String(timeout)}`,
    );
  }
  const [, service = "", method = ""] = /([^./]+)\/([^/]+)$/.exec(stub.path) ?? [];
  const row = {
    kind: kindOf(stub),
    label: `${service}.${method}`,
    path: stub.path,
    encode: stub.requestSerialize,
    decode: stub.responseDeserialize,
    normalize: normalize ?? same,
    respond: respond ?? same,
    routing: routing ?? (() => []),
    timeoutMs: timeout,
    retry: resolveRetryPolicy(NO_RETRY, retry, "retry"),
    ...(http === undefined ? {} : { http }),
  };
  return Object.freeze(row) as unknown as RowOf<KindOf<Stub>, Request, Message, Reply, Response>; // as: a conditional type of the stub's constants
}

function kindOf({ requestStream, responseStream }: MethodStub<never, unknown>): StreamKind | "unary" {
  if (requestStream) return responseStream ? "bidi" : "clientStream";
  return responseStream ? "serverStream" : "unary";
}

function same<Value>(value: Value): Value {
  return value;
}
