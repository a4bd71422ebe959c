// SPDX-License-Identifier: Apache-2.0
// The type of a row in a service's method table: all that the runtime must know of one RPC. Knows no service.

import type { RetryPolicy } from "./retry/policy.js";

/** What a transport must know to carry a method. */
export interface MethodDescriptor<Message, Reply> {
  /** `Service.Method` without the package, for messages: `IAMCredentials.SignJwt`. */
  readonly label: string;
  /** The gRPC path: `/google.iam.credentials.v1.IAMCredentials/SignJwt`. */
  readonly path: string;
  /** Protobuf bytes of a message. */
  encode(message: Message): Buffer;
  /** The reply in protobuf bytes. Throws when they are none. */
  decode(bytes: Buffer): Reply;
}

/**
 * One RPC: from what a caller may write (`Request`) over the wire (`Message`, `Reply`) to what the caller gets (`Response`).
 */
export interface MethodRow<Request, Message, Reply, Response> extends MethodDescriptor<Message, Reply> {
  /** Checks a request and makes it canonical. Throws RequestError naming the field. */
  normalize(request: Request): Message;
  /** What the caller gets. */
  respond(reply: Reply): Response;
  /** The fields for the routing header, by their proto names. Source: AIP-4222. */
  routing(message: Message): readonly (readonly [field: string, value: string])[];
  /** The total deadline in milliseconds where the caller names none. */
  readonly timeoutMs: number;
  /** The retry policy where the caller names none. */
  readonly retry: RetryPolicy;
}

/** What sets one service apart from another for the runtime. */
export interface ServiceDescription {
  /** For messages: `IAMCredentials`. */
  readonly name: string;
  /** The host without the universe domain: `iamcredentials`. */
  readonly hostPrefix: string;
  /** OAuth scopes that a token for this service needs. */
  readonly scopes: readonly string[];
  /** The environment variable that points clients at an emulator. */
  readonly emulatorVariable: string;
}
