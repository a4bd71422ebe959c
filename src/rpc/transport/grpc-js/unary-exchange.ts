// SPDX-License-Identifier: Apache-2.0
// One unary call on one grpc-js channel: bytes go out, a message or a status comes back. Knows no other call and no connection.
//
// It uses the channel itself instead of grpc-js's Client, which captures a stack trace and runs an interceptor chain for every
// call that nobody here needs.

import { type ChannelInterface, Metadata, type StatusObject } from "@grpc/grpc-js";
import { onAbort } from "../../../base/abort.js";
import { Status } from "../../../base/causes/status.js";
import { afterTheLoop } from "../../../base/clock.js";
import { RpcError } from "../../../base/errors.js";
import type { MetadataPairs, UnaryCall } from "../transport.js";
import { startCallWithOptions } from "./call-with-options.js";
import type { Connection, InFlight } from "./channel-connection.js";
import { rpcErrorFromGrpcStatus } from "./grpc-status.js";

type GrpcCall = ReturnType<ChannelInterface["createCall"]>;

/** A unary call that may have call options of grpc-js's own, which the transport contract does not cover. */
export interface OptionedUnaryCall<Message, Reply> extends UnaryCall<Message, Reply> {
  /** Interceptors, call credentials and the like; a deadline among them is ignored. Default: none. */
  readonly channelOptions?: object | undefined;
}

/** What an exchange says about its connection: the server sent something; not a byte in the whole time; or neither. */
export type Evidence = "heard" | "silent" | "none";

/** Is notified of how an exchange ended, before its promise settles. */
export interface ExchangeOwner {
  /** @param evidence what it says about the connection */
  onExchangeEnd(exchange: Exchange, evidence: Evidence): void;
  /** Why there was no connection; `undefined`: the error is not about that. */
  readFailure(error: RpcError, timeoutMs: number, signal: AbortSignal | undefined): Promise<unknown> | undefined;
}

/** What the owner of an exchange knows about it. */
export interface Exchange extends InFlight {
  /** What it runs on. */
  readonly connection: Connection;
  /** How many times the server had answered on that connection when it began. */
  readonly answersBefore: number;
}

/** How the promise of a call settles. */
interface Settling<Reply> {
  resolve(reply: Reply): void;
  reject(reason: unknown): void;
}

/** A unary call in flight. Settles its promise exactly once. */
export class UnaryExchange<Message, Reply> implements Exchange {
  readonly connection: Connection;
  readonly answersBefore: number;
  readonly #call: OptionedUnaryCall<Message, Reply>;
  readonly #owner: ExchangeOwner;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (reason: unknown) => void;
  // Set until the call has ended. A call with grpc-js options reads on its own.
  #grpcCall: (Pick<GrpcCall, "cancelWithStatus"> & Partial<Pick<GrpcCall, "startRead">>) | undefined;
  #bytes: Buffer | undefined;
  #heard = false;
  #deadline: number | undefined;
  /** What to resend, once, if the server says that it has not started. */
  #again: Buffer | undefined;
  #stopListening: (() => void) | undefined;

  constructor(
    call: OptionedUnaryCall<Message, Reply>,
    connection: Connection,
    owner: ExchangeOwner,
    { resolve, reject }: Settling<Reply>,
  ) {
    this.#call = call;
    this.connection = connection;
    this.answersBefore = connection.answerCount;
    this.#owner = owner;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Sends the request. @param bytes the encoded message */
  start(bytes: Buffer): void {
    const { method, metadata, timeoutMs, signal, channelOptions } = this.#call;
    const { channel } = this.connection;
    const { path } = method;
    this.#again = this.#deadline === undefined ? bytes : undefined;
    this.#deadline ??= grpcDeadline(timeoutMs);
    const deadline = this.#deadline;
    if (channelOptions !== undefined) {
      const call = { path, deadline, metadata: toGrpcMetadata(metadata), bytes, options: channelOptions };
      this.#grpcCall = startCallWithOptions(channel, call, this);
      this.#listenTo(signal);
      return;
    }
    const grpcCall = channel.createCall(path, deadline, null, null, null);
    this.#grpcCall = grpcCall;
    this.#listenTo(signal);
    grpcCall.start(toGrpcMetadata(metadata), this);
    grpcCall.startRead();
    grpcCall.sendMessageWithContext({}, bytes);
    grpcCall.halfClose();
  }

  #listenTo(signal: AbortSignal | undefined): void {
    if (signal !== undefined) {
      this.#stopListening = onAbort(signal, () => this.cancel("the caller's signal aborted"));
    }
  }

