// SPDX-License-Identifier: Apache-2.0
// Lets go of sockets that grpc-js forgets: a channel that closes while it connects leaves its socket open, and under TLS that
// socket keeps the process alive for as long as the server stays silent. Knows no call.

import type { Socket } from "node:net";
import type { ChannelCredentials } from "@grpc/grpc-js";
import type { Clock } from "../../../base/clock.js";

/** How long a closed connection may take to say goodbye. */
const GOODBYE_MS = 1_000;

/**
 * Makes the sockets of these credentials' connections end soon after their channel closes. Returns the same credentials. The one
 * place where a connection's socket can be had is a method that grpc-js calls its own, although it is in its declarations: where
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
