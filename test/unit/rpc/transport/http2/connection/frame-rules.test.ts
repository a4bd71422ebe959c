// SPDX-License-Identifier: Apache-2.0
// Frames that no peer may send: each ends the connection, with the code that the peer is told.

import { describe, expect, test } from "@jest/globals";
import { openHttp2Connection } from "../../../../../support/http2-connection-stage.js";
import { data, frame, headers, OK_HEADERS, settings, uint32 } from "../../../../../support/http2-frames.js";

describe("a breach of the rules ends the connection with its code", () => {
  const two = Buffer.alloc(2);
  test.each([
    ["a frame of more than 16,384 octets", frame(0, 0, 1, Buffer.alloc(16_385)), 6],
    ["DATA of no stream", data(0, "x"), 1],
    ["DATA of a stream of the server's", data(2, "x"), 1],
    ["DATA of a stream that was never opened", data(5, "x"), 1],
    ["DATA with more padding than payload", frame(0, 8, 1, Buffer.from([2, 0])), 1],
    ["padded DATA without a payload", frame(0, 8, 1), 1],
    ["HEADERS of no stream", headers(0, OK_HEADERS), 1],
    ["HEADERS of a stream that was never opened", headers(7, OK_HEADERS), 1],
    ["HEADERS too short for their priority", frame(1, 4 | 0x20, 1, two), 6],
    ["a block that cannot be decoded", frame(1, 4, 1, Buffer.from([0x80])), 9],
    ["CONTINUATION of no block", frame(9, 4, 1), 1],
    ["CONTINUATION of another stream", Buffer.concat([frame(1, 0, 1), frame(9, 4, 3)]), 1],
    ["a frame inside a block", Buffer.concat([frame(1, 0, 1), frame(6, 0, 0, Buffer.alloc(8))]), 1],
    ["an unknown frame inside a block", Buffer.concat([frame(1, 0, 1), frame(99, 0, 0)]), 1],
    ["RST_STREAM of a wrong length", frame(3, 0, 1, two), 6],
    ["RST_STREAM of no stream", frame(3, 0, 0, uint32(0)), 1],
    ["RST_STREAM of an idle stream", frame(3, 0, 9, uint32(0)), 1],
    ["a SETTINGS frame with the wrong length", frame(4, 0, 0, two), 6],
    ["SETTINGS on a stream", frame(4, 0, 1), 1],
    ["an acknowledgement with a body", frame(4, 1, 0, Buffer.alloc(6)), 6],
    ["SETTINGS that allow pushes", settings([[2, 1]]), 1],
    ["SETTINGS with a window beyond 2^31-1", settings([[4, 0x8000_0000]]), 3],
    ["SETTINGS with too small a frame", settings([[5, 16_383]]), 1],
    ["SETTINGS with too large a frame", settings([[5, 16_777_216]]), 1],
    ["PUSH_PROMISE", frame(5, 4, 1, Buffer.alloc(4)), 1],
    ["PING of a wrong length", frame(6, 0, 0, two), 6],
    ["PING on a stream", frame(6, 0, 1, Buffer.alloc(8)), 1],
    ["GOAWAY of a wrong length", frame(7, 0, 0, uint32(0)), 6],
    ["GOAWAY on a stream", frame(7, 0, 1, uint32(0, 0)), 1],
    ["WINDOW_UPDATE of a wrong length", frame(8, 0, 0, two), 6],
    ["WINDOW_UPDATE of 0", frame(8, 0, 0, uint32(0)), 1],
    ["WINDOW_UPDATE beyond 2^31-1", frame(8, 0, 0, uint32(0x7fff_ffff)), 3],
    ["WINDOW_UPDATE of an idle stream", frame(8, 0, 9, uint32(1)), 1],
    ["PRIORITY of no stream", frame(2, 0, 0, Buffer.alloc(5)), 1],
    [
      "a window that SETTINGS move beyond 2^31-1",
      Buffer.concat([frame(8, 0, 1, uint32(2 ** 30)), settings([[4, 2 ** 31 - 1]])]),
      3,
    ],
    [
      "more than the connection's window",
      Buffer.concat([headers(1, OK_HEADERS), ...Array.from({ length: 17 }, () => data(1, Buffer.alloc(16_384)))]),
      3,
    ],
  ])("%s", async (_name, said, code) => {
    const { peer, open, owner } = await openHttp2Connection();
    const heard = [open("x"), open("x")];
    await peer.say(said);
    expect(owner.ends).toBe(1);
    expect(peer.goAwayCode()).toBe(code);
    expect(heard.map(({ failure }) => failure?.kind)).toEqual(["lost", "lost"]);
  });
});
