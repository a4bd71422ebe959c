// SPDX-License-Identifier: Apache-2.0
// When a connection counts as one, what its owner is told, and when an idle one goes.

import type { Socket } from "node:net";
import { describe, expect, it, test } from "@jest/globals";
import { ConnectionLog } from "../../../../../src/rpc/transport/grpc/connection-log.js";
import { openWire, type Wire, type WireOwner, type WireSettings } from "../../../../../src/rpc/transport/grpc/wire.js";
import { REQUEST_HEAD } from "../../../../support/http2-connection-stage.js";
import { frame, headers, OK_HEADERS, settings, uint32 } from "../../../../support/http2-frames.js";
import { HeardStream, Http2Peer, turn } from "../../../../support/http2-peer.js";
import { ManualClock } from "../../../../support/manual-clock.js";
import { rejectionOf } from "../../../../support/rejection-of.js";

const IDLE_LOOK_MS = 600_000;

class Owner implements WireOwner {
  readonly told: string[] = [];
  readonly log = new ConnectionLog(undefined, "server.test:443");
  mask = (text: string): string => text;
  onRoom = (): void => void this.told.push("room");
  onDrain: WireOwner["onDrain"] = (_, why) => this.told.push(`drain ${typeof why === "string" ? why : why.debugText}`);
  onEnd: WireOwner["onEnd"] = (_, error) => this.told.push(`end ${error?.message ?? "here"}`);
}

function begin(changes: Partial<WireSettings> = {}) {
  const peer = new Http2Peer();
  const owner = new Owner();
  const clock = new ManualClock();
  const stop = new AbortController();
  // as: the parts of a socket that a connection uses
  const socket = peer.socket as unknown as Socket;
  const common = { clock, keepalive: undefined, certificate: undefined, signal: stop.signal };
  return { peer, owner, clock, stop, opening: openWire(socket, owner, { ...common, ...changes }) };
}

async function open(changes: Partial<WireSettings> = {}) {
  const begun = begin(changes);
  await begun.peer.say(settings(), frame(4, 1, 0));
  const wire: Wire = await begun.opening;
  begun.peer.frames();
  begun.owner.told.length = 0; // that there is room
  return { ...begun, wire };
}

describe("opening a wire", () => {
  it("is done when the peer has said its SETTINGS, and keeps the process alive until then", async () => {
    const { peer, owner, opening } = begin();
    await turn();
    expect(peer.socket.isReferenced).toBe(true);
    await peer.say(settings(), frame(4, 1, 0));
    const wire = await opening;
    expect([wire.hasRoom, wire.answersRead, wire.fingerprint, peer.socket.isReferenced]).toEqual([
      true,
      0,
      undefined,
      false,
    ]);
    expect(owner.told).toEqual(["room"]);
  });

  it("fails with why the connection ended before that, and its owner never hears of it", async () => {
    const { peer, owner, opening } = begin();
    const failure = rejectionOf(opening);
    await peer.end();
    expect(await failure).toBeInstanceOf(Error);
    expect(owner.told).toEqual([]);
  });

  it("fails with the reason of its signal", async () => {
    const { stop, opening, owner } = begin();
    const failure = rejectionOf(opening);
    const reason = new Error("nobody waits any more");
    stop.abort(reason);
    expect(await failure).toBe(reason);
    expect(owner.told).toEqual([]);
  });

  it("takes no notice of its signal once it is done", async () => {
    const { stop, wire } = await open();
    stop.abort();
    await turn();
    expect(wire.hasRoom).toBe(true);
  });

  it("knows which certificate it presents", async () => {
    const { wire } = await open({ certificate: { cert: Buffer.alloc(0), key: Buffer.alloc(0), fingerprint: "AB:CD" } });
    expect(wire.fingerprint).toBe("AB:CD");
  });
});

