// SPDX-License-Identifier: Apache-2.0
// The client side of an HTTP/2 connection over any byte stream: its streams, its settings, its end. Source: RFC 9113. Knows no gRPC,
// nor where the bytes come from.

import { afterThisTurn } from "../../../base/clock.js";
import type { ConnectionOwner, ConnectionSettings } from "./connection-owner.js";
import { FloodCost, FloodGuard } from "./flood-guard.js";
import { ReceiveWindow, widenedWindow } from "./flow-window.js";
import { type BodyFrame, type FrameListener, FrameParser } from "./frame-parser.js";
import { FrameReader } from "./frames/frame-reader.js";
import { FrameWriter } from "./frames/frame-writer.js";
import { ConnectionError, DEFAULT_WINDOW, ErrorCode, FrameType, Setting } from "./frames/frames.js";
import { PingBook } from "./frames/ping-book.js";
import { CONNECTION_WINDOW, MAX_HEADER_LIST, type PeerSettings, writePreface } from "./frames/settings.js";
import { type DecodedBlock, judgeBlock } from "./hpack/field-rules.js";
import { HpackEncoder } from "./hpack/hpack-encoder.js";
import { Outbox } from "./outbox.js";
import { checkedSize, type RequestHead, writeHead } from "./request-head.js";
import { type ByteStream, SocketHold } from "./socket-hold.js";
import {
  type GoAway,
  type Http2Stream,
  type Outgoing,
  type StreamCarrier,
  type StreamFailure,
  type StreamHandler,
  withGoAway,
} from "./stream.js";
import { StreamTable } from "./stream-table.js";

/** How long the peer may take to send its SETTINGS, and to acknowledge ours. */
const SETTINGS_TIMEOUT_MS = 10_000;

/** A connection. Sends its preface at once. */
export class Http2Connection implements FrameListener, StreamCarrier {
  readonly #socket: ByteStream;
  readonly #hold: SocketHold;
  readonly #owner: ConnectionOwner;
  readonly #writer: FrameWriter;
  readonly #reader: FrameReader;
  readonly #outbox: Outbox;
  readonly #encoder: HpackEncoder;
  readonly #guard: FloodGuard;
  readonly #mask: (text: string) => string;
  readonly #window = new ReceiveWindow(CONNECTION_WINDOW);
  readonly #streams = new StreamTable();
  readonly #pings: PingBook;
  readonly #stopTimer: () => void;
  #initialWindow = DEFAULT_WINDOW;
  #maxListSize = Number.POSITIVE_INFINITY;
  #isReady = false;
  #isAcknowledged = false;
  #isDraining = false;
  #isOver = false;
  #isHeldOpen = false;
  #goAway: GoAway | undefined;
  #chunksRead = 0;
  #answersRead = 0;

