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
  /** Its debug text: printable ASCII, truncated. */
  readonly debugText: string;
}

/** Why a stream ended without a complete response. */
export type StreamFailure =
  /** The peer reset it. */
  | { readonly kind: "reset"; readonly code: number }
  /** The peer's response broke the protocol; the stream was reset here. */
  | { readonly kind: "broken"; readonly text: string }
  /** The peer's header list is larger than we accept; the stream was reset here. */
  | { readonly kind: "tooLarge" }
  /** The peer went away without processing it. */
  | { readonly kind: "unprocessed"; readonly goAway: GoAway }
  /** The connection ended; the peer may have processed it. */
  | { readonly kind: "lost"; readonly error: Error; readonly goAway: GoAway | undefined };

/** Is notified of one stream's events. After `onEnd` or `onFailure` nothing follows. */
export interface StreamHandler {
  /** Response headers that something follows; names and values, alternating. */
  onHeaders(fields: readonly string[]): void;
  /** A part of the body, which must be reported as consumed eventually. The octets belong to a larger chunk. */
  onData(bytes: Buffer): void;
  /** @param fields trailers; response headers if they are the whole response; `undefined`: the body came last */
  onEnd(fields: readonly string[] | undefined): void;
  onFailure(failure: StreamFailure): void;
}

/** A part of a body that is waiting to be sent. */
export interface Outgoing {
  readonly bytes: Uint8Array;
  readonly isEnd: boolean;
  /** Called when all of it has been handed to the socket. */
  readonly onTaken: (() => void) | undefined;
  /** How many of its octets have been sent. */
  at: number;
}

/** What a stream needs from its connection. */
export interface StreamCarrier {
  send(stream: Http2Stream, part: Outgoing): void;
  returnWindow(stream: Http2Stream, octets: number): void;
  reset(stream: Http2Stream, code: number): void;
}

/** The handler of a stream that has ended. */
const NOBODY: StreamHandler = {
  onHeaders: () => undefined,
  onData: () => undefined,
  onEnd: () => undefined,
  onFailure: () => undefined,
};

/** A stream. Its opener uses the methods; everything else is for the connection. */
export class Http2Stream {
  readonly id: number;
  handler: StreamHandler;
  /** Its place among the streams that could send; `undefined`: it is not one of them. */
  turn: number | undefined;
  readonly window = new ReceiveWindow(STREAM_WINDOW);
  /** What the peer lets us send; negative if the peer shrank the window by more than was left. */
  sendWindow: number;
  /** Parts waiting for the windows; `undefined`: none ever did. */
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

  /**
   * Ends it, and returns the handler for the last event. An ended stream refers to nothing: tables that have been outgrown may keep it
   * alive (see Roster).
   */
  close(): StreamHandler {
    const { handler } = this;
    this.isClosed = true;
    this.handler = NOBODY;
    this.queue = undefined;
    return handler;
  }

  /** Reports octets as consumed: the peer may send as many more. */
  consume(octets: number): void {
    if (!this.isClosed) this.#carrier.returnWindow(this, octets);
  }

  /** Resets the stream; the handler is not notified. */
  reset(code: number): void {
    if (!this.isClosed) this.#carrier.reset(this, code);
  }
}

/** The parts of a stream. */
export interface StreamParts {
  readonly handler: StreamHandler;
  readonly carrier: StreamCarrier;
  readonly sendWindow: number;
}

/** The error of a connection, with what the peer said before it. */
export function withGoAway(error: Error, goAway: GoAway | undefined): Error {
  if (goAway === undefined || goAway.code === ErrorCode.NO_ERROR) return error;
  const said = goAway.debugText === "" ? "" : ` (${goAway.debugText})`;
  return new Error(`the server ended the connection with ${errorCodeName(goAway.code)}${said}`, { cause: error });
}
