// SPDX-License-Identifier: Apache-2.0
// The whole course of a streaming call, from top to bottom: plan, attempts until the first reply, then reply by reply. What it has
// in common with a unary call is in call.ts.

import { forwardAbort } from "../base/abort.js";
import { Status } from "../base/causes/status.js";
import { RequestError, RpcError } from "../base/errors.js";
import { isThenable } from "../base/thenable.js";
import {
  assembleMetadata,
  authorize,
  beginAttempt,
  type CallContext,
  finalError,
  NO_TOKEN_IN_TIME,
  type OngoingCall,
  reportAttempt,
  rpcError,
  startCall,
} from "./call.js";
import { type CallOptions, resolveCallPlan } from "./call-options.js";
import { formatRoutingHeader } from "./metadata.js";
import type { StreamRow } from "./method/method.js";
import { ReplayBuffer } from "./replay-buffer.js";
import { DeadlineSpent, runWithRetry } from "./retry/run-with-retry.js";
import type { ReplyIterator, StreamCall } from "./transport/transport.js";

/** Requests of a stream: a list, a generator, anything iterable. Each one is pulled when the network can take it. */
export type RequestSource<Request> = AsyncIterable<Request> | Iterable<Request>;

/** How much of its requests a call keeps in case of a retry. Source: gRPC proposal A6, which also says 1 MiB. */
const REPLAY_LIMIT_BYTES = 1024 * 1024;

/** The abort reason for the transport when the consumer ends the stream. */
const NOT_WANTED = Symbol("the responses are no longer wanted");

/**
 * The replies of a streaming call. Iterate it once, with `for await`: the call starts when the first reply is requested,
 * only a few are read ahead, and leaving the loop cancels the call.
 */
export class ReplyStream<Response> implements AsyncIterableIterator<Response> {
  readonly #replies: ReplyCourse<Response>;

  /** @internal */
  constructor(replies: ReplyCourse<Response>) {
    this.#replies = replies;
  }

  /** Returns itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next reply. */
  next(): Promise<IteratorResult<Response, undefined>> {
    return this.#replies.next();
  }

  /** Cancels the call, even while waiting for a reply. */
  return(): Promise<IteratorResult<Response, undefined>> {
    return this.#replies.return();
  }

  /** The same as `return()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

/**
 * Makes one streaming call of a method.
 *
 * @param requests one request for a row of kind `serverStream`, otherwise an iterable of requests
 * @throws (its iterator does) what a unary call would throw; what `requests` threw
 */
export function performStream<Request, Message, Reply, Response>(
  context: CallContext,
  row: StreamRow<Request, Message, Reply, Response>,
  requests: Request | RequestSource<Request>,
  options: CallOptions | undefined,
): ReplyStream<Response> {
  return new ReplyStream(new StreamCourse(context, row, { requests, options }));
}

/**
 * Makes one call of a method where only the client streams.
 *
 * @throws what {@link performStream} would throw; RpcError with INTERNAL when the service does not answer with exactly one reply
 */
export async function performClientStream<Request, Message, Reply, Response>(
  context: CallContext,
  row: StreamRow<Request, Message, Reply, Response>,
  requests: RequestSource<Request>,
  options: CallOptions | undefined,
): Promise<Response> {
  const replies: Response[] = [];
  // The reply is valid only if the call ends successfully, so the stream is read to its end.
  for await (const reply of performStream(context, row, requests, options)) {
    replies.push(reply);
    if (replies.length > 1) break;
  }
  const [reply] = replies;
  if (replies.length === 1) return reply as Response; // as: it is there, even if it is undefined
  const text = `the service sent ${replies.length === 0 ? "no message" : "more than one message"}`;
  const transport = context.runtime.transport.kind;
  throw new RpcError({ code: Status.INTERNAL, text, method: row.label, transport });
}

/** A streaming call, as its consumer drives it. */
interface ReplyCourse<Response> {
  next(): Promise<IteratorResult<Response, undefined>>;
  return(): Promise<IteratorResult<Response, undefined>>;
}

/** What the caller handed in. */
interface StreamInput<Request> {
  readonly requests: Request | RequestSource<Request>;
  readonly options: CallOptions | undefined;
}

/** A call that has begun and must be ended. */
interface BegunStream<Message> {
  readonly call: OngoingCall;
  readonly replay: ReplayBuffer<Message>;
  readonly undo: readonly (() => void)[];
}

/**
 * One streaming call from its first request for a reply to its end. Not an async generator: that costs two promises and three turns of the
 * queue for each reply, and a reply that is already here needs one.
 */
class StreamCourse<Request, Message, Reply, Response> implements ReplyCourse<Response> {
  readonly #context: CallContext;
  readonly #row: StreamRow<Request, Message, Reply, Response>;
  readonly #input: StreamInput<Request>;
  readonly #stop = new AbortController();
  #begun: BegunStream<Message> | undefined;
  /** Of the attempt that succeeded. */
  #replies: ReplyIterator<Reply> | undefined;
  #isOver = false;
  /** Whether a reply is being waited for: whoever asks meanwhile takes turns. */
  #isWaiting = false;
  readonly #turns: (() => void)[] = [];

