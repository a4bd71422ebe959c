// SPDX-License-Identifier: Apache-2.0
// What unary and streaming calls share: getting a connection, their timeout, their signal, the parts of a response, and the
// one way to end. Does not know how connections are made.

import { onAbort } from "../../../base/abort.js";
import { Status } from "../../../base/causes/status.js";
import type { Clock } from "../../../base/clock.js";
import type { SentRequest } from "../../../base/secrets/mask-sent.js";
import { isThenable } from "../../../base/thenable.js";
import { ErrorCode } from "../http2/frames/frames.js";
import { fieldValue } from "../http2/hpack/field-rules.js";
import type { Field } from "../http2/hpack/hpack-tables.js";
import { type FixedFields, HeaderListTooLarge, type RequestHead } from "../http2/request-head.js";
import type { GoAway, Http2Stream, StreamFailure, StreamHandler } from "../http2/stream.js";
import type { MetadataPairs } from "../transport.js";
import type { ConnectionLog } from "./connection-log.js";
import { MessageProblem, MessageReader, openMessage, type RawMessage } from "./message-frames.js";
import { metadataFields, timeoutField } from "./request-fields.js";
import { type Problem, problemOfEnd, problemOfFailure, problemOfResponse, rpcErrorFromProblem } from "./statuses.js";

/** A connection, as seen by a call. */
export interface Line {
  /** While it does not change, the service is silent, even if its connection is not. */
  readonly answersRead: number;
  /** @throws HeaderListTooLarge */
  open(head: RequestHead, handler: StreamHandler): Http2Stream;
}

/** What a call needs from its transport. */
export interface ExchangeOwner {
  readonly host: string;
  readonly clock: Clock;
  readonly log: Pick<ConnectionLog, "refused">;
  /** What a call without a stream is waiting for. */
  readonly waitsFor: string;
  /** The maximum size of a reply in octets. */
  readonly maxReplyBytes: number;
  /** Finds a connection for the call; called again if necessary. */
  dispatch(exchange: Exchange): void;
  /** The call is over. */
  leave(exchange: Exchange): void;
  /** A call ran out of time on a connection that was silent the whole time. */
  distrust(line: Line): void;
  fieldsOf(path: string): FixedFields;
}

/** What is known about a call from the start. */
interface ExchangeCall {
  readonly method: { readonly label: string; readonly path: string };
  readonly metadata: MetadataPairs;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** The message sent, if there is only one. */
  readonly message?: unknown;
}

/** One attempt at a call. */
export abstract class Exchange implements StreamHandler {
  /** Its place among the calls in flight; `undefined`: it is not one of them. */
  place: number | undefined;
  /** The same among those that wait for a connection. */
  waitingPlace: number | undefined;
  protected readonly owner: ExchangeOwner;
  protected stream: Http2Stream | undefined;
  protected isOver = false;
  /** The encoding of the response's messages. */
  protected encoding: string | undefined;
  readonly #call: ExchangeCall;
  readonly #startedAt: number;
  readonly #stopTimer: (() => void) | undefined;
  readonly #stopListening: (() => void) | undefined;
  readonly #own: readonly Field[];
  #line: Line | undefined;
  #answersBefore = 0;
  #headers: readonly string[] | undefined;
  #reader: MessageReader | undefined;
  /** Octets received that are not part of a complete message yet. */
  #held = 0;
  #wasRefused = false;
  /** The decompression in progress: messages keep their order. */
  #opening: Promise<void> | undefined;

  constructor(owner: ExchangeOwner, call: ExchangeCall) {
    this.owner = owner;
    this.#call = call;
    this.#own = metadataFields(call.metadata);
    const { timeoutMs, signal } = call;
    const { clock } = owner;
    this.#startedAt = clock.now();
    // A call's socket keeps the process alive; its timer does not.
    if (timeoutMs !== Number.POSITIVE_INFINITY) {
      this.#stopTimer = clock.schedule(timeoutMs, () => this.expire(this.#lateText()), false);
    }
    if (signal !== undefined) this.#stopListening = onAbort(signal, () => this.#finish({ error: signal.reason }));
  }

