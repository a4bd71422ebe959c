// SPDX-License-Identifier: Apache-2.0
// A streaming call: requests go out as the windows allow, replies come in as they are requested. Knows no other call.

import { Status } from "../../../base/causes/status.js";
import { afterTheLoop } from "../../../base/clock.js";
import type { SentRequest } from "../../../base/secrets/mask-sent.js";
import type { Http2Stream } from "../http2/stream.js";
import { SentMessages } from "../sent-messages.js";
import type { ReplyIterator, StreamCall } from "../transport.js";
import { type Ending, Exchange, type ExchangeOwner } from "./exchange.js";
import { frameRequest } from "./message-frames.js";

/** A consumer waiting for the next reply. */
interface Waiter<Reply> {
  resolve(result: IteratorResult<Reply, undefined>): void;
  reject(reason: unknown): void;
}

/** A reply waiting for the consumer, and its credit for the window. */
interface Waiting {
  readonly bytes: Buffer;
  readonly credit: number;
}

/** How much of the requests is kept in case the server says that it has not started. */
const KEPT_BYTES = 65_536;

/** A streaming call in flight, as an iterator over its replies. Unread replies use up the stream's window. */
export class StreamExchange<Message, Reply> extends Exchange implements ReplyIterator<Reply> {
  readonly #call: StreamCall<Message, Reply>;
  readonly #queue: Waiting[] = [];
  readonly #stopFirstReplyTimer: (() => void) | undefined;
  #waiter: Waiter<Reply> | undefined;
  #ending: { readonly error?: unknown } | undefined;
  #wakeWriter: (() => void) | undefined;
  #startSending: (() => void) | undefined;
  #hasSentAll = false;
  /** What was sent, for a resend; `undefined`: it is too large. */
  #sent: Uint8Array[] | undefined = [];
  #sentBytes = 0;
  readonly #lastMessages = new SentMessages();

  constructor(owner: ExchangeOwner, call: StreamCall<Message, Reply>) {
    super(owner, call);
    this.#call = call;
    const { firstReplyTimeoutMs, timeoutMs } = call;
    if (firstReplyTimeoutMs < timeoutMs) {
      const text = `no response within ${Math.round(firstReplyTimeoutMs)} ms`;
      this.#stopFirstReplyTimer = owner.clock.schedule(firstReplyTimeoutMs, () => this.expire(text), false);
    }
    const opened = new Promise<void>((resolve) => {
      this.#startSending = resolve;
    });
    void this.#sendAfter(opened);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next reply. One at a time: a second call must wait for the first. */
  next(): Promise<IteratorResult<Reply, undefined>> {
    const result = this.nextNow();
    if (result !== undefined) return Promise.resolve(result);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#tellEnding();
    });
  }

  nextNow(): IteratorYieldResult<Reply> | undefined {
    const first = this.#queue.shift();
    if (first === undefined) return undefined;
    const result = this.#open(first);
    this.giveHeld();
    return result;
  }

  /** Cancels the call. */
  async return(): Promise<IteratorResult<Reply, undefined>> {
    this.cancel("the responses are no longer wanted");
    this.#queue.length = 0;
    this.#ending = {};
    return { done: true, value: undefined };
  }

  protected onOpen(stream: Http2Stream): void {
    for (const bytes of this.#sent ?? []) stream.write(bytes, false);
    if (this.#hasSentAll) stream.write(NOTHING, true);
    this.#wakeWriter?.();
    this.#startSending?.();
  }

  protected rewind(): boolean {
    // The write that waited for the old stream's windows need not wait: it is part of what is resent.
    if (this.#sent !== undefined) this.#wakeWriter?.();
    return this.#sent !== undefined;
  }

  /** Begun by the caller, so that the source of the requests runs in the caller's async context: a connection has that of another call. */
  async #sendAfter(opened: Promise<void>): Promise<void> {
    await opened;
    const messages = this.#call.messages[Symbol.asyncIterator]();
    try {
      while (!this.isOver) {
        const { done, value } = await messages.next();
        if (this.isOver) break;
        if (done) {
          this.#hasSentAll = true;
          this.stream?.write(NOTHING, true);
          return;
        }
        const framed = frameRequest(this.#call.method, value);
        this.#lastMessages.add(value, framed.length);
        await this.#write(framed);
      }
      // Not awaited: a generator that is waiting for something else would block us here.
      messages.return?.().catch(() => undefined);
    } catch (error) {
      this.reject(error);
    }
  }

  /**
   * Resolves when the connection has taken the message and the event loop has turned, or the call has ended: without the turn, a source
   * that never waits would starve the network.
   */
  #write(bytes: Uint8Array): Promise<void> {
    this.#sentBytes += bytes.length;
    if (this.#sentBytes > KEPT_BYTES && this.stream !== undefined) this.#sent = undefined;
    this.#sent?.push(bytes);
    return new Promise((resolve) => {
      this.#wakeWriter = resolve;
      this.stream?.write(bytes, false, () => afterTheLoop(resolve));
    });
  }

  override sent(): SentRequest {
    return { metadata: this.#call.metadata, message: this.#lastMessages.messages };
  }

  override onHeaders(fields: readonly string[]): void {
    // The server has started.
    this.#sent = undefined;
    super.onHeaders(fields);
  }

  protected get hasBacklog(): boolean {
    return this.#queue.length > 0;
  }

  protected onMessage(bytes: Buffer, credit: number): void {
    this.#sent = undefined;
    this.#stopFirstReplyTimer?.();
    const waiter = this.#waiter;
    if (waiter === undefined) {
      this.#queue.push({ bytes, credit });
      return;
    }
    const result = this.#open({ bytes, credit });
    if (result === undefined) return;
    this.#waiter = undefined;
    waiter.resolve(result);
  }

  /** Takes a reply; `undefined`: it is not valid, and has ended the call. */
  #open({ bytes, credit }: Waiting): IteratorYieldResult<Reply> | undefined {
    this.stream?.consume(credit);
    try {
      return { done: false, value: this.#call.method.decode(bytes) };
    } catch (cause) {
      this.#queue.length = 0;
      const problem = { code: Status.INTERNAL, text: "a response message is not valid", cause };
      if (this.isOver) this.#settle({ error: this.errorOf(problem) });
      else this.fail(problem);
      return undefined;
    }
  }

  protected onSuccess(): void {
    this.succeed();
    this.#settle({});
  }

  protected onFinish({ error, problem }: Ending): void {
    // What the server sent before its own error, or before the connection was lost, is still delivered; an error made here is delivered at
    // once.
    const isMadeHere = problem === undefined || (problem.fields === undefined && HERE.has(problem.code));
    if (isMadeHere) this.#queue.length = 0;
    this.#settle({ error });
  }

  #settle(ending: { readonly error?: unknown }): void {
    this.#ending = ending;
    this.#wakeWriter?.();
    this.#tellEnding();
  }

  protected override release(): void {
    super.release();
    this.#stopFirstReplyTimer?.();
  }

  /** An error is thrown once; afterwards the iterator is done, as an iterator should be. */
  #tellEnding(): void {
    const waiter = this.#waiter;
    const ending = this.#ending;
    if (waiter === undefined || ending === undefined) return;
    this.#waiter = undefined;
    this.#ending = {};
    if ("error" in ending) waiter.reject(ending.error);
    else waiter.resolve({ done: true, value: undefined });
  }
}

const NOTHING = Buffer.alloc(0);
/** Statuses that were made here if they came without header fields. */
const HERE: ReadonlySet<number> = new Set([Status.DEADLINE_EXCEEDED, Status.CANCELLED]);
