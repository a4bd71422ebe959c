// SPDX-License-Identifier: Apache-2.0
// Owns the emulator's one port: looks at the first bytes of each connection, or at what TLS agreed on, and hands the socket to
// the face that it belongs to, nothing of it consumed. Knows neither face.

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { TlsSettings } from "./tls-options.js";

/** Who takes a connection over, handed the socket with nothing of it consumed. A connection for which there is nobody is closed. */
export interface Faces {
  /** Takes HTTP/2 connections. Default: nobody. */
  readonly grpc?: (socket: Socket) => void;
  /** Takes everything else, HTTP/1 or not. Default: nobody. */
  readonly http?: (socket: Socket) => void;
}

/** An open port. */
export interface Listener {
  /** The address that it is on. */
  readonly address: string;
  /** The port, never 0. */
  readonly port: number;
  /** Takes no more connections; those that are open stay. */
  stop(): void;
  /** Closes the port and every connection; resolves when none is left. */
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
const PREFACE = Buffer.from("PRI * HTTP/2", "latin1"); // RFC 9113, 3.4; HTTP/1 has no such method
const SILENCE_MS = 10_000; // clients speak at once; one that does not is no client

function recognizeFace(head: Buffer): keyof Faces | undefined {
  const length = Math.min(head.length, PREFACE.length);
  if (PREFACE.compare(head, 0, length, 0, length) !== 0) return "http";
  return length === PREFACE.length ? "grpc" : undefined;
}

function handOver(socket: Socket, accept: Faces[keyof Faces]): void {
  if (accept === undefined) socket.destroy();
  else accept(socket);
}

function routeConnection(socket: Socket, faces: Faces): void {
  let head: Buffer = Buffer.alloc(0);
  const abandon = () => void socket.destroy();
  const look = () => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
      head = Buffer.concat([head, chunk]);
    }
    const face = recognizeFace(head);
    if (head.length === 0 || face === undefined) return;
    socket.off("readable", look).off("end", abandon).off("timeout", abandon).setTimeout(0);
    // Both servers read what a stream has buffered before they take its handle over: node:http2 since Node 12.20
    // (nodejs/node#34958), node:http as for any stream. A Duplex around the socket would do too, and costs a copy.
    socket.unshift(head);
    // An HTTP/1 client may close its half after the request; an HTTP/2 connection is over with either half.
    if (face === "grpc") socket.allowHalfOpen = false;
    handOver(socket, faces[face]);
  };
  socket.on("readable", look).on("end", abandon).on("timeout", abandon).setTimeout(SILENCE_MS);
}

// One port for both here, too: a client that can speak HTTP/1.1 gets it, since REST clients offer both; one of gRPC offers h2
// alone.
function chooseProtocol(faces: Faces, protocols: readonly string[]): string | undefined {
  const spoken = [faces.http && "http/1.1", faces.grpc && "h2", faces.http && "http/1.0"];
  return spoken.find((protocol) => protocol !== undefined && protocols.includes(protocol));
}

function routeSecureConnection(socket: TLSSocket, faces: Faces): void {
  socket.on("error", () => {}); // a reset by the peer; 'close' follows
  if (socket.alpnProtocol !== "h2") handOver(socket, faces.http);
  else {
    socket.allowHalfOpen = false;
    handOver(socket, faces.grpc);
  }
}

function createTlsListener({ cert, key, clientCa }: TlsSettings, faces: Faces): Server {
  const server = createTlsServer({
    cert,
    key,
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
    ALPNCallback: ({ protocols }) => chooseProtocol(faces, protocols),
    handshakeTimeout: SILENCE_MS,
    allowHalfOpen: true,
    noDelay: true,
  });
  server.on("secureConnection", (socket) => routeSecureConnection(socket, faces));
  server.on("tlsClientError", (_error, socket) => void socket.destroy());
  return server;
}

/**
 * Makes a server listen.
 *
 * @param port the port; 0 for any free one
 * @param host the address, or a name of it
 * @returns where it listens
 * @throws the error of node:net when the port can't be had
 */
export function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      server.on("error", () => {}); // a connection that could not be accepted is its client's trouble
      resolve(server.address() as AddressInfo); // a TCP listener has no other kind of address
    });
  });
}

/**
 * Opens a port.
 *
 * @param port the port; 0 for any free one
 * @param faces who takes the connections
 * @param tls how TLS is spoken. Default: not at all
 * @param host the address, or a name of it. Default: 127.0.0.1, and only there
 * @throws the error of node:net when the port can't be had
 */
export async function openFrontListener(
  port: number,
  faces: Faces,
  tls?: TlsSettings,
  host = LOOPBACK,
): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server =
    tls === undefined ? createServer({ allowHalfOpen: true, noDelay: true }) : createTlsListener(tls, faces);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // a reset by the peer; 'close' follows
    if (tls === undefined) routeConnection(socket, faces);
  });
  const at = await listen(server, port, host);
  let closed: Promise<void> | undefined;
  const stop = () => {
    closed ??= new Promise((resolve) => server.close(() => resolve()));
    return closed;
  };
  return {
    address: at.address,
    port: at.port,
    stop: () => void stop(),
    close() {
      for (const socket of sockets) socket.destroy();
      return stop();
    },
  };
}
