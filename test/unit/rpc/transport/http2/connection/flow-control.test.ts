// SPDX-License-Identifier: Apache-2.0
// Windows both ways: what may be sent and when, and what is given back.

import { describe, expect, test } from "@jest/globals";
import { openHttp2Connection } from "../../../../../support/http2-connection-stage.js";
import { data, frame, headers, OK_HEADERS, settings, uint32 } from "../../../../../support/http2-frames.js";
import { type Http2Peer, type ReadFrame, turn } from "../../../../../support/http2-peer.js";

const WINDOW = 4;

const bodies = (frames: readonly ReadFrame[]) =>
  frames.filter(({ type }) => type === 0).map(({ id, payload }) => [id, payload.length]);

describe("sending", () => {
  test("stops at the stream's window, goes on with it, and tells when all is taken", async () => {
    const { peer, begin } = await openHttp2Connection([[WINDOW, 10]]);
    const { stream } = begin();
    let taken = 0;
    stream.write(Buffer.alloc(25), true, () => taken++);
    await turn();
    expect([bodies(peer.frames()), taken]).toEqual([[[1, 10]], 0]);
    await peer.say(frame(8, 0, 1, uint32(5)));
    expect([bodies(peer.frames()), taken]).toEqual([[[1, 5]], 0]);
    await peer.say(frame(8, 0, 1, uint32(100)));
    const last = peer.frames();
    expect([bodies(last), last[0]?.flags, taken]).toEqual([[[1, 10]], 1, 1]);
  });

  test("stops at the connection's window, whatever the streams' are", async () => {
    const { peer, begin } = await openHttp2Connection([[WINDOW, 1_000_000]]);
    const { stream } = begin();
    stream.write(Buffer.alloc(100_000), true);
    await turn();
    const sent = (frames: readonly ReadFrame[]) => bodies(frames).reduce((sum, [, length]) => sum + Number(length), 0);
    expect(sent(peer.frames())).toBe(65_535);
    await peer.say(frame(8, 0, 0, uint32(1_000_000)));
    expect(sent(peer.frames())).toBe(100_000 - 65_535);
  });

  test("an empty end needs no window", async () => {
    const { peer, begin } = await openHttp2Connection([[WINDOW, 0]]);
    begin().stream.write(Buffer.alloc(0), true);
    await turn();
    expect(peer.frames().at(-1)).toMatchObject({ type: 0, flags: 1, id: 1 });
  });

  test("a window that SETTINGS make negative must come back above 0 first", async () => {
    const { peer, begin } = await openHttp2Connection([[WINDOW, 100]]);
    const { stream } = begin();
    stream.write(Buffer.alloc(90), false);
    await peer.say(settings([[WINDOW, 20]]));
    stream.write(Buffer.alloc(30), true);
    await turn();
    expect(bodies(peer.frames())).toEqual([[1, 90]]);
    await peer.say(frame(8, 0, 1, uint32(70)));
    expect(bodies(peer.frames())).toEqual([]);
    await peer.say(settings([[WINDOW, 50]]));
    expect(bodies(peer.frames())).toEqual([[1, 30]]);
  });

  test("what a wider window lets go comes after the acknowledgement of the SETTINGS that widened it", async () => {
    const { peer, begin } = await openHttp2Connection([[WINDOW, 0]]);
    begin().stream.write(Buffer.alloc(10), true);
    await turn();
    peer.frames();
    await peer.say(settings([[WINDOW, 100]]));
    expect(peer.frames().map(({ type, flags }) => [type, flags])).toEqual([
      [4, 1],
      [0, 1],
    ]);
  });

  test("streams take turns, so that a large body starves no small one", async () => {
    const { peer, begin } = await openHttp2Connection([[WINDOW, 10_000_000]]);
    const [large, small] = [begin().stream, begin().stream];
    large.write(Buffer.alloc(1_000_000), true);
    small.write(Buffer.alloc(100), true);
    await turn();
    peer.frames();
    await peer.say(frame(8, 0, 0, uint32(40_000)));
    expect(bodies(peer.frames())).toEqual([
      [1, 16_384],
      [3, 100],
      [1, 16_384],
      [1, 40_000 - 2 * 16_384 - 100],
    ]);
  });

  test("a socket that takes nothing is given no more than a frame of each body", async () => {
    const { peer, begin } = await openHttp2Connection([[WINDOW, 1_000_000_000]]);
    await peer.say(frame(8, 0, 0, uint32(1_000_000_000)));
    peer.isReading = false;
    const { stream } = begin();
    let taken = 0;
    const part = Buffer.alloc(64 * 1024);
    for (let count = 0; count < 100; count++) {
      stream.write(part, false, () => taken++);
      await turn();
    }
    expect(taken).toBeLessThan(5);
    await peer.resume();
    await turn();
    expect(taken).toBe(100);
  });

  test("a smaller frame size of the peer's is kept, a larger one is used with measure", async () => {
    const { peer, begin } = await openHttp2Connection([
      [WINDOW, 1_000_000],
      [5, 1_000_000],
    ]);
    begin().stream.write(Buffer.alloc(50_000), true);
    await turn();
    expect(bodies(peer.frames())).toEqual([
      [1, 32_768],
      [1, 17_232],
    ]);
  });

  test("a stream that is reset sends nothing of what waited", async () => {
    const { peer, begin } = await openHttp2Connection([[WINDOW, 10]]);
    const { stream } = begin();
    stream.write(Buffer.alloc(25), true);
    stream.reset(8);
    await peer.say(frame(8, 0, 1, uint32(100)));
    expect(bodies(peer.frames())).toEqual([[1, 10]]);
  });
});

