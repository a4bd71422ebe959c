// SPDX-License-Identifier: Apache-2.0
// One connection at a time against a scripted peer: how it begins, what its streams hear, how it ends.

import { describe, expect, test } from "@jest/globals";
import { systemClock } from "../../../../../../src/base/clock.js";
import { Http2Connection } from "../../../../../../src/rpc/transport/http2/connection.js";
import { HeaderListTooLarge } from "../../../../../../src/rpc/transport/http2/request-head.js";
import { openHttp2Connection, REQUEST_HEAD } from "../../../../../support/http2-connection-stage.js";
import { block, data, frame, headers, OK_HEADERS, settings, uint32 } from "../../../../../support/http2-frames.js";
import { HeardConnection, HeardStream, Http2Peer, turn } from "../../../../../support/http2-peer.js";
import { ManualClock } from "../../../../../support/manual-clock.js";

describe("the beginning", () => {
  test("is the preface, SETTINGS without push, and a wider window, in one write", async () => {
    const peer = new Http2Peer();
    new Http2Connection(peer.socket, new HeardConnection(), { clock: systemClock });
    await turn();
    expect(peer.octets.subarray(0, 24).toString()).toBe("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    const [first, second] = peer.frames();
    expect(first).toMatchObject({ type: 4, flags: 0, id: 0 });
    expect(first?.payload.toString("hex")).toBe("00020000000000040004000000060001" + "0000");
    expect(second).toEqual({ type: 8, flags: 0, id: 0, payload: uint32(4 * 1024 * 1024 - 65_535) });
  });

  test("holds bodies back until the peer has said its SETTINGS, and sends them after the acknowledgement", async () => {
    const peer = new Http2Peer();
    const connection = new Http2Connection(peer.socket, new HeardConnection(), { clock: systemClock });
    connection.open(REQUEST_HEAD, new HeardStream()).write(Buffer.from("body"), true);
    await turn();
    expect(peer.frames().map(({ type }) => type)).toEqual([4, 8, 1]);
    await peer.say(settings());
    expect(peer.frames().map(({ type, flags }) => [type, flags])).toEqual([
      [4, 1],
      [0, 1],
    ]);
  });

  test("opens ten streams before the peer has said how many it takes, and then as many as it says", async () => {
    const peer = new Http2Peer();
    const owner = new HeardConnection();
    const connection = new Http2Connection(peer.socket, owner, { clock: systemClock });
    for (let count = 0; count < 10; count++) connection.open(REQUEST_HEAD, new HeardStream());
    expect(connection.hasRoom).toBe(false);
    await peer.say(settings([[3, 11]]));
    expect([connection.hasRoom, owner.rooms]).toEqual([true, 1]);
    connection.open(REQUEST_HEAD, new HeardStream());
    expect(connection.hasRoom).toBe(false);
  });

  test.each([
    ["no SETTINGS", []],
    ["no acknowledgement of SETTINGS", [settings()]],
  ])("with %s within ten seconds is its end", async (text, said) => {
    const clock = new ManualClock();
    const peer = new Http2Peer();
    const owner = new HeardConnection();
    new Http2Connection(peer.socket, owner, { clock });
    await peer.say(...said);
    peer.frames();
    await clock.advance(10_000);
    expect(owner.error?.message).toBe(`${text} within 10000 ms`);
    expect(peer.goAwayCode()).toBe(4);
  });

  test.each([
    ["an HTTP/1 server", "HTTP/1.1 400 Bad Request\r\n\r\n", "the peer answered in HTTP/1 and does not speak HTTP/2"],
    [
      "another protocol",
      "220 mail.example.com ESMTP",
      "the peer does not speak HTTP/2: its first frame is not SETTINGS",
    ],
    ["a peer that begins with an acknowledgement", frame(4, 1, 0), /its first frame is not SETTINGS/],
    ["a peer that begins with a PING", frame(6, 0, 0, Buffer.alloc(8)), /its first frame is not SETTINGS/],
  ])("from %s is an error at once", async (_name, said, text) => {
    const peer = new Http2Peer();
    const owner = new HeardConnection();
    const connection = new Http2Connection(peer.socket, owner, { clock: systemClock });
    const heard = new HeardStream();
    connection.open(REQUEST_HEAD, heard);
    await peer.say(Buffer.from(said));
    expect(owner.error?.message).toEqual(typeof text === "string" ? text : expect.stringMatching(text));
    expect(heard.failure?.kind).toBe("lost");
  });
});

describe("an answer", () => {
  test("is headers, body and trailers, and needs no END_STREAM of ours to be whole", async () => {
    const { peer, connection } = await openHttp2Connection();
    const heard = new HeardStream();
    connection.open(REQUEST_HEAD, heard).write(Buffer.from("half"), false);
    await peer.say(headers(1, OK_HEADERS), data(1, "one"), data(1, "two"), headers(1, [["grpc-status", "0"]], true));
    expect(heard.summary).toEqual({
      headers: [":status", "200", "content-type", "application/grpc"],
      body: "onetwo",
      trailers: ["grpc-status", "0"],
      hasEnded: true,
    });
    // The rest of what was being sent is not wanted: NO_ERROR, since it is no fault.
    expect(peer.frames().at(-1)).toEqual({ type: 3, flags: 0, id: 1, payload: uint32(0) });
  });

  test("of headers alone, with 1xx before, in padded frames and a block in one-octet pieces", async () => {
    const { peer, open } = await openHttp2Connection();
    const heard = open("x");
    const fields = [...OK_HEADERS, ["grpc-status", "5"]] as const;
    const octets = block(fields);
    const pieces = Array.from({ length: 40 }, (_, at) => {
      const part = octets.subarray(at * 2, at * 2 + 2);
      return frame(at === 0 ? 1 : 9, at === 0 ? 1 : at === 39 ? 4 : 0, 1, part);
    });
    expect(octets.length).toBeLessThan(80);
    await peer.say(headers(1, [[":status", "103"]]), frame(0xaa, 0xff, 77, Buffer.from("unknown")), ...pieces);
    expect(heard.trailers).toEqual(fields.flat());
    const other = open("x");
    const padded = Buffer.concat([Buffer.from([3]), block(OK_HEADERS), Buffer.alloc(3)]);
    const prioritized = Buffer.concat([Buffer.from([3]), Buffer.from("ABCDE"), padded.subarray(1)]);
    await peer.say(frame(1, 4 | 8 | 0x20, 3, prioritized), frame(0, 8 | 1, 3, Buffer.from("\u0002ok\0\0")));
    expect(other.summary).toMatchObject({ headers: OK_HEADERS.flat(), body: "ok", hasEnded: true });
  });

  test("that comes after we have reset it is dropped, and its block still counts for the table", async () => {
    const { peer, connection, open } = await openHttp2Connection();
    connection.open(REQUEST_HEAD, new HeardStream()).reset(8);
    const indexed = Buffer.concat([Buffer.from("88", "hex"), Buffer.from("400178017940", "hex").subarray(0, 5)]);
    await peer.say(frame(1, 4, 1, indexed), data(1, "late"), frame(3, 0, 1, uint32(7)), frame(8, 0, 1, uint32(5)));
    const heard = open("x");
    await peer.say(frame(1, 5, 3, Buffer.from("88be", "hex")));
    expect(heard.trailers).toEqual([":status", "200", "x", "y"]);
  });

  test("may be followed by a reset without an error", async () => {
    const { peer, open, owner } = await openHttp2Connection();
    const heard = open("x");
    await peer.say(headers(1, [...OK_HEADERS, ["grpc-status", "0"]], true), frame(3, 0, 1, uint32(0)));
    expect([heard.hasEnded, owner.ends]).toEqual([true, 0]);
  });

  test.each([
    ["without :status", headers(1, [["a", "b"]]), "response headers that do not start with :status"],
    [
      "with :status after another field",
      headers(1, [
        ["a", "b"],
        [":status", "200"],
      ]),
      /do not start with :status/,
    ],
    [
      "with :status twice",
      headers(1, [
        [":status", "200"],
        [":status", "200"],
      ]),
      "a pseudo-header field where none is allowed",
    ],
    ["with a :status that is none", headers(1, [[":status", "20"]]), "an invalid :status"],
    [
      "with a name in upper case",
      headers(1, [
        [":status", "200"],
        ["A", "b"],
      ]),
      /a name that is not allowed/,
    ],
    ["with headers in the middle", Buffer.concat([headers(1, OK_HEADERS), headers(1, [["a", "b"]])]), /in the middle/],
    [
      "with :status in trailers",
      Buffer.concat([headers(1, OK_HEADERS), headers(1, OK_HEADERS, true)]),
      /where none is allowed/,
    ],
    ["with a body before headers", data(1, "x"), "DATA before the response headers"],
    ["with 1xx as the last", headers(1, [[":status", "100"]], true), "a 1xx response that ends the stream"],
    ["that opens a window by nothing", frame(8, 0, 1, uint32(0)), "a WINDOW_UPDATE with an increment of 0"],
    ["that opens a window too far", frame(8, 0, 1, uint32(0x7fffffff)), "a flow-control window beyond 2^31-1"],
  ])("%s is the end of its stream alone", async (_name, said, text) => {
    const { peer, open, owner } = await openHttp2Connection();
    const heard = open("x");
    const other = open("x");
    await peer.say(said);
    expect(heard.failure).toEqual({
      kind: "broken",
      text: typeof text === "string" ? text : expect.stringMatching(text),
    });
    expect(peer.frames().filter(({ type, id }) => type === 3 && id === 1)).toHaveLength(1);
    expect([other.failure, owner.ends]).toEqual([undefined, 0]);
  });

  test("whose header list is too large is the end of its stream alone", async () => {
    const { peer, open, owner } = await openHttp2Connection();
    const heard = open("x");
    const other = open("x");
    const large = block([...OK_HEADERS, ["x", "y".repeat(70_000)]]);
    const parts = Array.from({ length: Math.ceil(large.length / 16_384) }, (_, at) =>
      large.subarray(at * 16_384, (at + 1) * 16_384),
    );
    await peer.say(...parts.map((part, at) => frame(at === 0 ? 1 : 9, at === parts.length - 1 ? 4 : 0, 1, part)));
    expect([heard.failure?.kind, other.failure, owner.ends]).toEqual(["tooLarge", undefined, 0]);
  });
});

describe("GOAWAY", () => {
  const goAway = (lastId: number, code = 0, text = "") =>
    frame(7, 0, 0, Buffer.concat([uint32(lastId, code), Buffer.from(text)]));

  test("ends what is above its last stream, and lets the rest end", async () => {
    const { peer, open, owner, connection } = await openHttp2Connection();
    const [first, second] = [open("x"), open("x")];
    await peer.say(goAway(0x7fff_ffff));
    expect([owner.drains, connection.hasRoom, second.failure]).toEqual([1, false, undefined]);
    await peer.say(goAway(1, 0, "bye"));
    const said = { lastStreamId: 1, code: 0, debugText: "bye" };
    expect(second.failure).toEqual({ kind: "unprocessed", goAway: said });
    await peer.say(headers(1, [...OK_HEADERS, ["grpc-status", "0"]], true));
    await turn();
    expect([first.hasEnded, owner.drains, owner.ends, owner.error]).toEqual([true, 1, 1, undefined]);
  });

  test("with an error names it to those that are lost, in printable octets", async () => {
    const { peer, open, owner } = await openHttp2Connection();
    const heard = open("x");
    await peer.say(goAway(1, 11, "too_many_pings\n\x07"));
    await peer.end();
    const text = "the server ended the connection with ENHANCE_YOUR_CALM (too_many_pings??)";
    expect(owner.error?.message).toBe(text);
    expect(heard.failure).toMatchObject({ kind: "lost", error: { message: text }, goAway: { code: 11 } });
  });

  test("that takes back an earlier one is an error", async () => {
    const { peer, open, owner } = await openHttp2Connection();
    open("x");
    await peer.say(goAway(1), goAway(3));
    expect(owner.error?.message).toBe("a GOAWAY with a higher stream ID than an earlier one");
  });
});

test("unknown settings and a window that ends at exactly 2^31-1 are no error", async () => {
  const { peer, owner } = await openHttp2Connection([
    [0xfe03, 1],
    [0x4242, 0xffff_ffff],
  ]);
  await peer.say(frame(8, 0, 0, uint32(2 ** 31 - 1 - 65_535)));
  expect(owner.ends).toBe(0);
});

test("PINGs are answered with their octets, and an answer that nobody asked for is ignored", async () => {
  const { peer, connection, owner } = await openHttp2Connection();
  await peer.say(frame(6, 0, 0, Buffer.from("octets!!")), frame(6, 1, 0, Buffer.from("whatever")));
  expect(peer.frames()).toEqual([{ type: 6, flags: 1, id: 0, payload: Buffer.from("octets!!") }]);
  let answers = 0;
  connection.ping(() => void answers++);
  await turn();
  const [asked] = peer.frames();
  await peer.say(frame(6, 1, 0, asked?.payload));
  expect([answers, owner.ends]).toEqual([1, 0]);
});

test("a request above the peer's header list is refused before anything is sent", async () => {
  const { peer, connection } = await openHttp2Connection([[6, 300]]);
  const open = () => connection.open({ ...REQUEST_HEAD, own: [["x", "y".repeat(200)]] }, new HeardStream());
  expect(open).toThrow(HeaderListTooLarge);
  expect(open).toThrow(/^the metadata is \d+ bytes long, but the server accepts at most 300$/);
  await turn();
  expect([peer.frames(), connection.streamCount]).toEqual([[], 0]);
});

test("a block longer than a frame goes out as CONTINUATIONs", async () => {
  const { peer, connection } = await openHttp2Connection();
  connection
    .open({ ...REQUEST_HEAD, own: [["x", "y".repeat(40_000)]] }, new HeardStream())
    .write(Buffer.alloc(0), true);
  await turn();
  const sent = peer.frames();
  expect(sent.map(({ type, flags, id }) => [type, flags, id])).toEqual([
    [1, 0, 1],
    [9, 0, 1],
    [9, 4, 1],
    [0, 1, 1],
  ]);
});

test("the socket keeps the process alive while a stream is open or waited for, and not otherwise", async () => {
  const { peer, connection, open } = await openHttp2Connection();
  expect(peer.socket.isReferenced).toBe(false);
  open("x");
  expect(peer.socket.isReferenced).toBe(true);
  await peer.say(headers(1, OK_HEADERS, true));
  expect(peer.socket.isReferenced).toBe(false);
  connection.holdOpen(true);
  expect(peer.socket.isReferenced).toBe(true);
});

test("all frames of one turn are one write", async () => {
  const { peer, connection, open } = await openHttp2Connection();
  let writes = 0;
  const write = peer.socket._write.bind(peer.socket);
  peer.socket._write = (...args) => {
    writes++;
    write(...args);
  };
  for (let count = 0; count < 50; count++) open("x".repeat(100));
  await turn();
  expect([writes, connection.streamCount]).toEqual([1, 50]);
});

test("a connection that was closed here says so, and is over for its streams", async () => {
  const { peer, connection, open, owner } = await openHttp2Connection();
  const heard = open("x");
  connection.close();
  connection.close();
  await turn();
  expect([heard.failure?.kind, owner.ends, owner.error, peer.goAwayCode()]).toEqual(["lost", 1, undefined, 0]);
});
