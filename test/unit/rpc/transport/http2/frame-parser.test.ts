// SPDX-License-Identifier: Apache-2.0
// What the parser says of each frame to its listener, and which frames it refuses without knowing a stream.

import { describe, expect, it, test } from "@jest/globals";
import { type FrameListener, FrameParser } from "../../../../../src/rpc/transport/http2/frame-parser.js";
import { ConnectionError } from "../../../../../src/rpc/transport/http2/frames/frames.js";
import { block, data, frame, headers, settings, uint32 } from "../../../../support/http2-frames.js";

/** Streams up to this one were opened. */
const LAST_OPENED = 3;

class Heard implements FrameListener {
  readonly events: unknown[] = [];
  isOver = false;

  onBody: FrameListener["onBody"] = (id, { isEnd, body, length }) =>
    this.events.push(["body", id, body.toString(), isEnd, length]);
  onHeaders: FrameListener["onHeaders"] = (id, isEnd, { fields }) => this.events.push(["headers", id, isEnd, fields]);
  onReset: FrameListener["onReset"] = (id, code) => this.events.push(["reset", id, code]);
  onWindowUpdate: FrameListener["onWindowUpdate"] = (id, increment) => this.events.push(["window", id, increment]);
  onSettings: FrameListener["onSettings"] = (what) => this.events.push(["settings", what]);
  onPing: FrameListener["onPing"] = (octets, isAnswer) => this.events.push(["ping", octets.toString(), isAnswer]);
  onGoAway: FrameListener["onGoAway"] = (goAway) => this.events.push(["goAway", goAway]);
  onIgnored: FrameListener["onIgnored"] = () => this.events.push(["ignored"]);

  checkStream(id: number): void {
    if (id === 0 || id > LAST_OPENED) throw new ConnectionError(1, `stream ${id} was never opened`);
  }
}

function parse(...frames: readonly Buffer[]): { readonly events: unknown[]; readonly goesOn: boolean } {
  const heard = new Heard();
  return { events: heard.events, goesOn: feed(new FrameParser(heard, 16_384), frames) };
}

function feed(parser: FrameParser, frames: readonly Buffer[]): boolean {
  let goesOn = true;
  for (const bytes of frames) {
    // A chunk in which the frame is not the first thing: its octets begin at 9 of any offset.
    const chunk = Buffer.concat([Buffer.from("before"), bytes, Buffer.from("behind")]);
    const at = (offset: number) => bytes[offset] ?? 0;
    goesOn = parser.onFrame(at(3), at(4), bytes.readUInt32BE(5), chunk, 15, 6 + bytes.length);
  }
  return goesOn;
}

describe("a frame parser says", () => {
  test.each([
    ["DATA", data(1, "abc"), ["body", 1, "abc", false, 3]],
    ["the last DATA", data(3, "", true), ["body", 3, "", true, 0]],
    ["padded DATA, whose padding counts", frame(0, 8, 1, Buffer.from("\x02abc\0\0")), ["body", 1, "abc", false, 6]],
    ["HEADERS", headers(1, [["a", "b"]], true), ["headers", 1, true, ["a", "b"]]],
    ["RST_STREAM", frame(3, 0, 1, uint32(8)), ["reset", 1, 8]],
    ["WINDOW_UPDATE of a stream", frame(8, 0, 3, uint32(7)), ["window", 3, 7]],
    ["WINDOW_UPDATE without its reserved bit", frame(8, 0, 0, uint32(0x8000_0007)), ["window", 0, 7]],
    ["an acknowledgement", frame(4, 1, 0), ["settings", "acknowledged"]],
    ["PING", frame(6, 0, 0, Buffer.from("12345678")), ["ping", "12345678", false]],
    ["the answer to a PING", frame(6, 1, 0, Buffer.from("12345678")), ["ping", "12345678", true]],
    ["PRIORITY, which means nothing", frame(2, 0, 9, Buffer.alloc(5)), ["ignored"]],
    ["a frame of an unknown type", frame(0xee, 0, 77, Buffer.from("x")), ["ignored"]],
  ])("%s", (_, bytes, event) => {
    expect(parse(bytes)).toEqual({ events: [event], goesOn: true });
  });

  it("SETTINGS in their order, unknown ones among them", () => {
    const pairs = [
      [3, 100],
      [0xee, 1],
      [3, 5],
    ] as const;
    expect(parse(settings(pairs)).events).toEqual([["settings", pairs]]);
  });

  it("GOAWAY with its text as printable ASCII, cut at 200 characters", () => {
    const text = Buffer.concat([Buffer.from("too\nmany\x1b[31m"), Buffer.alloc(300, "x")]);
    const { events } = parse(frame(7, 0, 0, Buffer.concat([uint32(0x8000_0005, 11), text])));
    const debugText = `too?many?[31m${"x".repeat(200 - 13)}`;
    expect(events).toEqual([["goAway", { lastStreamId: 5, code: 11, debugText }]]);
  });

  it("one list of fields for HEADERS and their CONTINUATIONs, when it is whole", () => {
    const whole = block([
      ["a", "b"],
      ["c", "d"],
    ]);
    const heard = new Heard();
    const parser = new FrameParser(heard, 16_384);
    feed(parser, [frame(1, 1, 1, whole.subarray(0, 3)), frame(9, 0, 1, whole.subarray(3, 4))]);
    expect(heard.events).toEqual([]);
    feed(parser, [frame(9, 4, 1, whole.subarray(4))]);
    expect(heard.events).toEqual([["headers", 1, true, ["a", "b", "c", "d"]]]);
  });

  it("that nothing more is read once its listener is over", () => {
    const heard = new Heard();
    heard.isOver = true;
    expect(feed(new FrameParser(heard, 16_384), [frame(6, 0, 0, Buffer.alloc(8))])).toBe(false);
  });
});

