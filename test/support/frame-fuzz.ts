// SPDX-License-Identifier: Apache-2.0
// A peer that says anything: frames that are nearly right, cut anew, and octets of chance, to connections with streams open. What it says
// follows from a seed.

import type { Clock } from "../../src/base/clock.js";
import { Http2Connection } from "../../src/rpc/transport/http2/connection.js";
import { fixedFields, HeaderListTooLarge } from "../../src/rpc/transport/http2/request-head.js";
import type { Http2Stream } from "../../src/rpc/transport/http2/stream.js";
import { block, frame, OK_HEADERS, settings } from "./http2-frames.js";
import { HeardConnection, HeardStream, Http2Peer } from "./http2-peer.js";

const HEAD = {
  fixed: fixedFields([
    [":method", "POST"],
    [":path", "/a"],
  ]),
  extra: undefined,
  own: [],
};
/** Push is seldom allowed, since that is the end. */
const SETTING_IDS = [1, 3, 4, 5, 6, 7, 0x4242, 2];
const FRAMES_PER_CONNECTION = 60;
const FIELDS = [...OK_HEADERS, ["grpc-status", "0"], ["x", "y".repeat(50)], ["A", "b"], [":path", "/"]] as const;

/** What came of it. */
export interface FuzzResult {
  frames: number;
  connections: number;
  /** Connections that ended with an error, by its text. */
  readonly errors: Map<string, number>;
  /** Streams that had a whole answer. */
  answered: number;
}

/** Numbers that follow from a seed. Source: mulberry32. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/**
 * Says so many frames. What goes wrong in our code and not with the peer throws.
 *
 * @param clock of the connections; one whose time stands still, so that none waits
 */
export function fuzzFrames(seed: number, count: number, clock: Clock): FuzzResult {
  const random = randomFrom(seed);
  const result: FuzzResult = { frames: 0, connections: 0, errors: new Map(), answered: 0 };
  while (result.frames < count) {
    const peer = new Http2Peer();
    const owner = new HeardConnection();
    const connection = new Http2Connection(peer.socket, owner, { clock });
    const streams: { readonly heard: HeardStream; readonly stream: Http2Stream }[] = [];
    let said = random(20) === 0 ? Buffer.alloc(0) : settings([[SETTING_IDS[random(8)] ?? 4, 16_384 + random(70_000)]]);
    for (let number = 0; number < FRAMES_PER_CONNECTION && owner.ends === 0; number++) {
      if (random(3) === 0 && connection.hasRoom) streams.push(...openStream(connection, random));
      said = Buffer.concat([said, anyFrame(random, streams.length)]);
      result.frames++;
      // Cut anew: in one piece, in two, or octet by octet.
      if (random(4) > 0) said = sayInPieces(peer, said, random);
    }
    if (owner.ends === 0) peer.socket.emit("data", said);
    finish(connection, owner, streams, result);
  }
  return result;
}

/** One more stream, unless the peer takes no header fields any more. */
function openStream(connection: Http2Connection, random: (below: number) => number) {
  const heard = new HeardStream();
  let stream: Http2Stream;
  try {
    stream = connection.open(HEAD, heard);
  } catch (error) {
    if (error instanceof HeaderListTooLarge) return [];
    throw error;
  }
  stream.write(Buffer.alloc(random(2) * random(100_000)), random(2) === 0);
  if (random(8) === 0) stream.reset(8);
  return [{ heard, stream }];
}

function sayInPieces(peer: Http2Peer, said: Buffer, random: (below: number) => number): Buffer {
  const size = [said.length, Math.ceil(said.length / 2), 1, 7][random(4)] || 1;
  if (said.length / size > 200) peer.socket.emit("data", said);
  else for (let at = 0; at < said.length; at += size) peer.socket.emit("data", said.subarray(at, at + size));
  return Buffer.alloc(0);
}

function finish(
  connection: Http2Connection,
  owner: HeardConnection,
  streams: readonly { readonly heard: HeardStream; readonly stream: Http2Stream }[],
  result: FuzzResult,
): void {
  result.connections++;
  connection.close();
  const { error } = owner;
  if (error?.message === "a response could not be handled") throw error;
  if (owner.ends !== 1) throw new Error(`a connection ended ${owner.ends} times`);
  if (error !== undefined) result.errors.set(error.message, (result.errors.get(error.message) ?? 0) + 1);
  for (const { heard, stream } of streams) {
    if (!stream.isClosed) throw new Error("a stream outlives its connection");
    if (heard.hasEnded) result.answered++;
  }
  if (connection.streamCount !== 0) throw new Error("a connection that is over has streams");
}

function anyFrame(random: (below: number) => number, streams: number): Buffer {
  const id = random(80) === 0 ? random(2 ** 31) : 1 + 2 * random(Math.max(1, streams));
  const octets = Buffer.from(Array.from({ length: random(12) }, () => random(256)));
  const known = knownFrame(random, id, octets);
  if (random(60) > 0) return known;
  // One octet of it, of the head or the payload, becomes another.
  const mutated = Buffer.from(known);
  mutated[random(mutated.length)] = random(256);
  return random(4) === 0 ? mutated.subarray(0, random(mutated.length)) : mutated;
}

function knownFrame(random: (below: number) => number, id: number, octets: Buffer): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(random(30) === 0 ? random(2 ** 32) : 1 + random(5_000));
  switch (random(16)) {
    case 0:
    case 1:
    case 2:
      return frame(0, (random(4) === 0 ? 1 : 0) | (random(6) === 0 ? 8 : 0), id, Buffer.alloc(random(2_000), 1));
    case 3:
    case 4:
    case 5:
    case 6:
      return frame(
        1,
        (random(8) === 0 ? 0 : 4) | random(2),
        id,
        block(FIELDS.filter((_, at) => at < 3 || random(12) === 0)),
      );
    case 7:
      return frame(
        1,
        4 | random(2),
        id,
        Buffer.concat([Buffer.from([0x88]), random(6) === 0 ? octets : Buffer.from([0x9f & 0xbd])]),
      );
    case 8:
      return random(8) === 0 ? frame(9, random(2) * 4, id, octets) : frame(0x99, random(256), id, octets);
    case 9:
      return frame(3, 0, id, number);
    case 10:
      return settings([[SETTING_IDS[random(8)] ?? 4, random(30) === 0 ? random(2 ** 32) : 16_384 + random(70_000)]]);
    case 11:
      return frame(6, random(2), 0, Buffer.alloc(8));
    case 12:
      return frame(8, 0, random(2) === 0 ? 0 : id, number);
    case 13:
      return random(4) === 0
        ? frame(7, 0, 0, Buffer.concat([number, number, octets]))
        : frame(2, 0, id, Buffer.alloc(5));
    case 14:
      return frame(random(4) === 0 ? random(256) : 10 + random(240), random(256), id, octets);
    default:
      return random(10) === 0 ? octets : frame(4, 1, 0);
  }
}
