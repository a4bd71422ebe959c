// SPDX-License-Identifier: Apache-2.0
// Closes sockets that grpc-js forgets: a channel that closes while connecting leaves its socket open, and under TLS that
// socket keeps the process alive for as long as the server stays silent. Knows no call.

import type { Socket } from "node:net";
import type { ChannelCredentials } from "@grpc/grpc-js";
import type { Clock } from "../../../base/clock.js";

/** How long a closed connection may take to shut down. */
const GOODBYE_MS = 1_000;

/**
 * Makes the sockets of connections with these credentials close soon after their channel. Returns the same credentials. The one
 * way to get at a connection's socket is a method that grpc-js marks as internal, although it is in its declarations: if
 * it is missing, nothing is changed.
 */
export function releaseSockets(credentials: ChannelCredentials, clock: Clock): ChannelCredentials {
  if (typeof credentials._createSecureConnector !== "function") return credentials;
  const create = credentials._createSecureConnector.bind(credentials);
  credentials._createSecureConnector = (...args) => {
    const connector = create(...args);
    const sockets = new Set<Socket>();
    return {
      connect(socket) {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        return connector.connect(socket);
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy() {
        connector.destroy();
        if (sockets.size === 0) return;
        const release = () => {
          for (const socket of sockets) socket.destroy();
        };
        clock.schedule(GOODBYE_MS, release, false);
      },
    };
  };
  return credentials;
}
