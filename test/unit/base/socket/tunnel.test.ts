// SPDX-License-Identifier: Apache-2.0
// A proxy's answer to CONNECT, in whatever pieces it comes. Real connections through proxies: dial.test.ts.

import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { openTunnel } from "../../../../src/base/socket/tunnel.js";

const REQUEST = { authority: "far.example:443", proxy: "proxy.example:3128", signal: new AbortController().signal };

/** A connection to a proxy that answers at once, piece after piece before anybody can read. */
const connectionTo = (pieces: readonly string[]): Socket =>
  new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      for (const piece of pieces) this.push(piece);
      done();
    },
  }) as Socket; // as: what a tunnel needs of a socket

describe("a proxy's answer", () => {
  it.each([
    ["comes whole", ["HTTP/1.1 200 OK\r\nx: y\r\n\r\n", "early", " bird"]],
    [
      "comes in pieces, as TLS records do that were sent together",
      ["HTTP/1.1 20", "0 OK\r\nx: y", "\r\n\r\nearly", " bird"],
    ],
    [
      "comes after another that is only preliminary",
      ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "early bird"],
    ],
  ])("opens the tunnel when it %s, and what follows can be read", async (_, pieces) => {
    const socket = connectionTo(pieces);
    await openTunnel(socket, REQUEST);
    socket.push(null);
    const said: Buffer[] = [];
    for await (const bytes of socket) said.push(bytes);
    expect(Buffer.concat(said).toString()).toBe("early bird");
  });

  it("refuses the tunnel when it comes in pieces, too", async () => {
    const refused = openTunnel(connectionTo(["HTTP/1.1 4", "07 No\r\n", "\r\n"]), REQUEST);
    await expect(refused).rejects.toMatchObject({ code: "PROXY_REFUSED", httpStatus: 407 });
  });
});
