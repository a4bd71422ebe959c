// SPDX-License-Identifier: Apache-2.0
// What a peer says, cut at every octet and mutated: it means the same, or it is an error, and never anything else.

import { createServer } from "node:http2";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { expect, test } from "@jest/globals";
import { systemClock } from "../../src/base/clock.js";
import { Http2Connection } from "../../src/rpc/transport/http2/connection.js";
import { fuzzFrames } from "../support/frame-fuzz.js";
import { REQUEST_HEAD } from "../support/http2-connection-stage.js";
import { data, frame, headers, OK_HEADERS, settings, uint32 } from "../support/http2-frames.js";
import { HeardConnection, HeardStream, Http2Peer, turn } from "../support/http2-peer.js";
import { ManualClock } from "../support/manual-clock.js";
import { soakCount } from "../support/soak-share.js";

/** What two streams and their connection heard of a peer that says pieces one after another. */
async function hear(pieces: readonly Buffer[]): Promise<object> {
  const peer = new Http2Peer();
  const owner = new HeardConnection();
  const connection = new Http2Connection(peer.socket, owner, { clock: systemClock });
  const heard = [new HeardStream(), new HeardStream()];
  for (const each of heard) connection.open(REQUEST_HEAD, each).write(Buffer.from("request"), true);
  for (const piece of pieces) peer.socket.emit("data", piece);
  await turn();
  const told = { streams: heard.map(({ summary }) => summary), ends: owner.ends, error: owner.error?.message };
  connection.close();
  return told;
}

const REPLIES: readonly (readonly [name: string, octets: Buffer])[] = [
  [
    "two answers that take turns",
    Buffer.concat([
      settings([[3, 100]]),
      frame(4, 1, 0),
      headers(3, OK_HEADERS),
      headers(1, OK_HEADERS),
      data(1, "first"),
      frame(6, 0, 0, Buffer.from("octets!!")),
      data(3, "second"),
      headers(1, [["grpc-status", "0"]], true),
      data(3, "more", true),
    ]),
  ],
  [
    "a block in three frames, padding, unknown frames, a reset",
    Buffer.concat([
      settings(),
      frame(1, 0, 1, headers(1, OK_HEADERS).subarray(9, 20)),
      frame(9, 0, 1),
      frame(9, 4, 1, headers(1, OK_HEADERS).subarray(20)),
      frame(0x77, 0xff, 0x7fff_ffff, Buffer.from("unknown")),
      frame(0, 8, 1, Buffer.from("\u0003text\0\0\0")),
      frame(3, 0, 3, uint32(7)),
      headers(1, [["grpc-status", "7"]], true),
    ]),
  ],
  [
    "GOAWAY in the middle",
    Buffer.concat([settings(), headers(1, OK_HEADERS), frame(7, 0, 0, uint32(1, 2)), data(1, "x", true)]),
  ],
  [
    "an error in the middle",
    Buffer.concat([settings(), headers(1, OK_HEADERS), frame(0, 8, 1), data(1, "never read", true)]),
  ],
];

test.each(REPLIES)("%s, split at each octet and octet by octet, means the same", async (_name, octets) => {
  const whole = await hear([octets]);
  for (let at = 1; at < octets.length; at++) {
    expect(await hear([octets.subarray(0, at), octets.subarray(at)])).toEqual(whole);
  }
  expect(await hear(Array.from(octets, (octet) => Buffer.from([octet])))).toEqual(whole);
});

/** All that a node:http2 server says to a client that asks twice. */
async function recordNodeServer(): Promise<Buffer> {
  const server = createServer();
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc", "x-from": "node" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "grpc-message": "fine" }));
    stream.end("a body of node's");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const chunks: Buffer[] = [];
  const front = createTcpServer((socket) => {
    const behind = connect((server.address() as AddressInfo).port, "127.0.0.1"); // as: a TCP server that listens
    socket.pipe(behind);
    behind.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      socket.write(chunk);
    });
    for (const each of [socket, behind]) each.on("error", () => undefined).on("close", () => void socket.destroy());
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const socket = connect((front.address() as AddressInfo).port, "127.0.0.1"); // as: a TCP server that listens
  const connection = new Http2Connection(socket, new HeardConnection(), { clock: systemClock });
  const heard = [new HeardStream(), new HeardStream()];
  for (const each of heard) connection.open(REQUEST_HEAD, each).write(Buffer.from("request"), true);
  while (!heard.every(({ hasEnded }) => hasEnded)) await new Promise((resolve) => setImmediate(resolve));
  const said = Buffer.concat(chunks);
  connection.close();
  socket.destroy();
  front.close();
  server.close();
  return said;
}

test("what node:http2 says as a server, split at each octet, is its answers", async () => {
  const octets = await recordNodeServer();
  const whole = await hear([octets]);
  const answer = {
    body: "a body of node's",
    headers: expect.arrayContaining([":status", "200", "x-from", "node"]),
    trailers: ["grpc-status", "0", "grpc-message", "fine"],
    hasEnded: true,
  };
  expect(whole).toMatchObject({ streams: [answer, answer], ends: 0 });
  for (let at = 1; at < octets.length; at++) {
    expect(await hear([octets.subarray(0, at), octets.subarray(at)])).toEqual(whole);
  }
});

const FRAMES = soakCount(100_000);
/** In parts, since the watch for secrets keeps each error until a test ends. */
const SEEDS = Array.from({ length: 10 }, (_, part) => 20_261_127 + part);

test.each(SEEDS)(
  `${FRAMES} frames that are nearly right, of seed %i, end in an answer or an error, and in nothing else`,
  (seed) => {
    const { frames, connections, errors, answered } = fuzzFrames(seed, FRAMES, new ManualClock());
    expect(frames).toBeGreaterThanOrEqual(FRAMES);
    // The frames are good enough to be answers, and bad enough to be many kinds of error.
    expect(answered).toBeGreaterThan(connections / 10);
    expect(errors.size).toBeGreaterThan(FRAMES < 10_000 ? 5 : 20);
  },
);
