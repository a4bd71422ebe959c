// SPDX-License-Identifier: Apache-2.0
// The contract between the code that runs a call and what carries its bytes. Must be readable without any implementation.

import type { TokenProvider } from "../../base/token-provider.js";
import type { MethodDescriptor } from "../method/method.js";

/** Metadata of one attempt: lower-case keys in the order in which they are sent; `-bin` keys carry bytes. */
export type MetadataPairs = readonly (readonly [key: string, value: string | Uint8Array])[];

/** One attempt at a unary call. */
export interface UnaryCall<Message, Reply> {
  /** The method to call. */
  readonly method: MethodDescriptor<Message, Reply>;
  /** The canonical request. */
  readonly message: Message;
  /** All of the metadata, authorization included. */
  readonly metadata: MetadataPairs;
  /** Milliseconds after which the attempt fails with DEADLINE_EXCEEDED; `Infinity`: never. */
  readonly timeoutMs: number;
  /** Cancels the attempt, which then rejects with the signal's reason. The signal is reused: do not listen to it after the attempt. */
  readonly signal: AbortSignal | undefined;
  /** Whether the service may see it twice: it is resent if a connection proves dead before any response. Default: false. */
  readonly mayRepeat?: boolean | undefined;
}

/** One attempt at a call that streams requests, replies or both. */
export interface StreamCall<Message, Reply> {
  /** The method to call. */
  readonly method: MethodDescriptor<Message, Reply>;
  /**
   * The requests; each is pulled once the network has taken the previous one. An error that it throws ends the
   * attempt, which then rejects with that error.
   */
  readonly messages: AsyncIterable<Message>;
  /** All of the metadata, authorization included. */
  readonly metadata: MetadataPairs;
  /** Milliseconds after which the whole stream fails with DEADLINE_EXCEEDED; `Infinity`: never. */
  readonly timeoutMs: number;
  /** Milliseconds after which it fails with DEADLINE_EXCEEDED if no reply has come by then; `Infinity`: never. */
  readonly firstReplyTimeoutMs: number;
  /** Cancels the stream, which then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** The replies of one attempt at a streaming call. They are asked for one at a time. */
export interface ReplyIterator<Reply> extends AsyncIterableIterator<Reply> {
  /**
   * The next reply if it is already here, so that nobody waits for it; `undefined`: ask `next()`. Not called while a reply is waited for.
   * Default: every reply is waited for.
   */
  nextNow?(): IteratorYieldResult<Reply> | undefined;
}

/**
 * Carries calls to one endpoint. A transport never retries, never fetches tokens and never reads the environment. To
 * observe or change calls, wrap a transport in another.
 */
export interface Transport {
  /** Its kind, for error messages: `"grpc"`. */
  readonly kind: string;
  /** Where it goes: `host:port`. */
  readonly host: string;
  /** What it adds to `x-goog-api-client`: `"grpc/1.14.0"`. Default: nothing. */
  readonly clientToken?: string;
  /**
   * Who authorizes the calls of a client that is given this transport: such a client has no credentials of its own. It is called by
   * the code that runs a call, never by the transport. Default: nobody; calls are sent without authorization from this package.
   */
  readonly tokenProvider?: TokenProvider | undefined;
  /**
   * Starts connecting if there is no connection: a call is waiting for its token. Throws nothing; a failure is for the call to find.
   * Default: calls connect.
   */
  connectAhead?(): void;
  /**
   * Makes one attempt.
   *
   * @throws RpcError for every status but OK and every connection failure; the signal's reason after an abort
   */
  unary<Message, Reply>(call: UnaryCall<Message, Reply>): Promise<Reply>;
  /**
   * Starts one attempt at a streaming call. Replies are requested one at a time, and only a few are read ahead;
   * `return()` cancels. Default: the transport carries no streams, and such calls fail with UNIMPLEMENTED.
   *
   * @throws (its iterator does) RpcError for every status but OK; the signal's reason after an abort; what `messages` threw
   */
  stream?<Message, Reply>(call: StreamCall<Message, Reply>): ReplyIterator<Reply>;
  /**
   * Stops: attempts in flight may finish within the grace period, then they are cancelled and reject with CANCELLED. Resolves
   * when nothing is left, also when called a second time.
   *
   * @param gracePeriodMs milliseconds; 0 cancels at once
   */
  close(gracePeriodMs: number): Promise<void>;
}
