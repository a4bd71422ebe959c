// SPDX-License-Identifier: Apache-2.0
// Owns the mutual TLS port of the metadata server, and lets nobody in without the client certificate. Knows no path.

import type { Socket } from "node:net";
import { createServer } from "node:tls";
import { createMtlsIdentity, writeMtlsFiles } from "../x509/mtls-identity.js";
import { type Listener, listen } from "./front-listener.js";
import type { Listening } from "./listening.js";

/**
 * Writes the certificates and opens the port.
 *
 * @param directory where the certificates go
 * @param at now, in milliseconds since the epoch, by the clients' clock
 * @param accept takes over a connection with a valid certificate
 * @param listening on which address and port
 * @throws the error of node:fs or node:net when a file can't be written or the port is not available
 */
export async function openMtlsListener(
  directory: string,
  at: number,
  accept: (socket: Socket) => void,
  { host, ports }: Pick<Listening, "host" | "ports">,
): Promise<Listener> {
  const identity = createMtlsIdentity(at);
  const { ca, cert, key } = identity;
  const sockets = new Set<Socket>();
  const server = createServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true }, accept);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", (_, socket) => socket.destroy());
  await writeMtlsFiles(directory, identity);
  const { address, port } = await listen(server, ports.metadataServerMtls ?? 0, host);
  let closed: Promise<void> | undefined;
  const stop = () => {
    closed ??= new Promise((resolve) => server.close(() => resolve()));
    return closed;
  };
  return {
    address,
    port,
    stop: () => void stop(),
    close() {
      for (const socket of sockets) socket.destroy();
      return stop();
    },
  };
}