describe("a wire", () => {
  it("tells its owner of room, of a GOAWAY and of its end", async () => {
    const { peer, owner, wire } = await open();
    const heard = new HeardStream();
    wire.open(REQUEST_HEAD, heard);
    await peer.say(headers(1, OK_HEADERS, true));
    expect([heard.hasEnded, wire.answersRead]).toEqual([true, 1]);
    await peer.say(frame(7, 0, 0, Buffer.concat([uint32(1, 0), Buffer.from("maintenance")])));
    expect(owner.told).toContain("drain maintenance");
    await turn();
    expect(owner.told.at(-1)).toMatch(/^end/);
    expect(wire.hasRoom).toBe(false);
  });

  it("holds the process while it is asked to, or a call is on it", async () => {
    const { peer, wire } = await open();
    wire.holdOpen(true);
    expect(peer.socket.isReferenced).toBe(true);
    wire.holdOpen(false);
    expect(peer.socket.isReferenced).toBe(false);
    wire.open(REQUEST_HEAD, new HeardStream());
    expect(peer.socket.isReferenced).toBe(true);
  });

  it("takes no calls once it is retired, and ends with the last that is on it", async () => {
    const { peer, owner, wire } = await open();
    const heard = new HeardStream();
    wire.open(REQUEST_HEAD, heard);
    wire.retire();
    expect([wire.hasRoom, owner.told.filter((each) => each.startsWith("end"))]).toEqual([false, []]);
    await peer.say(headers(1, OK_HEADERS, true));
    expect(heard.hasEnded).toBe(true);
    expect(owner.told.filter((each) => each.startsWith("end"))).toHaveLength(1);
  });

  it("ends with an error for those that are on it when it is closed with one", async () => {
    const { owner, wire } = await open();
    const heard = new HeardStream();
    wire.open(REQUEST_HEAD, heard);
    wire.close(0, new Error("a PING was not acknowledged in time"));
    await turn();
    expect(heard.failure).toMatchObject({ kind: "lost", error: { message: "a PING was not acknowledged in time" } });
    expect(owner.told).toEqual(["end a PING was not acknowledged in time"]);
  });
});

describe("idleness", () => {
  test("of half an hour ends a wire, which tells its owner before", async () => {
    const { clock, owner, wire } = await open();
    await clock.advance(3 * IDLE_LOOK_MS - 1);
    expect([owner.told, wire.hasRoom]).toEqual([[], true]);
    await clock.advance(1);
    expect(owner.told).toEqual(["drain idle", "end here"]);
  });

  test("is over with a call, and is counted anew from its end", async () => {
    const { clock, owner, peer, wire } = await open();
    await clock.advance(2 * IDLE_LOOK_MS);
    wire.open(REQUEST_HEAD, new HeardStream());
    await clock.advance(5 * IDLE_LOOK_MS);
    await peer.say(headers(1, OK_HEADERS, true));
    await clock.advance(2 * IDLE_LOOK_MS);
    expect(owner.told.filter((each) => each.startsWith("drain"))).toEqual([]);
    await clock.advance(2 * IDLE_LOOK_MS);
    expect(owner.told).toContain("drain idle");
  });

  test("keeps no process alive, and is watched no longer than the wire lives", async () => {
    const { clock, wire } = await open();
    expect([clock.waits.includes(IDLE_LOOK_MS), clock.keepsAlive]).toEqual([true, false]);
    wire.close();
    await turn();
    expect(clock.waits).not.toContain(IDLE_LOOK_MS);
  });
});

test("a peer that answers no PING is given up, with keepalive", async () => {
  const { clock, owner, peer, wire } = await open({ keepalive: { intervalMs: 10_000, timeoutMs: 5_000 } });
  const heard = new HeardStream();
  wire.open(REQUEST_HEAD, heard);
  await clock.advance(10_000);
  await turn();
  expect(peer.frames().map(({ type }) => type)).toContain(6);
  await clock.advance(5_000);
  expect(heard.failure).toMatchObject({ kind: "lost", error: { message: "a PING was not acknowledged in time" } });
  expect(owner.told).toEqual(["end a PING was not acknowledged in time"]);
});
