// SPDX-License-Identifier: Apache-2.0
// When the parts of bodies go out: the windows, the socket, the turns of streams, and who is told.

import { PassThrough } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import { FrameWriter } from "../../../../../src/rpc/transport/http2/frames/frame-writer.js";
import { Outbox } from "../../../../../src/rpc/transport/http2/outbox.js";
import { Http2Stream } from "../../../../../src/rpc/transport/http2/stream.js";
import { HeardStream } from "../../../../support/http2-peer.js";

/** The default window of a connection. */
const CONNECTION_WINDOW = 65_535;

function open({ isReleased = true, highWaterMark = 1_000_000 } = {}) {
  const socket = new PassThrough({ highWaterMark, writableHighWaterMark: highWaterMark });
  const writer = new FrameWriter(socket);
  const outbox = new Outbox(writer);
  if (isReleased) outbox.release();
  const carrier = { send: () => undefined, returnWindow: () => undefined, reset: () => undefined };
  const stream = (id: number, sendWindow = CONNECTION_WINDOW) =>
    new Http2Stream(id, { handler: new HeardStream(), carrier, sendWindow });
  /** The DATA frames since the last look: stream, octets, and whether it is the last. */
  const sent = () => {
    writer.flush();
    const pieces: Buffer[] = [];
    for (let piece: Buffer | null = socket.read(); piece !== null; piece = socket.read()) pieces.push(piece);
    const octets = Buffer.concat(pieces);
    const frames: [id: number, length: number, isEnd: boolean][] = [];
    for (let at = 0; at < octets.length; at += 9 + octets.readUIntBE(at, 3)) {
      frames.push([octets.readUInt32BE(at + 5), octets.readUIntBE(at, 3), octets[at + 4] === 1]);
    }
    return frames;
  };
  return { outbox, stream, sent };
}

function part(length: number, isEnd = true) {
  const taken = { times: 0 };
  const outgoing = { bytes: Buffer.alloc(length), isEnd, onTaken: () => void taken.times++, at: 0 };
  return { outgoing, taken };
}

describe("an outbox", () => {
  it("sends a part that fits at once, and tells that it is taken", () => {
    const { outbox, stream, sent } = open();
    const [first, last, one] = [part(10, false), part(0), stream(1)];
    outbox.send(one, first.outgoing);
    expect([sent(), first.taken.times, one.hasSentEnd]).toEqual([[[1, 10, false]], 1, false]);
    outbox.send(one, last.outgoing);
    expect([sent(), last.taken.times, one.hasSentEnd]).toEqual([[[1, 0, true]], 1, true]);
  });

  it("holds everything back until the peer has shown itself", () => {
    const { outbox, stream, sent } = open({ isReleased: false });
    const { outgoing, taken } = part(10);
    outbox.send(stream(1), outgoing);
    expect([sent(), taken.times]).toEqual([[], 0]);
    outbox.release();
    expect([sent(), taken.times]).toEqual([[[1, 10, true]], 1]);
  });

  it("cuts at the peer's frame size, and at 32,768 octets when the peer takes more", () => {
    const { outbox, stream, sent } = open();
    outbox.send(stream(1), part(40_000).outgoing);
    expect(sent()).toEqual([
      [1, 16_384, false],
      [1, 16_384, false],
      [1, 7_232, true],
    ]);
    outbox.widen(40_000);
    outbox.limitFrames(1_000_000);
    expect(outbox.maxFrameSize).toBe(32_768);
    outbox.send(stream(3), part(40_000).outgoing);
    expect(sent()).toEqual([
      [3, 32_768, false],
      [3, 7_232, true],
    ]);
  });

  it("lets streams send by turns, so that a large body starves no other", () => {
    const { outbox, stream, sent } = open({ isReleased: false });
    outbox.send(stream(1), part(40_000).outgoing);
    outbox.send(stream(3), part(5).outgoing);
    outbox.release();
    expect(sent()).toEqual([
      [1, 16_384, false],
      [3, 5, true],
      [1, 16_384, false],
      [1, 7_232, true],
    ]);
  });

  it("stops at a stream's window, and goes on when it is woken", () => {
    const { outbox, stream, sent } = open();
    const one = stream(1, 4);
    const { outgoing, taken } = part(10);
    outbox.send(one, outgoing);
    expect([sent(), taken.times]).toEqual([[[1, 4, false]], 0]);
    expect(outbox.wake(one)).toBe(false);
    one.sendWindow += 6;
    expect(outbox.wake(one)).toBe(true);
    expect([sent(), taken.times, outbox.wake(one)]).toEqual([[[1, 6, true]], 1, false]);
  });

  it("sends the end of a body into a window that is spent", () => {
    const { outbox, stream, sent } = open();
    outbox.send(stream(1, -5), part(0).outgoing);
    expect(sent()).toEqual([[1, 0, true]]);
  });

  it("stops at the connection's window for all streams, and says who waits for it", () => {
    const { outbox, stream, sent } = open();
    expect(outbox.widen(1)).toBe(false);
    outbox.send(stream(1, 1_000_000), part(CONNECTION_WINDOW + 1, false).outgoing);
    expect(sent().reduce((sum, [, length]) => sum + length, 0)).toBe(CONNECTION_WINDOW + 1);
    outbox.send(stream(3), part(3).outgoing);
    expect(sent()).toEqual([]);
    expect(outbox.widen(2)).toBe(true);
    expect(sent()).toEqual([[3, 2, false]]);
    outbox.widen(100);
    expect(sent()).toEqual([[3, 1, true]]);
  });

  it("takes no window beyond 2^31-1", () => {
    const { outbox } = open();
    expect(() => outbox.widen(0x7fff_ffff)).toThrow(expect.objectContaining({ name: "ConnectionError", code: 3 }));
  });

  it("keeps the parts of a stream in their order, each told once when it is out", () => {
    const { outbox, stream, sent } = open();
    const one = stream(1, 5);
    const parts = [part(4, false), part(4, false), part(1)];
    for (const { outgoing } of parts) outbox.send(one, outgoing);
    const told = () => parts.map(({ taken }) => taken.times);
    expect([sent(), told()]).toEqual([
      [
        [1, 4, false],
        [1, 1, false],
      ],
      [1, 0, 0],
    ]);
    one.sendWindow = 100;
    outbox.wake(one);
    expect([sent(), told()]).toEqual([
      [
        [1, 3, false],
        [1, 1, true],
      ],
      [1, 1, 1],
    ]);
  });

  it("waits for a full socket", () => {
    const { outbox, stream, sent } = open({ highWaterMark: 20_000 });
    outbox.send(stream(1), part(19_000, false).outgoing);
    outbox.send(stream(3), part(3_000, false).outgoing);
    const first = sent();
    expect(first).toEqual([
      [1, 16_384, false],
      [1, 2_616, false],
      [3, 3_000, false],
    ]);
    outbox.send(stream(5), part(1).outgoing);
    expect(sent()).toEqual([[5, 1, true]]); // the look before has drained it
  });

  it("sends nothing more of a stream that is forgotten, and goes on with the others", () => {
    const { outbox, stream, sent } = open({ isReleased: false });
    const [one, three] = [stream(1), stream(3)];
    const forgotten = part(10);
    outbox.send(one, forgotten.outgoing);
    outbox.send(three, part(5).outgoing);
    outbox.forget(one);
    outbox.release();
    expect([sent(), forgotten.taken.times]).toEqual([[[3, 5, true]], 0]);
  });
});