describe("a frame parser refuses", () => {
  const PROTOCOL_ERROR = 1;
  const FRAME_SIZE_ERROR = 6;
  test.each([
    ["a push", [frame(5, 4, 1, uint32(2))], PROTOCOL_ERROR, "a PUSH_PROMISE, although push is disabled"],
    ["PRIORITY of no stream", [frame(2, 0, 0, Buffer.alloc(5))], PROTOCOL_ERROR, "a PRIORITY frame without a stream"],
    ["PING on a stream", [frame(6, 0, 1, Buffer.alloc(8))], PROTOCOL_ERROR, "a connection frame on a stream"],
    ["SETTINGS on a stream", [frame(4, 0, 1)], PROTOCOL_ERROR, "a connection frame on a stream"],
    ["a PING of 7 octets", [frame(6, 0, 0, Buffer.alloc(7))], FRAME_SIZE_ERROR, "a frame with the wrong length"],
    [
      "an acknowledgement with settings",
      [frame(4, 1, 0, Buffer.alloc(6))],
      FRAME_SIZE_ERROR,
      "a frame with the wrong length",
    ],
    ["RST_STREAM of 3 octets", [frame(3, 0, 1, Buffer.alloc(3))], FRAME_SIZE_ERROR, "a frame with the wrong length"],
    ["WINDOW_UPDATE of 5 octets", [frame(8, 0, 0, Buffer.alloc(5))], FRAME_SIZE_ERROR, "a frame with the wrong length"],
    ["a short GOAWAY", [frame(7, 0, 0, Buffer.alloc(7))], FRAME_SIZE_ERROR, "a GOAWAY that is too short"],
    ["DATA of a stream nobody opened", [data(5, "x")], PROTOCOL_ERROR, "stream 5 was never opened"],
    ["HEADERS of a stream nobody opened", [headers(5, [])], PROTOCOL_ERROR, "stream 5 was never opened"],
    ["RST_STREAM of no stream", [frame(3, 0, 0, uint32(8))], PROTOCOL_ERROR, "stream 0 was never opened"],
    [
      "more padding than payload",
      [frame(0, 8, 1, Buffer.from("\x05abc"))],
      PROTOCOL_ERROR,
      "a frame with more padding than payload",
    ],
    ["CONTINUATION of nothing", [frame(9, 4, 1)], PROTOCOL_ERROR, "a CONTINUATION frame outside a header block"],
    [
      "CONTINUATION of another stream",
      [frame(1, 0, 1), frame(9, 4, 3)],
      PROTOCOL_ERROR,
      "a CONTINUATION frame outside a header block",
    ],
    [
      "a frame inside a block",
      [frame(1, 0, 1), frame(6, 0, 0, Buffer.alloc(8))],
      PROTOCOL_ERROR,
      "a frame inside a header block",
    ],
  ])("%s", (_, frames, code, message) => {
    expect(() => parse(...frames)).toThrow(expect.objectContaining({ name: "ConnectionError", code, message }));
  });
});
