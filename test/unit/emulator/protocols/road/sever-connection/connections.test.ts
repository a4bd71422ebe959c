// SPDX-License-Identifier: Apache-2.0
// What is left of a connection that more than one fault strikes: calls share it, and so do their faults.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, test } from "@jest/globals";
import { severConnection } from "../../../../../../src/emulator/protocols/road/sever-connection.js";
import type { EmulatorConnectionFault } from "../../../../../../src/emulator/world/faults/fault.js";
import { waitUntil } from "../../../../../support/wait-until.js";

const openSockets = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;

test.each<EmulatorConnectionFault>(["half-close", "goaway", "garbage", "truncate", "reset"])(
  "a connection that %s ended and a reset strikes afterwards is closed",
  async (first) => {
    const before = openSockets();
    const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo; // a TCP server's
    const peer = connect({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => {});
    const [socket] = (await once(server, "connection")) as [Socket];
    severConnection(socket, first, "http2");
    severConnection(socket, "reset", "http2");
    await waitUntil("the socket is closed", () => socket.closed);
    peer.destroy();
    server.close();
    // Fewer, where what an earlier test of this process left behind has closed meanwhile.
    await waitUntil("no handle is open", () => openSockets() <= before);
    expect(socket.destroyed).toBe(true);
  },
);