  constructor(socket: ByteStream, owner: ConnectionOwner, settings: ConnectionSettings) {
    const { clock, fieldPolicy = () => "index", mask = (text) => text } = settings;
    this.#mask = mask;
    this.#socket = socket;
    this.#hold = new SocketHold(socket, clock);
    this.#owner = owner;
    this.#writer = new FrameWriter(socket);
    this.#pings = new PingBook(this.#writer);
    this.#reader = new FrameReader(new FrameParser(this, MAX_HEADER_LIST));
    this.#outbox = new Outbox(this.#writer);
    this.#encoder = new HpackEncoder(fieldPolicy);
    this.#guard = new FloodGuard(clock);
    socket.on("data", this.#onData);
    socket.on("drain", this.#onSocketDrain);
    socket.on("error", (error: Error) => this.#finish(error));
    socket.on("end", () => this.#finish(new Error("the server ended the connection")));
    socket.on("close", () => this.#finish(new Error("the connection was closed")));
    this.#stopTimer = clock.schedule(SETTINGS_TIMEOUT_MS, () => this.#checkSettings(), false);
    writePreface(this.#writer);
    this.#reference();
  }

  /** How many streams are open. */
  get streamCount(): number {
    return this.#streams.size;
  }

  /** Whether it takes no new streams. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether a stream can be opened now. */
  get hasRoom(): boolean {
    return !this.#isDraining && this.#streams.size < this.#streams.limit;
  }

  /** How many chunks have been read: while it does not change, the peer is silent. */
  get chunksRead(): number {
    return this.#chunksRead;
  }

  /** How many frames of responses have been read. A PING's ACK shows that the connection is alive, not that the service is. */
  get answersRead(): number {
    return this.#answersRead;
  }

  /** Whether to keep the process alive without a stream, because a call is waiting for one. */
  holdOpen(isWanted: boolean): void {
    this.#isHeldOpen = isWanted;
    this.#reference();
  }

  /** Opens a stream; check {@link hasRoom} first. @throws HeaderListTooLarge */
  open(head: RequestHead, handler: StreamHandler): Http2Stream {
    const size = checkedSize(head, this.#maxListSize);
    const stream = this.#streams.open({ handler, carrier: this, sendWindow: this.#initialWindow });
    if (this.#streams.size === 1) this.#reference();
    const { maxFrameSize } = this.#outbox;
    writeHead({ writer: this.#writer, encoder: this.#encoder, maxFrameSize }, stream.id, head, size);
    if (this.#streams.isSpent) this.#drain(undefined);
    return stream;
  }

  /** Sends a PING. */
  ping(onAnswer: () => void): void {
    this.#pings.send(onAnswer);
  }

  /** Takes no new streams, and closes when the last one has ended. */
  retire(): void {
    this.#isDraining = true;
    if (this.#streams.size === 0) this.close();
  }

  /** Sends GOAWAY and closes; open streams are notified that they are lost. @param error why; `undefined`: no longer needed */
  close(code: number = ErrorCode.NO_ERROR, error?: Error): void {
    if (this.#isOver) return;
    this.#writer.goAway(code);
    this.#finish(error);
  }

  // For streams

  send(stream: Http2Stream, part: Outgoing): void {
    this.#outbox.send(stream, part);
  }

  returnWindow(stream: Http2Stream, octets: number): void {
    const increment = stream.window.take(octets);
    if (increment > 0) this.#writer.number(FrameType.WINDOW_UPDATE, stream.id, increment);
  }

  reset(stream: Http2Stream, code: number): void {
    this.#writer.number(FrameType.RST_STREAM, stream.id, code);
    this.#forget(stream);
  }

  /** Returns the handler for the last event. */
  #forget(stream: Http2Stream): StreamHandler {
    const handler = stream.close();
    this.#streams.delete(stream.id);
    this.#outbox.forget(stream);
    if (this.#streams.size === 0) {
      this.#reference();
      // Not at once: the handler of the stream that ended comes first.
      if (this.#isDraining) afterThisTurn(() => this.retire());
    }
    if (this.hasRoom) this.#owner.onRoom();
    return handler;
  }

  #end(stream: Http2Stream, failure: StreamFailure): void {
    if (!stream.isClosed) this.#forget(stream).onFailure(failure);
  }

  /** The peer's response is broken, which ends one stream. */
  #refuse(stream: Http2Stream, code: number, failure: StreamFailure): void {
    this.#guard.waste(FloodCost.reset);
    this.#writer.number(FrameType.RST_STREAM, stream.id, code);
    this.#end(stream, failure);
  }

  #reference(): void {
    this.#hold.hold(this.#streams.size > 0 || this.#isHeldOpen);
  }

  // For the socket

  readonly #onData = (chunk: Buffer): void => {
    this.#chunksRead++;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (error instanceof ConnectionError) this.close(error.code, error);
      else this.close(ErrorCode.INTERNAL_ERROR, new Error("a response could not be handled", { cause: error }));
    }
  };

  readonly #onSocketDrain = (): void => this.#outbox.pump();

  // For the parser

  checkStream(id: number): void {
    this.#streams.check(id);
  }

  onIgnored(): void {
    this.#guard.waste(FloodCost.frame);
  }

  onBody(id: number, { isEnd, body, length }: BodyFrame): void {
    this.#window.receive(length);
    const increment = this.#window.take(length);
    if (increment > 0) this.#writer.number(FrameType.WINDOW_UPDATE, 0, increment);
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      this.#guard.waste(FloodCost.frame);
      return;
    }
    if (!stream.hasHeaders) {
      this.#refuse(stream, ErrorCode.PROTOCOL_ERROR, { kind: "broken", text: "DATA before the response headers" });
      return;
    }
    if (body.length === 0 && !isEnd) this.#guard.waste(FloodCost.frame);
    else this.#guard.progress();
    this.#answersRead++;
    stream.window.receive(length);
    if (length > body.length) this.returnWindow(stream, length - body.length);
    if (body.length > 0) stream.handler.onData(body);
    if (isEnd && !stream.isClosed) this.#complete(stream, undefined);
  }

  onHeaders(id: number, isEnd: boolean, block: DecodedBlock): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      this.#guard.waste(FloodCost.frame);
      return;
    }
    this.#answersRead++;
    const verdict = judgeBlock(block, isEnd, !stream.hasHeaders);
    if (verdict === "information") {
      this.#guard.waste(FloodCost.frame);
      return;
    }
    if (verdict !== "answer") {
      this.#refuse(stream, verdict.kind === "tooLarge" ? ErrorCode.CANCEL : ErrorCode.PROTOCOL_ERROR, verdict);
      return;
    }
    const { fields } = block;
    this.#guard.progress();
    stream.hasHeaders = true;
    if (isEnd) this.#complete(stream, fields);
    else stream.handler.onHeaders(fields);
  }

  /** The peer has sent everything. It does not want the rest of our body (RFC 9113, section 8.1). */
  #complete(stream: Http2Stream, fields: readonly string[] | undefined): void {
    if (!stream.hasSentEnd) this.#writer.number(FrameType.RST_STREAM, stream.id, ErrorCode.NO_ERROR);
    this.#forget(stream).onEnd(fields);
  }

  onReset(id: number, code: number): void {
    this.#guard.waste(FloodCost.reset);
    const stream = this.#streams.get(id);
    if (stream !== undefined) this.#end(stream, { kind: "reset", code });
  }

  onWindowUpdate(id: number, increment: number): void {
    const stream = this.#streams.get(id);
    if (id === 0) {
      if (increment === 0)
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a WINDOW_UPDATE with an increment of 0");
      this.#guard.window(this.#outbox.widen(increment), increment);
    } else if (stream === undefined) this.#guard.waste(FloodCost.frame);
    else if (increment === 0) {
      this.#refuse(stream, ErrorCode.PROTOCOL_ERROR, {
        kind: "broken",
        text: "a WINDOW_UPDATE with an increment of 0",
      });
    } else {
      try {
        stream.sendWindow = widenedWindow(stream.sendWindow, increment);
      } catch {
        this.#refuse(stream, ErrorCode.FLOW_CONTROL_ERROR, {
          kind: "broken",
          text: "a flow-control window beyond 2^31-1",
        });
        return;
      }
      this.#guard.window(this.#outbox.wake(stream), increment);
    }
  }

