// SPDX-License-Identifier: Apache-2.0
// One streaming call on one grpc-js channel: requests go out as the network takes them, replies come in as they are requested. Knows no
// other call and no connection.

import type { ChannelInterface, Metadata, StatusObject } from "@grpc/grpc-js";
import { onAbort } from "../../../base/abort.js";
import { Status } from "../../../base/causes/status.js";
import { afterTheLoop, type Clock } from "../../../base/clock.js";
import { RpcError } from "../../../base/errors.js";
import type { SentRequest } from "../../../base/secrets/mask-sent.js";
import { SentMessages } from "../sent-messages.js";
import type { StreamCall } from "../transport.js";
import type { Connection } from "./channel-connection.js";
import { rpcErrorFromGrpcStatus } from "./grpc-status.js";
import {
  type Evidence,
  type Exchange,
  type ExchangeOwner,
  grpcDeadline,
  isLocal,
  isRefused,
  toGrpcMetadata,
} from "./unary-exchange.js";

type GrpcCall = ReturnType<ChannelInterface["createCall"]>;

/** A consumer waiting for the next reply. */
interface Waiter<Reply> {
  resolve(result: IteratorResult<Reply, undefined>): void;
  reject(reason: unknown): void;
}

/** How a stream ended: successfully or with an error. */
type Ending = { readonly error: unknown } | "done";

/** How far replies are read ahead of the consumer: as far as in grpc-js's own client, and not beyond one HTTP/2 window. */
const READ_AHEAD_MESSAGES = 16;
const READ_AHEAD_BYTES = 65_536;

/** How much of the requests is kept in case the server says that it has not started. */
const KEPT_BYTES = 65_536;

/**
 * A streaming call in flight, as an iterator over its replies. A few replies are read ahead, because grpc-js drops what has not been
 * read when an error status arrives; the rest stays in HTTP/2's flow-control window.
 */
export class StreamExchange<Message, Reply> implements AsyncIterableIterator<Reply>, Exchange {
  readonly connection: Connection;
  readonly answersBefore: number;
  readonly #call: StreamCall<Message, Reply>;
  readonly #owner: ExchangeOwner;
  readonly #clock: Clock;
  readonly #undo: (() => void)[] = [];
  #grpcCall: GrpcCall | undefined;
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;
  #isReading = false;
  #waiter: Waiter<Reply> | undefined;
  #ending: Ending | undefined;
  /** The error with which we ended it; takes precedence over the status that follows. */
  #failure: { readonly error: unknown } | undefined;
  #heard = false;
  #wakeWriter: (() => void) | undefined;
  #stopFirstReplyTimer: (() => void) | undefined;
  readonly #deadline: number;
  /** What was sent, for one resend; `undefined`: it is too large, or was already resent. */
  #sent: Buffer[] | undefined = [];
  #sentBytes = 0;
  #hasSentAll = false;
  readonly #lastMessages = new SentMessages();

  constructor(call: StreamCall<Message, Reply>, connection: Connection, owner: ExchangeOwner, clock: Clock) {
    this.connection = connection;
    this.answersBefore = connection.answerCount;
    this.#call = call;
    this.#owner = owner;
    this.#clock = clock;
    this.#deadline = grpcDeadline(call.timeoutMs);
  }

  /** Opens the stream and starts sending. */
  start(): void {
    const { timeoutMs, firstReplyTimeoutMs, signal } = this.#call;
    this.#grpcCall = this.#createCall();
    this.#undo.push(onAbort(signal, () => this.cancel("the caller's signal aborted")));
    if (firstReplyTimeoutMs < timeoutMs) {
      const text = `no response within ${Math.round(firstReplyTimeoutMs)} ms`;
      const cut = (): void => this.#grpcCall?.cancelWithStatus(Status.DEADLINE_EXCEEDED, text);
      this.#stopFirstReplyTimer = this.#clock.schedule(firstReplyTimeoutMs, cut);
      this.#undo.push(this.#stopFirstReplyTimer);
    }
    this.#grpcCall.start(toGrpcMetadata(this.#call.metadata), this);
    void this.#send();
  }

  #createCall(): GrpcCall {
    return this.connection.channel.createCall(this.#call.method.path, this.#deadline, null, null, null);
  }

