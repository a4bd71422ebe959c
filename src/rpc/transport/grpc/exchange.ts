// SPDX-License-Identifier: Apache-2.0
// What unary and streaming calls have in common: their way to a connection, their time, their signal, the parts of an answer, and the
// end, of which there is one. Knows no connection's making.

import { onAbort } from "../../../base/abort.js";
import { Status } from "../../../base/causes/status.js";
import type { Clock } from "../../../base/clock.js";
import type { SentRequest } from "../../../base/mask-sent.js";
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

/** A connection, as a call sees it. */
export interface Line {
  /** As long as it does not change, the service is silent, whatever its connection says. */
  readonly answersRead: number;
  /** @throws HeaderListTooLarge */
  open(head: RequestHead, handler: StreamHandler): Http2Stream;
}

/** What a call needs of its transport. */
export interface ExchangeOwner {
  readonly host: string;
  readonly clock: Clock;
  readonly log: Pick<ConnectionLog, "refused">;
  /** What a call waits for that has no stream. */
  readonly waitsFor: string;
  /** Octets that a reply may have. */
  readonly maxReplyBytes: number;
  /** Looks for a connection, again if need be. */
  dispatch(exchange: Exchange): void;
  /** The call is over. */
  leave(exchange: Exchange): void;
  /** A call ran out of time on a connection that has been silent all the while. */
  distrust(line: Line): void;
  fieldsOf(path: string): FixedFields;
}

/** What is known of a call from the beginning. */
interface ExchangeCall {
  readonly method: { readonly label: string; readonly path: string };
  readonly metadata: MetadataPairs;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** What is sent, if it is one. */
  readonly message?: unknown;
}

/** One attempt at a call. */
export abstract class Exchange implements StreamHandler {
  protected readonly owner: ExchangeOwner;
  protected stream: Http2Stream | undefined;
  protected isOver = false;
  /** Of the messages of the answer. */
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
  /** Octets that have come and are not part of a message yet. */
  #held = 0;
  #wasRefused = false;
  /** What has been read and is being decompressed: messages keep their order. */
  #opening: Promise<void> | undefined;

  constructor(owner: ExchangeOwner, call: ExchangeCall) {
    this.owner = owner;
    this.#call = call;
    this.#own = metadataFields(call.metadata);
    const { timeoutMs, signal } = call;
    const { clock } = owner;
    this.#startedAt = clock.now();
    // The socket of a call keeps the process alive, not its time.
    if (timeoutMs !== Number.POSITIVE_INFINITY) {
      this.#stopTimer = clock.schedule(timeoutMs, () => this.expire(this.#lateText()), false);
    }
    if (signal !== undefined) this.#stopListening = onAbort(signal, () => this.#finish({ error: signal.reason }));
  }

  /** Whether it has ended. */
  get hasEnded(): boolean {
    return this.isOver;
  }

  /** Goes out on a connection that has room. */
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

  /** Ends it with CANCELLED. */
  cancel(text: string): void {
    this.fail({ code: Status.CANCELLED, text });
  }

  /** Ends it with a status. */
  fail(problem: Problem): void {
    if (!this.isOver) this.#finish({ error: this.errorOf(problem), problem });
  }

