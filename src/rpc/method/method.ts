// SPDX-License-Identifier: Apache-2.0
// The type of a row in a service's method table: all that the runtime must know about one RPC. Knows no service.

import type { HttpBinding, MessageFields } from "../../messages/tables.js";
import type { RetryPolicy } from "../retry/policy.js";

/** How a method goes over HTTP with JSON. */
export interface HttpRule {
  /** The ways to write it; the first one that the message fits is used. */
  readonly bindings: readonly HttpBinding[];
  /** The fields of the request. */
  readonly request: MessageFields;
  /** The fields of the reply. */
  readonly reply: MessageFields;
}

/** What a transport must know to call a method. */
export interface MethodDescriptor<Message, Reply> {
  /** `Service.Method` without the package, for messages: `IAMCredentials.SignJwt`. */
  readonly label: string;
  /** The gRPC path: `/google.iam.credentials.v1.IAMCredentials/SignJwt`. */
  readonly path: string;
  /** Protobuf bytes of a message. */
  encode(message: Message): Buffer;
  /**
   * The same, into a `BinaryWriter` of `@bufbuild/protobuf/wire`, which saves a transport that has one from copying. Default: only
   * `encode` is available.
   */
  encodeInto?(message: Message, writer: never): unknown;
  /** The reply in protobuf bytes. Throws if they are not valid. */
  decode(bytes: Buffer): Reply;
  /** How it is called over HTTP. Default: it cannot be, and the REST transport refuses it. */
  readonly http?: HttpRule;
}

/**
 * One RPC: from what a caller may write (`Request`) over the wire (`Message`, `Reply`) to what the caller gets (`Response`).
 */
export interface MethodRow<Request, Message, Reply, Response> extends MethodDescriptor<Message, Reply> {
  /** Which side streams. Default: none. */
  readonly kind?: "unary";
  /** Checks a request and makes it canonical. Throws RequestError naming the field. */
  normalize(request: Request): Message;
  /** What the caller gets. */
  respond(reply: Reply): Response;
  /** The fields for the routing header, by their proto names. Source: AIP-4222. */
  routing(message: Message): readonly (readonly [field: string, value: string])[];
  /** The total deadline in milliseconds if the caller sets none. */
  readonly timeoutMs: number;
  /** The retry policy if the caller sets none. */
  readonly retry: RetryPolicy;
}

/** One RPC whose response is a page of a list. Source: AIP-158. */
export interface PagedRow<Request, Message, Reply, Response, Item>
  extends MethodRow<Request, Message, Reply, Response> {
  /** The items of a page, in order. */
  items(response: Response): readonly Item[];
}

/** Which side of a streaming call sends more than one message: the server, the client or both. */
export type StreamKind = "serverStream" | "clientStream" | "bidi";

/** One RPC that streams: the same as a {@link MethodRow}, where requests and replies are many. */
export interface StreamRow<Request, Message, Reply, Response, Kind extends StreamKind = StreamKind>
  extends MethodDescriptor<Message, Reply> {
  /** Which side streams. */
  readonly kind: Kind;
  /** Checks a request and makes it canonical. Throws RequestError naming the field. */
  normalize(request: Request): Message;
  /** What the caller gets for one reply. */
  respond(reply: Reply): Response;
  /** The fields for the routing header of a call with a single request; not called for others. Source: AIP-4222. */
  routing(message: Message): readonly (readonly [field: string, value: string])[];
  /** The total deadline of the whole stream in milliseconds if the caller sets none; `Infinity`: none. */
  readonly timeoutMs: number;
  /** The retry policy until the first reply, if the caller sets none. */
  readonly retry: RetryPolicy;
}

/** What differs between services for the runtime. */
export interface ServiceDescription {
  /** Its name in messages: `IAMCredentials`. */
  readonly name: string;
  /** The host without the universe domain: `iamcredentials`. */
  readonly hostPrefix: string;
  /** OAuth scopes that a token for this service needs. */
  readonly scopes: readonly string[];
  /** The environment variable that points clients at an emulator. */
  readonly emulatorVariable: string;
  /** Its name in `GOOGLE_SDK_NODE_LOGGING`: `iam-credentials`. Default: the host's prefix. */
  readonly logName?: string | undefined;
}