  /** Source: gRFC A6, transparent retries. Returns whether it was possible. */
  #startAgain(): boolean {
    const sent = this.#sent;
    if (sent === undefined || this.#heard) return false;
    let grpcCall: GrpcCall;
    try {
      grpcCall = this.#createCall();
    } catch {
      return false; // the channel is closed: the status stands
    }
    this.#sent = undefined;
    this.#grpcCall = grpcCall;
    grpcCall.start(toGrpcMetadata(this.#call.metadata), this);
    for (const bytes of sent) grpcCall.sendMessageWithContext({}, bytes);
    if (this.#hasSentAll) grpcCall.halfClose();
    if (this.#isReading) grpcCall.startRead();
    // The write that waited for the old stream is part of what was resent.
    this.#wakeWriter?.();
    return true;
  }

  /** Ends the call with CANCELLED. */
  cancel(text: string): void {
    this.#grpcCall?.cancelWithStatus(Status.CANCELLED, text);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next reply. One at a time: a second call must wait for the first. */
  next(): Promise<IteratorResult<Reply, undefined>> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      const bytes = this.#queue.shift();
      if (bytes !== undefined) {
        this.#queuedBytes -= bytes.length;
        this.#deliver(waiter, bytes);
      } else if (this.#ending === undefined) this.#waiter = waiter;
      else this.#tell(waiter, this.#ending);
      this.#readAhead();
    });
  }

  #readAhead(): void {
    const isFull = this.#queue.length >= READ_AHEAD_MESSAGES || this.#queuedBytes >= READ_AHEAD_BYTES;
    if (isFull || this.#isReading || this.#ending !== undefined) return;
    this.#isReading = true;
    this.#grpcCall?.startRead();
  }

  /** Cancels the call. */
  async return(): Promise<IteratorResult<Reply, undefined>> {
    this.cancel("the responses are no longer wanted");
    return { done: true, value: undefined };
  }

  async #send(): Promise<void> {
    const messages = this.#call.messages[Symbol.asyncIterator]();
    try {
      while (this.#ending === undefined) {
        const { done, value } = await messages.next();
        if (this.#ending !== undefined) break;
        if (done) {
          this.#hasSentAll = true;
          this.#grpcCall?.halfClose();
          return;
        }
        const bytes = this.#call.method.encode(value);
        this.#lastMessages.add(value, bytes.length);
        await this.#write(bytes);
      }
      // Not awaited: a generator that is waiting for something else would block us here.
      messages.return?.().catch(() => undefined);
    } catch (error) {
      this.#failure ??= { error };
      this.cancel("the requests could not be read");
    }
  }

  /**
   * Resolves when grpc-js has taken the message and the event loop has turned, or the call has ended. grpc-js takes up to 1 MiB
   * (its retry buffer) at once: without the turn, a source that never waits would starve the network.
   */
  #write(bytes: Buffer): Promise<void> {
    this.#sentBytes += bytes.length;
    if (this.#sentBytes > KEPT_BYTES) this.#sent = undefined;
    this.#sent?.push(bytes);
    return new Promise((resolve) => {
      this.#wakeWriter = resolve;
      this.#grpcCall?.sendMessageWithContext({ callback: () => afterTheLoop(resolve) }, bytes);
    });
  }

  /** For grpc-js: the response headers. */
  onReceiveMetadata(_metadata: Metadata): void {
    this.#heard = true;
    this.connection.countAnswer();
  }

  /** For grpc-js: a reply. */
  onReceiveMessage(bytes: Buffer): void {
    this.#isReading = false;
    // A stream can live for hours: its connection must count as alive before its end too.
    this.connection.countAnswer();
    this.#stopFirstReplyTimer?.();
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter !== undefined) this.#deliver(waiter, bytes);
    else {
      this.#queue.push(bytes);
      this.#queuedBytes += bytes.length;
    }
    this.#readAhead();
  }

  #deliver(waiter: Waiter<Reply>, bytes: Buffer): void {
    let value: Reply;
    try {
      value = this.#call.method.decode(bytes);
    } catch (cause) {
      const text = "a response message is not valid";
      const error = new RpcError({
        code: Status.INTERNAL,
        text,
        method: this.#call.method.label,
        transport: "grpc",
        cause,
      });
      this.#queue.length = 0;
      this.#failure ??= { error };
      this.#ending ??= "done";
      this.cancel(text);
      waiter.reject(error);
      return;
    }
    waiter.resolve({ done: false, value });
  }

  /** For grpc-js: the end of the call. */
  onReceiveStatus(status: StatusObject): void {
    const { method, signal } = this.#call;
    const isWanted = !signal.aborted && this.#failure === undefined && this.#ending === undefined;
    if (isWanted && isRefused(status) && this.#startAgain()) return;
    for (const each of this.#undo) each();
    this.#owner.onExchangeEnd(this, this.#evidenceOf(status));
    let ending: Ending = "done";
    if (signal.aborted) ending = { error: signal.reason };
    else if (this.#failure !== undefined) ending = this.#failure;
    else if (status.code !== Status.OK)
      ending = { error: rpcErrorFromGrpcStatus(status, method.label, this.#sentRequest()) };
    // What the server sent before its own error is still delivered; an error made here is delivered at once.
    if (signal.aborted || this.#failure !== undefined || isMadeHere(status)) this.#queue.length = 0;
    // A consumer that already has a failure is done.
    this.#ending ??= ending;
    this.#wakeWriter?.();
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter !== undefined) this.#tell(waiter, ending);
  }

  #sentRequest(): SentRequest {
    return { metadata: this.#call.metadata, message: this.#lastMessages.messages };
  }

  /** An error is thrown once; afterwards the iterator is done, as an iterator should be. */
  #tell(waiter: Waiter<Reply>, ending: Ending): void {
    if (ending === "done") waiter.resolve({ done: true, value: undefined });
    else {
      this.#ending = "done";
      waiter.reject(ending.error);
    }
  }

  #evidenceOf(status: StatusObject): Evidence {
    if (this.#heard || !isLocal(status)) return "heard";
    return status.code === Status.DEADLINE_EXCEEDED ? "silent" : "none";
  }
}

function isMadeHere(status: StatusObject): boolean {
  return isLocal(status) && (status.code === Status.DEADLINE_EXCEEDED || status.code === Status.CANCELLED);
}
