// SPDX-License-Identifier: Apache-2.0
// One stream of a connection: its state, the events its opener receives, and what the opener may do. Knows no frame.

import { ReceiveWindow } from "./flow-window.js";
import { ErrorCode, errorCodeName } from "./frames/frames.js";
import { STREAM_WINDOW } from "./frames/settings.js";

/** What a peer said when it went away. */
export interface GoAway {
  /** The last stream that it may have processed. */
  readonly lastStreamId: number;
  readonly code: number;
  /** What it added: printable ASCII, cut. */
  readonly debugText: string;
}

/** Why a stream ended without an answer. */
export type StreamFailure =
  /** The peer reset it. */
  | { readonly kind: "reset"; readonly code: number }
  /** The peer answered as no peer may; it was reset here. */
  | { readonly kind: "broken"; readonly text: string }
  /** The peer's header list is larger than we take; it was reset here. */
  | { readonly kind: "tooLarge" }
  /** The peer went away and has not looked at it, and will not. */
  | { readonly kind: "unprocessed"; readonly goAway: GoAway }
  /** The connection ended; the peer may have seen it. */
  | { readonly kind: "lost"; readonly error: Error; readonly goAway: GoAway | undefined };

/** Is notified of one stream's events. After `onEnd` or `onFailure` nothing follows. */
export interface StreamHandler {
  /** Response headers that are not all of the answer; names and values by turns. */
  onHeaders(fields: readonly string[]): void;
  /** A part of the body, which must be told as consumed sooner or later. The octets belong to a larger chunk. */
  onData(bytes: Buffer): void;
  /** @param fields trailers; response headers when they are all of the answer; `undefined`: the body was the last */
  onEnd(fields: readonly string[] | undefined): void;
  onFailure(failure: StreamFailure): void;
}

/** A part of a body that waits to be sent. */
export interface Outgoing {
  readonly bytes: Uint8Array;
  readonly isEnd: boolean;
  /** Called when all of it has been handed to the socket. */
  readonly onTaken: (() => void) | undefined;
  /** How many octets of it are sent. */
  at: number;
}

/** What a stream asks of its connection. */
export interface StreamCarrier {
  send(stream: Http2Stream, part: Outgoing): void;
  returnWindow(stream: Http2Stream, octets: number): void;
  reset(stream: Http2Stream, code: number): void;
}

/** A stream. Whoever opened it uses the methods; the rest is the connection's. */
export class Http2Stream {
  readonly id: number;
  readonly handler: StreamHandler;
  readonly window = new ReceiveWindow(STREAM_WINDOW);
  /** What the peer lets us send; negative when it took back more than was left. */
  sendWindow: number;
  /** Parts that wait for the windows; `undefined`: none ever did. */
  queue: Outgoing[] | undefined;
  hasHeaders = false;
  hasSentEnd = false;
  isClosed = false;
  readonly #carrier: StreamCarrier;

  constructor(id: number, { handler, carrier, sendWindow }: StreamParts) {
    this.id = id;
    this.handler = handler;
    this.sendWindow = sendWindow;
    this.#carrier = carrier;
  }

  /** Sends a part of the body when the windows allow it. The octets must not change until then. */
  write(bytes: Uint8Array, isEnd: boolean, onTaken?: () => void): void {
    if (!this.isClosed) this.#carrier.send(this, { bytes, isEnd, onTaken, at: 0 });
  }

  /** The consumer has taken so many octets: the peer may send as many more. */
  consume(octets: number): void {
    if (!this.isClosed) this.#carrier.returnWindow(this, octets);
  }

  /** Ends it both ways; the handler is not notified. */
  reset(code: number): void {
    if (!this.isClosed) this.#carrier.reset(this, code);
  }
}

/** What a stream is made of. */
export interface StreamParts {
  readonly handler: StreamHandler;
  readonly carrier: StreamCarrier;
  readonly sendWindow: number;
}

/** The error of a connection, and what the peer said before it. */
export function withGoAway(error: Error, goAway: GoAway | undefined): Error {
  if (goAway === undefined || goAway.code === ErrorCode.NO_ERROR) return error;
  const said = goAway.debugText === "" ? "" : ` (${goAway.debugText})`;
  return new Error(`the server ended the connection with ${errorCodeName(goAway.code)}${said}`, { cause: error });
}