  constructor(context: CallContext, row: StreamRow<Request, Message, Reply, Response>, input: StreamInput<Request>) {
    this.#context = context;
    this.#row = row;
    this.#input = input;
  }

  next(): Promise<IteratorResult<Response, undefined>> {
    if (this.#isWaiting) return this.#inTurn(() => this.next());
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    try {
      const reply = this.#replies?.nextNow?.();
      if (reply === undefined) return this.#wait();
      return Promise.resolve({ done: false, value: this.#respond(reply.value) });
    } catch (error) {
      return Promise.reject(this.#fail(error));
    }
  }

  return(): Promise<IteratorResult<Response, undefined>> {
    this.#stop.abort(NOT_WANTED);
    if (this.#isWaiting) return this.#inTurn(() => this.return());
    if (!this.#isOver) {
      void this.#leave();
      this.#end(undefined);
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  #respond(reply: Reply): Response {
    try {
      return this.#row.respond(reply);
    } catch (error) {
      void this.#leave();
      throw error;
    }
  }

  /** Ends the transport's replies before their end: the abort ends the call, but a transport that wraps another may have to clean up. */
  async #leave(): Promise<void> {
    try {
      await this.#replies?.return?.();
    } catch {
      // Nobody waits for it.
    }
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve) => this.#turns.push(() => resolve(act())));
  }

  async #wait(): Promise<IteratorResult<Response, undefined>> {
    this.#isWaiting = true;
    try {
      const result = await (this.#replies === undefined ? this.#begin() : this.#replies.next());
      if (!result.done) return { done: false, value: this.#respond(result.value) };
      if (this.#begun !== undefined) reportAttempt(this.#begun.call, undefined, undefined);
      this.#end(undefined);
    } catch (thrown) {
      const error = unwrap(thrown);
      if (error !== NOT_WANTED) throw this.#fail(error);
      this.#end(undefined);
    } finally {
      this.#isWaiting = false;
      while (!this.#isWaiting && this.#turns.length > 0) this.#turns.shift()?.();
    }
    return { done: true, value: undefined };
  }

  /** Runs attempts until the first reply, or the end. */
  async #begin(): Promise<IteratorResult<Reply>> {
    const { runtime, lifetime } = this.#context;
    const row = this.#row;
    const { requests, options } = this.#input;
    const plan = resolveCallPlan(runtime.planFor(row), options);
    const first = row.kind === "serverStream" ? row.normalize(requests as Request) : undefined; // as: that kind has one request
    const source = first === undefined ? normalized(row, openSource(requests)) : only(first);
    lifetime.begin(row.label);
    const observation = runtime.observation.startCall(row);
    const signals = [this.#stop.signal];
    const call = startCall(this.#context, { label: row.label, plan, signals, observation });
    const undo = [plan.signal, lifetime.closing].map((signal) => forwardAbort(signal, this.#stop));
    const limit = first === undefined ? REPLAY_LIMIT_BYTES : Number.POSITIVE_INFINITY;
    const replay = openReplay(row, source, plan.retry.maxAttempts > 1 ? limit : 0);
    this.#begun = { call, replay, undo };
    const { replies, result } = await runWithRetry(
      {
        policy: plan.retry,
        deadline: call.deadline,
        clock: runtime.clock,
        signals,
        onFailure: (_, error, nextDelayMs) => reportAttempt(call, unwrap(error), nextDelayMs),
      },
      (number, timeoutMs) => {
        beginAttempt(call, number);
        return openReplies(call, row, { first, replay }, timeoutMs);
      },
    );
    replay.commit();
    this.#replies = replies;
    return result;
  }

  /** Ends the call with an error. Returns the one that the caller sees. */
  #fail(error: unknown): unknown {
    const call = this.#begun?.call;
    const hasReplies = this.#replies !== undefined;
    const failure = call === undefined ? error : streamError(call, error, hasReplies);
    if (call !== undefined && hasReplies) reportAttempt(call, failure, undefined);
    this.#end(failure);
    return failure;
  }

  #end(failure: unknown): void {
    this.#isOver = true;
    // Anything still in flight ends with the consumer: a stream that nobody reads must not continue.
    this.#stop.abort(NOT_WANTED);
    const begun = this.#begun;
    if (begun === undefined) return;
    const { call, undo, replay } = begun;
    call.observation?.end(call.deadline.elapsed(), failure);
    for (const each of undo) each();
    replay.close();
    this.#context.lifetime.end();
  }
}

function openReplay<Message>(
  row: { encode(message: Message): Buffer },
  source: AsyncIterator<Message>,
  limitBytes: number,
): ReplayBuffer<Message> {
  return new ReplayBuffer(source, (message) => row.encode(message).length, limitBytes);
}

/** The replies of the attempt that succeeded, and the first result from them. */
interface OpenReplies<Reply> {
  readonly replies: ReplyIterator<Reply>;
  readonly result: IteratorResult<Reply>;
}

/** One attempt: until the first reply, or the end. */
async function openReplies<Request, Message, Reply, Response>(
  call: OngoingCall,
  row: StreamRow<Request, Message, Reply, Response>,
  { first, replay }: { readonly first: Message | undefined; readonly replay: ReplayBuffer<Message> },
  timeoutMs: number,
): Promise<OpenReplies<Reply>> {
  const { transport } = call.context.runtime;
  if (transport.stream === undefined) {
    throw rpcError(
      call,
      Status.UNIMPLEMENTED,
      `the transport "${transport.kind}" does not support streaming; use "grpc"`,
    );
  }
  const routingHeader = formatRoutingHeader(first === undefined ? [] : row.routing(first));
  const authorization = authorize(call);
  if (isThenable(authorization)) transport.connectAhead?.();
  const metadata = assembleMetadata(call, routingHeader, await authorization);
  if (call.deadline.isSpent()) throw rpcError(call, Status.DEADLINE_EXCEEDED, NO_TOKEN_IN_TIME);
  const attempt: StreamCall<Message, Reply> = {
    method: row,
    messages: replay.open(),
    metadata,
    timeoutMs: call.deadline.remaining(),
    // A service may reply to a stream of requests only once it has all of them.
    firstReplyTimeoutMs: row.kind === "serverStream" ? timeoutMs : Number.POSITIVE_INFINITY,
    signal: call.signals[0] ?? new AbortController().signal,
  };
  try {
    const replies = transport.stream(attempt);
    return { replies, result: await replies.next() };
  } catch (error) {
    if (replay.failure !== undefined) throw new NotRepeatable(replay.failure.error);
    throw replay.canReplay ? error : new NotRepeatable(error);
  }
}

/** Carries an error past the retry policy: the requests failed, or are no longer all available. */
class NotRepeatable {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

function unwrap(error: unknown): unknown {
  return error instanceof NotRepeatable ? error.error : error;
}

/** The error that the caller sees. */
function streamError(call: OngoingCall, error: unknown, hasReplies: boolean): unknown {
  if (!(error instanceof RpcError) || error.status !== "DEADLINE_EXCEEDED") return finalError(call, error);
  // Once replies arrive, the only time limit is the call's own, unless the server reports one.
  const isCutOff = hasReplies ? error.trailers.size === 0 : call.deadline.isSpent();
  return finalError(call, isCutOff ? new DeadlineSpent(call.attempts, error, undefined) : error);
}

async function* only<Message>(message: Message): AsyncGenerator<Message, undefined> {
  yield message;
}

function openSource<Request>(requests: Request | RequestSource<Request>): AsyncIterator<Request> {
  if (typeof requests === "object" && requests !== null) {
    if (Symbol.asyncIterator in requests) return requests[Symbol.asyncIterator]();
    if (Symbol.iterator in requests) {
      const iterator = requests[Symbol.iterator]();
      return {
        next: async () => iterator.next(),
        return: async () => iterator.return?.() ?? { done: true, value: undefined },
      };
    }
  }
  throw new RequestError("requests", "must be iterable: an array, a generator, or a stream of objects");
}

/** The canonical messages of what the caller sends. */
function normalized<Request, Message>(
  row: { normalize(request: Request): Message },
  source: AsyncIterator<Request>,
): AsyncIterator<Message> {
  return {
    next: async () => {
      const { done, value } = await source.next();
      return done ? { done: true, value: undefined } : { done: false, value: row.normalize(value) };
    },
    return: async () => {
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
}
