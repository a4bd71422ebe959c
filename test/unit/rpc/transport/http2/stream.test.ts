// SPDX-License-Identifier: Apache-2.0
// A stream without its connection: what reaches the carrier, and what is left of it when it has ended.

import { describe, expect, it } from "@jest/globals";
import {
  Http2Stream,
  type StreamCarrier,
  type StreamHandler,
  withGoAway,
} from "../../../../../src/rpc/transport/http2/stream.js";

function openStream() {
  const seen: string[] = [];
  const carrier: StreamCarrier = {
    send: ({ id }, { bytes, isEnd }) => void seen.push(`send ${id} ${bytes.length}${isEnd ? " end" : ""}`),
    returnWindow: ({ id }, octets) => void seen.push(`window ${id} ${octets}`),
    reset: ({ id }, code) => void seen.push(`reset ${id} ${code}`),
  };
  const handler: StreamHandler = {
    onHeaders: () => void seen.push("headers"),
    onData: () => void seen.push("data"),
    onEnd: () => void seen.push("end"),
    onFailure: () => void seen.push("failure"),
  };
  return { seen, handler, stream: new Http2Stream(7, { handler, carrier, sendWindow: 10 }) };
}

describe("a stream", () => {
  it("hands what its opener does to the connection", () => {
    const { seen, stream } = openStream();
    stream.write(Buffer.alloc(3), false);
    stream.write(Buffer.alloc(0), true);
    stream.consume(5);
    stream.reset(8);
    expect(seen).toEqual(["send 7 3", "send 7 0 end", "window 7 5", "reset 7 8"]);
  });

  it("does nothing more once it has ended", () => {
    const { seen, stream } = openStream();
    stream.close();
    stream.write(Buffer.alloc(3), true);
    stream.consume(5);
    stream.reset(8);
    expect([stream.isClosed, seen]).toEqual([true, []]);
  });

  it("gives its handler back when it ends, and keeps nothing of it or of what was to be sent", () => {
    const { seen, handler, stream } = openStream();
    stream.queue = [{ bytes: Buffer.alloc(3), isEnd: true, onTaken: undefined, at: 0 }];
    expect(stream.close()).toBe(handler);
    const { handler: nobody } = stream;
    nobody.onHeaders([]);
    nobody.onData(Buffer.alloc(1));
    nobody.onEnd(undefined);
    nobody.onFailure({ kind: "tooLarge" });
    expect([stream.queue, seen]).toEqual([undefined, []]);
  });
});

describe("the error of a connection", () => {
  const error = new Error("ECONNRESET");
  const goAway = { lastStreamId: 1, code: 11, debugText: "too_many_pings" };

  it("names what the server said when it went away, and keeps what happened as its cause", () => {
    const explained = withGoAway(error, goAway);
    expect([explained.message, explained.cause]).toEqual([
      "the server ended the connection with ENHANCE_YOUR_CALM (too_many_pings)",
      error,
    ]);
    expect(withGoAway(error, { ...goAway, debugText: "" }).message).toMatch(/ENHANCE_YOUR_CALM$/);
  });

  it("stays as it is when the server had nothing against us", () => {
    expect(withGoAway(error, { ...goAway, code: 0 })).toBe(error);
    expect(withGoAway(error, undefined)).toBe(error);
  });
});
