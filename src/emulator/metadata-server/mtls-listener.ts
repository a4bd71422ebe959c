// SPDX-License-Identifier: Apache-2.0
// Owns the port of mutual TLS to the metadata server, and lets nobody in without the client's certificate. Knows no path.

import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:tls";
import { createMtlsIdentity, writeMtlsFiles } from "./mtls-identity.js";

/** An open port. */
export interface MtlsListener {
  /** Host and port. */
  readonly host: string;
  /** Closes the port and every connection; resolves when none is left. */
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";

/**
 * Writes the certificates and opens a free port on 127.0.0.1.
 *
 * @param directory where the certificates go
 * @param at now, in milliseconds since the epoch, by the clock of clients
 * @param accept takes over a connection whose certificate is good
 * @throws the error of node:fs or node:net when files or port can't be had
 */
export async function openMtlsListener(
  directory: string,
  at: number,
  accept: (socket: Socket) => void,
): Promise<MtlsListener> {
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
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, LOOPBACK, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo; // a TCP listener has no other kind of address
  return {
    host: `${LOOPBACK}:${port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