  /** Ends the call with CANCELLED. */
  cancel(text: string): void {
    this.#grpcCall?.cancelWithStatus(Status.CANCELLED, text);
  }

  /** For grpc-js: the response headers. */
  onReceiveMetadata(_metadata: Metadata): void {
    this.#heard = true;
  }

  /** For grpc-js: the response message. */
  onReceiveMessage(bytes: Buffer): void {
    if (this.#bytes !== undefined) {
      this.#grpcCall?.cancelWithStatus(Status.INTERNAL, "the service sent more than one message");
      return;
    }
    this.#bytes = bytes;
    // A second message exists only in a response that breaks the rules; unread, it would keep the call from ending. The end of most
    // calls comes before the event loop has turned, which saves the read, a twentieth of their cost.
    afterTheLoop(() => this.#grpcCall?.startRead?.());
  }

  /** For grpc-js: the end of the call. */
  onReceiveStatus(status: StatusObject): void {
    const { method, signal } = this.#call;
    this.#grpcCall = undefined;
    this.#stopListening?.();
    if (!signal?.aborted && isRefused(status) && this.#startAgain()) return;
    this.#owner.onExchangeEnd(this, this.#evidenceOf(status));
    if (signal?.aborted) {
      this.#reject(signal.reason);
    } else if (status.code !== Status.OK) {
      this.#fail(rpcErrorFromGrpcStatus(status, method.label, this.#call));
    } else if (this.#bytes === undefined) {
      this.#reject(this.#internalError("the service returned OK without a message"));
    } else {
      this.#settleWith(this.#bytes);
    }
  }

  /** Source: gRFC A6, transparent retries. Returns whether it was possible. */
  #startAgain(): boolean {
    if (this.#again === undefined || this.#call.channelOptions !== undefined) return false;
    try {
      this.start(this.#again);
      return true;
    } catch {
      return false; // the channel is closed: the status stands
    }
  }

  #fail(error: RpcError): void {
    const { timeoutMs, signal } = this.#call;
    const reading = this.#owner.readFailure(error, timeoutMs, signal);
    if (reading === undefined) this.#reject(error);
    else void reading.then(this.#reject);
  }

  #evidenceOf(status: StatusObject): Evidence {
    if (this.#heard || !isLocal(status)) return "heard";
    return status.code === Status.DEADLINE_EXCEEDED ? "silent" : "none";
  }

  #settleWith(bytes: Buffer): void {
    let reply: Reply;
    try {
      reply = this.#call.method.decode(bytes);
    } catch (cause) {
      this.#reject(this.#internalError("the response is not a valid message", cause));
      return;
    }
    this.#resolve(reply);
  }

  #internalError(text: string, cause?: unknown): RpcError {
    return new RpcError({ code: Status.INTERNAL, text, method: this.#call.method.label, transport: "grpc", cause });
  }
}

/** Refused before it started: by RST_STREAM, or by a GOAWAY with a lower stream id. A status from the server itself has metadata. */
export function isRefused(status: StatusObject): boolean {
  return status.code === Status.UNAVAILABLE && status.details === "Stream refused by server" && isLocal(status);
}

/** A deadline from now. Not the Clock's time: grpc-js measures it against Date.now(). */
export function grpcDeadline(timeoutMs: number): number {
  return Date.now() + timeoutMs;
}

/** Whether the status was made here: one from the server comes with at least a content type. */
export function isLocal(status: StatusObject): boolean {
  return Object.keys(status.metadata.getMap()).length === 0;
}

/** Metadata in grpc-js's form. */
export function toGrpcMetadata(pairs: MetadataPairs): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of pairs) {
    // grpc-js takes a Buffer and no other Uint8Array.
    metadata.add(
      key,
      typeof value === "string" ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    );
  }
  return metadata;
}