  /** Whether it has ended. */
  get hasEnded(): boolean {
    return this.isOver;
  }

  /** Sends the call on a connection that has room. */
  sendOn(line: Line): void {
    this.#line = line;
    this.#answersBefore = line.answersRead;
    const { method, timeoutMs } = this.#call;
    const left = timeoutMs - (this.owner.clock.now() - this.#startedAt);
    const head = { fixed: this.owner.fieldsOf(method.path), extra: timeoutField(left), own: this.#own };
    try {
      this.stream = line.open(head, this);
    } catch (error) {
      if (!(error instanceof HeaderListTooLarge)) throw error;
      this.fail({ code: Status.RESOURCE_EXHAUSTED, text: error.message });
      return;
    }
    this.onOpen(this.stream);
  }

  /** Ends the call with CANCELLED. */
  cancel(text: string): void {
    this.fail({ code: Status.CANCELLED, text });
  }

  /** Ends the call with a status. */
  fail(problem: Problem): void {
    if (!this.isOver) this.#finish({ error: this.errorOf(problem), problem });
  }

  protected errorOf(problem: Problem): unknown {
    return rpcErrorFromProblem(problem, this.#call.method.label, this.sent());
  }

  /** What was sent, in case an error quotes it. */
  sent(): SentRequest {
    return this.#call;
  }

  /** Ends the call with an error that is not a status. */
  reject(error: unknown): void {
    this.#finish({ error });
  }

  /** Ends the call because its time is up. */
  protected expire(text: string): void {
    if (this.isOver) return;
    const line = this.#line;
    const isSilent = line !== undefined && line.answersRead === this.#answersBefore;
    this.fail({ code: Status.DEADLINE_EXCEEDED, text });
    if (isSilent) this.owner.distrust(line);
  }

  #lateText(): string {
    const ms = Math.round(this.#call.timeoutMs);
    const { host } = this.owner;
    if (this.stream === undefined) return `${this.owner.waitsFor} within ${ms} ms`;
    return `no ${this.#headers === undefined ? "response" : "complete response"} from ${host} within ${ms} ms`;
  }

  // For the stream

  onHeaders(fields: readonly string[]): void {
    const problem = problemOfResponse(fields);
    if (problem !== undefined) {
      this.fail(problem);
      return;
    }
    this.#headers = fields;
    this.encoding = fieldValue(fields, "grpc-encoding");
  }

  onData(bytes: Buffer): void {
    this.#reader ??= new MessageReader(this.owner.maxReplyBytes);
    this.#held += bytes.length;
    try {
      for (const message of this.#reader.read(bytes)) {
        const credit = Math.min(message.size, this.#held);
        this.#held -= credit;
        this.#deliver(message, credit);
        if (this.isOver) return;
      }
    } catch (error) {
      this.#breakOff(error);
      return;
    }
    this.giveHeld();
  }

  /**
   * Lets the rest of a large message through the window: what has arrived of it counts as consumed, as long as nothing before
   * it waits for the consumer.
   */
  protected giveHeld(): void {
    if (this.#held === 0 || this.hasBacklog || this.#opening !== undefined) return;
    if ((this.#reader?.needed ?? 0) <= LARGE) return;
    this.stream?.consume(this.#held);
    this.#held = 0;
  }

  /** Passes a message on, in order. */
  #deliver(message: RawMessage, credit: number): void {
    const open = (): Buffer | Promise<Buffer> => openMessage(message, this.encoding, this.owner.maxReplyBytes);
    if (this.#opening === undefined) {
      const opened = open();
      if (isThenable(opened)) this.#deliverLater(opened, credit);
      else this.onMessage(opened, credit);
    } else this.#deliverLater(this.#opening.then(open), credit);
  }

  #deliverLater(opened: Promise<Buffer>, credit: number): void {
    const delivered: Promise<void> = opened.then(
      (bytes) => {
        if (this.#opening === delivered) this.#opening = undefined;
        if (this.isOver) return;
        this.onMessage(bytes, credit);
        this.giveHeld();
      },
      (error: unknown) => this.#breakOff(error),
    );
    this.#opening = delivered;
  }

  #breakOff(error: unknown): void {
    if (error instanceof MessageProblem) this.fail(error.problem);
    else this.fail({ code: Status.INTERNAL, text: "received a message that cannot be read", cause: error });
  }

  onEnd(fields: readonly string[] | undefined): void {
    if (this.#opening === undefined) this.#end(fields);
    else void this.#opening.then(() => this.#end(fields));
  }

  #end(fields: readonly string[] | undefined): void {
    if (this.isOver) return;
    const problem = problemOfEnd(fields);
    if (problem !== undefined) this.fail(this.#inTime(problem));
    else if (this.#reader?.isInside) this.fail({ code: Status.INTERNAL, text: "the response ends inside a message" });
    else this.onSuccess();
  }

  onFailure(failure: StreamFailure): void {
    if (this.isOver) return;
    if (isUnprocessed(failure) && !this.#wasRefused && this.rewind()) {
      // Only once: another connection, or a later moment, may accept it. Source: gRFC A6.
      this.#wasRefused = true;
      this.owner.log.refused(this.#call.method.label);
      this.stream = undefined;
      this.owner.dispatch(this);
      return;
    }
    const isCulprit = this.#headers === undefined && this.stream?.id === goAwayOf(failure)?.lastStreamId;
    this.fail(this.#inTime(problemOfFailure(failure, this.owner.host, isCulprit)));
  }

  /** A server detects the deadline by its own clock; whatever status it sends, the cause is the deadline. */
  #inTime(problem: Problem): Problem {
    const { timeoutMs } = this.#call;
    const isLate = this.owner.clock.now() - this.#startedAt >= timeoutMs - CLOCK_SLACK_MS;
    if (!isLate || problem.code !== Status.CANCELLED) return problem;
    return { code: Status.DEADLINE_EXCEEDED, text: this.#lateText() };
  }

  #finish(ending: Ending): void {
    if (this.isOver) return;
    this.release();
    // A call that was not sent, or has ended, has no open stream.
    this.stream?.reset(ErrorCode.CANCEL);
    this.owner.leave(this);
    this.onFinish(ending);
  }

  /** The call has succeeded: only its result remains. */
  protected succeed(): void {
    this.release();
    this.owner.leave(this);
  }

  protected release(): void {
    this.isOver = true;
    this.#stopTimer?.();
    this.#stopListening?.();
  }

  /** Called when the stream is open: sends. */
  protected abstract onOpen(stream: Http2Stream): void;
  /** Prepares the call to be sent again. Returns whether that is possible. */
  protected abstract rewind(): boolean;
  /** Called for each message. @param credit what to report to the stream as consumed once the message is taken */
  protected abstract onMessage(bytes: Buffer, credit: number): void;
  /** Whether replies are waiting for the consumer. */
  protected abstract readonly hasBacklog: boolean;
  /** Called when the status is OK. */
  protected abstract onSuccess(): void;
  /** Called when the call has ended in any other way. */
  protected abstract onFinish(ending: Ending): void;
}

/** How an unsuccessful call ended. */
export interface Ending {
  readonly error: unknown;
  /** `undefined`: the caller ended it. */
  readonly problem?: Problem | undefined;
}

/** By how much a server's clock may be ahead of ours at the deadline. */
const CLOCK_SLACK_MS = 5;

/** A longer message might never arrive if all of it had to fit into the window. */
const LARGE = 128 * 1024;

function goAwayOf(failure: StreamFailure): GoAway | undefined {
  return failure.kind === "lost" ? failure.goAway : undefined;
}

function isUnprocessed(failure: StreamFailure): boolean {
  return failure.kind === "unprocessed" || (failure.kind === "reset" && failure.code === ErrorCode.REFUSED_STREAM);
}