describe("receiving", () => {
  const windowUpdates = (peer: Http2Peer) =>
    peer
      .frames()
      .filter(({ type }) => type === 8)
      .map(({ id, payload }) => [id, payload.readUInt32BE(0)]);

  test("gives a stream's window back as its consumer takes, and the connection's as octets come", async () => {
    const { peer, begin } = await openHttp2Connection();
    const { stream, heard } = begin();
    const sixteen = Array.from({ length: 16 }, () => data(1, Buffer.alloc(16_384)));
    await peer.say(headers(1, OK_HEADERS), ...sixteen);
    expect(windowUpdates(peer)).toEqual([]);
    stream.consume(128 * 1024 - 1);
    await turn();
    expect(windowUpdates(peer)).toEqual([]);
    stream.consume(1);
    await turn();
    expect(windowUpdates(peer)).toEqual([[1, 128 * 1024]]);
    expect(heard.body).toHaveLength(256 * 1024);
  });

  test("a stream whose consumer takes nothing holds up no other", async () => {
    const { peer, begin, owner } = await openHttp2Connection();
    begin();
    const lively = begin();
    const sixteen = (id: number) => Array.from({ length: 16 }, () => data(id, Buffer.alloc(16_384)));
    await peer.say(headers(1, OK_HEADERS), ...sixteen(1), headers(3, OK_HEADERS));
    for (let round = 0; round < 40; round++) {
      await peer.say(...sixteen(3));
      lively.stream.consume(16 * 16_384);
    }
    expect(owner.ends).toBe(0);
    expect(lively.heard.body).toHaveLength(40 * 16 * 16_384);
  });

  test("what is dropped counts for the connection, so that it never starves", async () => {
    const { peer, begin } = await openHttp2Connection();
    begin().stream.reset(8);
    for (let round = 0; round < 8; round++) {
      await peer.say(...Array.from({ length: 16 }, () => data(1, Buffer.alloc(16_384))));
    }
    expect(windowUpdates(peer)).toEqual([[0, 2 * 1024 * 1024]]);
  });

  test("padding is given back at once", async () => {
    const { peer, begin, owner } = await openHttp2Connection();
    const { stream } = begin();
    await peer.say(headers(1, OK_HEADERS));
    const padded = frame(0, 8, 1, Buffer.concat([Buffer.from([255]), Buffer.alloc(255)]));
    for (let round = 0; round < 30; round++) {
      await peer.say(...Array.from({ length: 100 }, () => padded));
    }
    expect([owner.ends, stream.isClosed]).toEqual([0, false]);
    expect(windowUpdates(peer).length).toBeGreaterThan(1);
  });

  test("a peer that sends more than a stream's window ends the connection", async () => {
    const { peer, begin, owner } = await openHttp2Connection();
    begin();
    await peer.say(headers(1, OK_HEADERS), ...Array.from({ length: 17 }, () => data(1, Buffer.alloc(16_384))));
    expect(owner.error?.message).toBe("the peer sent more than its window allows");
    expect(peer.goAwayCode()).toBe(3);
  });
});