  protected errorOf(problem: Problem): unknown {
    return rpcErrorFromProblem(problem, this.#call.method.label, this.sent());
  }

  /** What went out, for an error that may quote it. */
  sent(): SentRequest {
    return this.#call;
  }

  /** Ends it with an error that is nobody's status. */
  reject(error: unknown): void {
    this.#finish({ error });
  }

  /** Ends it since its time is over. */
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
    return `no ${this.#headers === undefined ? "answer" : "whole answer"} from ${host} within ${ms} ms`;
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
   * Lets the rest of a large message come, which the window would not: what waits for its rest counts as taken, as long as nothing before
   * it waits for the consumer.
   */
  protected giveHeld(): void {
    if (this.#held === 0 || this.hasBacklog || this.#opening !== undefined) return;
    if ((this.#reader?.needed ?? 0) <= LARGE) return;
    this.stream?.consume(this.#held);
    this.#held = 0;
  }

  /** Hands a message on, in order. */
  #deliver(message: RawMessage, credit: number): void {
    const open = (): Buffer | Promise<Buffer> => openMessage(message, this.encoding, this.owner.maxReplyBytes);
    if (this.#opening === undefined) {
      const opened = open();
      if (opened instanceof Promise) this.#deliverLater(opened, credit);
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
    else this.fail({ code: Status.INTERNAL, text: "a message that cannot be read", cause: error });
  }

  onEnd(fields: readonly string[] | undefined): void {
    if (this.#opening === undefined) this.#end(fields);
    else void this.#opening.then(() => this.#end(fields));
  }

  #end(fields: readonly string[] | undefined): void {
    if (this.isOver) return;
    const problem = problemOfEnd(fields);
    if (problem !== undefined) this.fail(this.#inTime(problem));
    else if (this.#reader?.isInside) this.fail({ code: Status.INTERNAL, text: "the answer ends inside a message" });
    else this.onSuccess();
  }

  onFailure(failure: StreamFailure): void {
    if (this.isOver) return;
    if (isUnprocessed(failure) && !this.#wasRefused && this.rewind()) {
      // Once: another connection, or another moment, may take it. Source: gRFC A6.
      this.#wasRefused = true;
      this.owner.log.refused(this.#call.method.label);
      this.stream = undefined;
      this.owner.dispatch(this);
      return;
    }
    const isCulprit = this.#headers === undefined && this.stream?.id === goAwayOf(failure)?.lastStreamId;
    this.fail(this.#inTime(problemOfFailure(failure, this.owner.host, isCulprit)));
  }

  /** A server notices a deadline by its own clock; what it then says is the deadline all the same. */
  #inTime(problem: Problem): Problem {
    const { timeoutMs } = this.#call;
    const isLate = this.owner.clock.now() - this.#startedAt >= timeoutMs - CLOCK_SLACK_MS;
    if (!isLate || problem.code !== Status.CANCELLED) return problem;
    return { code: Status.DEADLINE_EXCEEDED, text: this.#lateText() };
  }

  #finish(ending: Ending): void {
    if (this.isOver) return;
    this.release();
    // What was not sent, or has ended, is closed already.
    this.stream?.reset(ErrorCode.CANCEL);
    this.owner.leave(this);
    this.onFinish(ending);
  }

  /** It has succeeded: nothing of it is left but its result. */
  protected succeed(): void {
    this.release();
    this.owner.leave(this);
  }

  protected release(): void {
    this.isOver = true;
    this.#stopTimer?.();
    this.#stopListening?.();
  }

  /** Its stream is open: send. */
  protected abstract onOpen(stream: Http2Stream): void;
  /** Makes it ready to be sent again. Returns whether it can be. */
  protected abstract rewind(): boolean;
  /** A message has come. @param credit what to tell the stream as consumed once it is taken */
  protected abstract onMessage(bytes: Buffer, credit: number): void;
  /** Whether replies wait for the consumer. */
  protected abstract readonly hasBacklog: boolean;
  /** The status is OK. */
  protected abstract onSuccess(): void;
  /** It has ended otherwise. */
  protected abstract onFinish(ending: Ending): void;
}

/** How a call ended that did not succeed. */
export interface Ending {
  readonly error: unknown;
  /** `undefined`: it was the caller who ended it. */
  readonly problem?: Problem | undefined;
}

/** How much earlier than our clock a server's may say that the time is over. */
const CLOCK_SLACK_MS = 5;

/** A message that is longer could not come if all of it had to be in the window. */
const LARGE = 128 * 1024;

function goAwayOf(failure: StreamFailure): GoAway | undefined {
  return failure.kind === "lost" ? failure.goAway : undefined;
}

function isUnprocessed(failure: StreamFailure): boolean {
  return failure.kind === "unprocessed" || (failure.kind === "reset" && failure.code === ErrorCode.REFUSED_STREAM);
}
