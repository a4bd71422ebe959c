// SPDX-License-Identifier: Apache-2.0
// What a hostile server can send without end: each is the end of the connection, with ENHANCE_YOUR_CALM, and of nothing else.

import { describe, expect, test } from "@jest/globals";
import { openHttp2Connection, REQUEST_HEAD } from "../../../../../support/http2-connection-stage.js";
import { data, frame, headers, OK_HEADERS, settings, uint32 } from "../../../../../support/http2-frames.js";
import { HeardStream } from "../../../../../support/http2-peer.js";
import { ManualClock } from "../../../../../support/manual-clock.js";

async function connect() {
  const clock = new ManualClock();
  const stage = await openHttp2Connection([], clock);
  return { clock, ...stage, ...stage.begin() };
}

/** So many copies of some octets. */
const times = (count: number, octets: Buffer): Buffer => Buffer.alloc(count * octets.length, octets);

const FLOODS: readonly (readonly [name: string, octets: Buffer])[] = [
  ["PING upon PING", frame(6, 0, 0, Buffer.alloc(8))],
  ["answers to PINGs that were never sent", frame(6, 1, 0, Buffer.alloc(8))],
  ["SETTINGS upon SETTINGS", settings([[4, 70_000]])],
  ["acknowledgements of SETTINGS", frame(4, 1, 0)],
  ["empty bodies", data(1, "")],
  ["PRIORITY upon PRIORITY", frame(2, 0, 1, Buffer.alloc(5))],
  ["windows opened by 1", frame(8, 0, 0, uint32(1))],
  ["a stream's window opened by 1", frame(8, 0, 1, uint32(1))],
  ["GOAWAY upon GOAWAY", frame(7, 0, 0, uint32(0x7fff_ffff, 0))],
  ["frames of unknown types", frame(200, 0, 0, Buffer.alloc(1))],
];

describe("a flood ends the connection", () => {
  test.each(FLOODS)("of %s", async (_name, octets) => {
    const { peer, owner, heard } = await connect();
    await peer.say(headers(1, OK_HEADERS));
    await peer.say(times(10_001, octets));
    expect(owner.error?.message).toBe("the peer floods the connection with frames that carry nothing");
    expect(peer.goAwayCode()).toBe(11);
    expect(heard.failure?.kind).toBe("lost");
  });

  test("of 1xx responses", async () => {
    const { peer, owner } = await connect();
    await peer.say(times(10_001, headers(1, [[":status", "103"]])));
    expect([owner.ends, peer.goAwayCode()]).toEqual([1, 11]);
  });

  test("of frames on streams that are over", async () => {
    for (const octets of [headers(1, OK_HEADERS), data(1, "x"), frame(3, 0, 1, uint32(8)), frame(8, 0, 1, uint32(9))]) {
      const { peer, owner, stream } = await connect();
      stream.reset(8);
      await peer.say(times(10_001, octets));
      expect([owner.ends, peer.goAwayCode()]).toEqual([1, 11]);
    }
  });

  test("of resets, theirs or those that they provoke", async () => {
    for (const said of [(id: number) => frame(3, 0, id, uint32(8)), (id: number) => data(id, "x")]) {
      const { peer, owner, connection } = await connect();
      for (let id = 1; owner.ends === 0 && id < 10_000; id += 2) {
        await peer.say(said(id));
        if (owner.ends === 0) connection.open(REQUEST_HEAD, new HeardStream());
      }
      expect(peer.goAwayCode()).toBe(11);
    }
  });

  test.each([
    ["of many octets", frame(9, 0, 1, Buffer.alloc(16_000)), 9],
    ["of many frames", frame(9, 0, 1, Buffer.alloc(1)), 64],
    ["of empty frames", frame(9, 0, 1), 64],
  ])("of CONTINUATION %s", async (_name, octets, count) => {
    const { peer, owner } = await connect();
    await peer.say(frame(1, 0, 1), times(count, octets));
    expect([owner.error?.message, peer.goAwayCode()]).toEqual(["a header block that does not end", 11]);
  });

  test("of questions whose answers are not read", async () => {
    const { peer, owner } = await connect();
    peer.isReading = false;
    const ping = frame(6, 0, 0, Buffer.alloc(8));
    await peer.say(headers(1, OK_HEADERS));
    // Answers to calls in between, so that nothing but the answers that wait is counted.
    for (let round = 0; round < 300 && owner.ends === 0; round++) await peer.say(times(100, ping), data(1, "x"));
    expect(owner.error?.message).toBe("the peer sends PINGs without reading the acknowledgements");
  });

  test("of header fields that refer to a large one leaves no more behind than the list may measure", async () => {
    const { peer, owner, heard } = await connect();
    const large = Buffer.concat([
      Buffer.from("40", "hex"),
      Buffer.from([1, 0x78, 127, 0x81, 0x1e]),
      Buffer.alloc(4_000, 0x79),
    ]);
    const bomb = Buffer.concat([large, Buffer.alloc(12_000, 0xbe)]);
    await peer.say(frame(1, 4, 1, bomb));
    expect([heard.failure?.kind, owner.ends]).toEqual(["tooLarge", 0]);
  });
});

test("what comes in ten thousand times as many seconds is no flood", async () => {
  for (const [, octets] of FLOODS) {
    const { clock, peer, owner } = await connect();
    await peer.say(headers(1, OK_HEADERS));
    for (let round = 0; round < 30; round++) {
      await peer.say(times(500, octets));
      await clock.advance(11_000);
    }
    expect(owner.ends).toBe(0);
  }
});

test("what comes between answers is no flood", async () => {
  const { peer, owner } = await connect();
  await peer.say(headers(1, OK_HEADERS));
  for (let round = 0; round < 100; round++) {
    await peer.say(times(300, frame(6, 0, 0, Buffer.alloc(8))), data(1, "x"));
  }
  expect(owner.ends).toBe(0);
});
