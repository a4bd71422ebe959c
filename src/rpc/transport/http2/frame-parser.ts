// SPDX-License-Identifier: Apache-2.0
// What a frame says, checked as far as it can be without knowing the streams. Source: RFC 9113, section 6. Takes no action.

import type { FrameHandler } from "./frames/frame-reader.js";
import { ConnectionError, ErrorCode, Flag, FrameType } from "./frames/frames.js";
import { checkInsideBlock, HeaderAssembler, withoutPadding } from "./frames/header-assembler.js";
import { type PeerSettings, readSettings } from "./frames/settings.js";
import type { DecodedBlock } from "./hpack/field-rules.js";
import { HpackDecoder } from "./hpack/hpack-decoder.js";
import type { GoAway } from "./stream.js";

const MAX_DEBUG_TEXT = 200;

/** DATA. */
export interface BodyFrame {
  readonly isEnd: boolean;
  readonly body: Buffer;
  /** Octets that count for flow control, including padding. */
  readonly length: number;
}

/** Receives what frames say, in order; anything it throws ends the connection. */
export interface FrameListener {
  onBody(streamId: number, frame: BodyFrame): void;
  onHeaders(streamId: number, isEnd: boolean, block: DecodedBlock): void;
  onReset(streamId: number, code: number): void;
  onWindowUpdate(streamId: number, increment: number): void;
  onSettings(settings: PeerSettings | "acknowledged"): void;
  onPing(octets: Buffer, isAnswer: boolean): void;
  onGoAway(goAway: GoAway): void;
  /** A frame that means nothing here. */
  onIgnored(): void;
  /** @throws ConnectionError for a stream that was never opened */
  checkStream(streamId: number): void;
  /** Whether the connection is over, so that nothing more should be read. */
  readonly isOver: boolean;
}

/** Parses the frames of one connection. */
export class FrameParser implements FrameHandler {
  readonly #listener: FrameListener;
  readonly #decoder: HpackDecoder;
  readonly #assembler: HeaderAssembler;

  /** @param maxHeaderList the maximum size of a header list */
  constructor(listener: FrameListener, maxHeaderList: number) {
    this.#listener = listener;
    this.#decoder = new HpackDecoder(maxHeaderList);
    this.#assembler = new HeaderAssembler((streamId, isEnd, bytes, from, to) =>
      // Decoded for ended streams too: each block changes the table.
      listener.onHeaders(streamId, isEnd, this.#decoder.decode(bytes, from, to)),
    );
  }

  /** For the reader: one whole frame. @throws ConnectionError */
  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, from: number, to: number): boolean {
    if (this.#assembler.isOpen) checkInsideBlock(type);
    switch (type) {
      case FrameType.DATA:
        this.#onData(flags, streamId, bytes, from, to);
        break;
      case FrameType.HEADERS:
        this.#listener.checkStream(streamId);
        this.#assembler.headers(flags, streamId, bytes, from, to);
        break;
      case FrameType.CONTINUATION:
        this.#assembler.continuation(flags, streamId, bytes, from, to);
        break;
      case FrameType.RST_STREAM:
        checkLength(to - from, 4);
        this.#listener.checkStream(streamId);
        this.#listener.onReset(streamId, bytes.readUInt32BE(from));
        break;
      case FrameType.WINDOW_UPDATE:
        checkLength(to - from, 4);
        if (streamId !== 0) this.#listener.checkStream(streamId);
        this.#listener.onWindowUpdate(streamId, bytes.readUInt32BE(from) & 0x7fff_ffff);
        break;
      case FrameType.PUSH_PROMISE:
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a PUSH_PROMISE, although push is disabled");
      case FrameType.PRIORITY:
        if (streamId === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a PRIORITY frame without a stream");
        this.#listener.onIgnored();
        break;
      default:
        this.#onConnectionFrame(type, flags, streamId, bytes, from, to);
    }
    return !this.#listener.isOver;
  }

  #onData(flags: number, streamId: number, bytes: Buffer, from: number, to: number): void {
    this.#listener.checkStream(streamId);
    const body = withoutPadding(flags, bytes, from, to);
    const isEnd = (flags & Flag.END_STREAM) !== 0;
    this.#listener.onBody(streamId, { isEnd, body: bytes.subarray(body.from, body.to), length: to - from });
  }

  #onConnectionFrame(type: number, flags: number, streamId: number, bytes: Buffer, from: number, to: number): void {
    if (type !== FrameType.SETTINGS && type !== FrameType.PING && type !== FrameType.GOAWAY) {
      this.#listener.onIgnored();
      return;
    }
    if (streamId !== 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a connection frame on a stream");
    const isAck = (flags & Flag.ACK) !== 0;
    if (type === FrameType.GOAWAY) this.#listener.onGoAway(readGoAway(bytes, from, to));
    else if (type === FrameType.PING) {
      checkLength(to - from, 8);
      this.#listener.onPing(bytes.subarray(from, to), isAck);
    } else if (isAck) {
      checkLength(to - from, 0);
      this.#listener.onSettings("acknowledged");
    } else this.#listener.onSettings(readSettings(bytes, from, to));
  }
}

function readGoAway(bytes: Buffer, from: number, to: number): GoAway {
  if (to - from < 8) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a GOAWAY that is too short");
  const text = bytes.toString("latin1", from + 8, Math.min(to, from + 8 + MAX_DEBUG_TEXT));
  return {
    lastStreamId: bytes.readUInt32BE(from) & 0x7fff_ffff,
    code: bytes.readUInt32BE(from + 4),
    debugText: text.replace(/[^\x20-\x7e]/g, "?"),
  };
}

function checkLength(length: number, expected: number): void {
  if (length !== expected) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a frame with the wrong length");
}
