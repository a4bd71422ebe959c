// SPDX-License-Identifier: Apache-2.0
// A plain socket to a server on loopback.

import { connect, type Socket } from "node:net";

/** Connects to `host:port`. */
export function openSocket(host: string): Promise<Socket> {
  const [hostname, port] = host.split(":");
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname ?? "", port: Number(port), noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}