  onSettings(settings: PeerSettings | "acknowledged"): void {
    this.#guard.waste(FloodCost.answer);
    if (settings === "acknowledged") {
      this.#isAcknowledged = true;
      return;
    }
    if (!this.#isReady) this.#streams.limit = Number.POSITIVE_INFINITY;
    // First: what wider windows allow must be sent after the ACK, or it exceeds the peer's limits.
    this.#writer.settings("acknowledged");
    this.#pings.countAnswer();
    for (const [id, value] of settings) this.#apply(id, value);
    this.#outbox.release();
    if (!this.#isReady) {
      this.#isReady = true;
      this.#owner.onReady();
    }
    if (this.hasRoom) this.#owner.onRoom();
  }

  #apply(id: number, value: number): void {
    if (id === Setting.HEADER_TABLE_SIZE) this.#encoder.limitTable(value);
    else if (id === Setting.MAX_CONCURRENT_STREAMS) this.#streams.limit = value;
    else if (id === Setting.MAX_FRAME_SIZE) this.#outbox.limitFrames(value);
    else if (id === Setting.MAX_HEADER_LIST_SIZE) this.#maxListSize = value;
    else if (id === Setting.INITIAL_WINDOW_SIZE) {
      const change = value - this.#initialWindow;
      this.#initialWindow = value;
      // A copy: sending may end a stream.
      for (const stream of this.#streams.above()) {
        stream.sendWindow = widenedWindow(stream.sendWindow, change);
        this.#outbox.wake(stream);
      }
    }
  }

  onPing(octets: Buffer, isAnswer: boolean): void {
    if (!isAnswer) {
      this.#guard.waste(FloodCost.answer);
      this.#writer.ping(octets, true);
      this.#pings.countAnswer();
      return;
    }
    if (!this.#pings.settle(octets)) this.#guard.waste(FloodCost.frame);
  }

  onGoAway(said: GoAway): void {
    this.#guard.waste(FloodCost.answer);
    const goAway = { ...said, debugText: this.#mask(said.debugText) };
    if (this.#goAway !== undefined && goAway.lastStreamId > this.#goAway.lastStreamId) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a GOAWAY with a higher stream ID than an earlier one");
    }
    this.#goAway = goAway;
    this.#drain(goAway);
    for (const stream of this.#streams.above(goAway.lastStreamId)) this.#end(stream, { kind: "unprocessed", goAway });
    if (this.#streams.size === 0) this.close();
  }

  #drain(goAway: GoAway | undefined): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#owner.onDrain(goAway);
  }

  // Closing

  #checkSettings(): void {
    if (this.#isReady && this.#isAcknowledged) return;
    const missing = this.#isReady ? "no acknowledgement of SETTINGS" : "no SETTINGS";
    this.close(ErrorCode.SETTINGS_TIMEOUT, new Error(`${missing} within ${SETTINGS_TIMEOUT_MS} ms`));
  }

  #finish(given: Error | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isDraining = true;
    this.#stopTimer();
    const socket = this.#socket;
    if (!socket.destroyed) this.#writer.flush();
    this.#writer.end();
    socket.off("data", this.#onData);
    socket.off("drain", this.#onSocketDrain);
    this.#hold.leave();
    const goAway = this.#goAway;
    const error = given === undefined ? undefined : withGoAway(given, goAway);
    const lost: StreamFailure = {
      kind: "lost",
      error: error ?? new Error("the connection was closed by this client"),
      goAway,
    };
    const handlers = this.#streams.above().map((stream) => {
      this.#streams.delete(stream.id);
      this.#outbox.forget(stream);
      return stream.close();
    });
    this.#pings.clear();
    this.#owner.onEnd(error);
    for (const handler of handlers) handler.onFailure(lost);
  }
}
