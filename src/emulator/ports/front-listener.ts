// SPDX-License-Identifier: Apache-2.0
// Owns a port: looks at the first bytes of each connection, or at TLS's ALPN, and hands the socket to the server for its
// version of HTTP, with no bytes consumed. Knows neither server.

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { TlsSettings } from "./tls-options.js";

/** Who takes over a connection, with no bytes of the socket consumed. A connection that nobody takes is closed. */
export interface Acceptors {
  /** Takes HTTP/2 connections. Default: none are taken. */
  readonly http2?: (socket: Socket) => void;
  /** Takes everything else, HTTP/1 or not. Default: none are taken. */
  readonly http1?: (socket: Socket) => void;
}

/** An open port. */
export interface Listener {
  /** The address that it listens on. */
  readonly address: string;
  /** The port, never 0. */
  readonly port: number;
  /** Accepts no more connections; open ones stay. */
  stop(): void;
  /** Closes the port and every connection; resolves when none is left. */
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
const PREFACE = Buffer.from("PRI * HTTP/2", "latin1"); // RFC 9113, 3.4; HTTP/1 has no such method
const MAX_CONNECTIONS = 2_000; // of some 90 KiB each; a server that tests share has a few hundred
const SILENCE_MS = 10_000; // clients speak at once; one that does not is not a client

function recognizeVersion(head: Buffer): keyof Acceptors | undefined {
  const length = Math.min(head.length, PREFACE.length);
  if (PREFACE.compare(head, 0, length, 0, length) !== 0) return "http1";
  return length === PREFACE.length ? "http2" : undefined;
}

function handOver(socket: Socket, accept: Acceptors[keyof Acceptors]): void {
  if (accept === undefined) socket.destroy();
  else accept(socket);
}

function routeConnection(socket: Socket, acceptors: Acceptors): void {
  let head: Buffer = Buffer.alloc(0);
  const abandon = () => void socket.destroy();
  const look = () => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
      head = Buffer.concat([head, chunk]);
    }
    const version = recognizeVersion(head);
    if (head.length === 0 || version === undefined) return;
    socket.off("readable", look).off("end", abandon).off("timeout", abandon).setTimeout(0);
    // Both servers read what a stream has buffered before they take over its handle: node:http2 since Node 12.20
    // (nodejs/node#34958), node:http as for any stream. A Duplex around the socket would do too, and costs a copy.
    socket.unshift(head);
    // An HTTP/1 client may close its half after the request; an HTTP/2 connection is over with either half.
    if (version === "http2") socket.allowHalfOpen = false;
    handOver(socket, acceptors[version]);
  };
  socket.on("readable", look).on("end", abandon).on("timeout", abandon).setTimeout(SILENCE_MS);
}

// HTTP/2 if the client offers it, as Google's servers choose.
function chooseProtocol(acceptors: Acceptors, protocols: readonly string[]): string | undefined {
  const spoken = [acceptors.http2 && "h2", acceptors.http1 && "http/1.1", acceptors.http1 && "http/1.0"];
  return spoken.find((protocol) => protocol !== undefined && protocols.includes(protocol));
}

function routeSecureConnection(socket: TLSSocket, acceptors: Acceptors): void {
  socket.on("error", () => {}); // a reset by the peer; 'close' follows
  if (socket.alpnProtocol !== "h2") handOver(socket, acceptors.http1);
  else {
    socket.allowHalfOpen = false;
    handOver(socket, acceptors.http2);
  }
}

function createTlsListener({ cert, key, clientCa }: TlsSettings, acceptors: Acceptors): Server {
  const server = createTlsServer({
    cert,
    key,
    // Without a CA any certificate will do, or none: a token can be bound to it.
    requestCert: true,
    rejectUnauthorized: clientCa !== undefined,
    ...(clientCa === undefined ? {} : { ca: clientCa }),
    ALPNCallback: ({ protocols }) => chooseProtocol(acceptors, protocols),
    handshakeTimeout: SILENCE_MS,
    allowHalfOpen: true,
    noDelay: true,
  });
  server.on("secureConnection", (socket) => routeSecureConnection(socket, acceptors));
  server.on("tlsClientError", (_error, socket) => void socket.destroy());
  return server;
}

/**
 * Makes a server listen.
 *
 * @param port the port; 0 for any free one
 * @param host the address, or a name for it
 * @returns where it listens
 * @throws the error of node:net when the port is not available
 */
export function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      server.on("error", () => {}); // a connection that could not be accepted is its client's problem
      resolve(server.address() as AddressInfo); // a TCP listener has no other kind of address
    });
  });
}

/**
 * Opens a port.
 *
 * @param port the port; 0 for any free one
 * @param acceptors who takes the connections
 * @param tls the TLS settings. Default: no TLS
 * @param place the address, or a name for it (127.0.0.1, and only there), and how many connections may be open (2,000)
 * @throws the error of node:net when the port is not available
 */
export async function openFrontListener(
  port: number,
  acceptors: Acceptors,
  tls?: TlsSettings,
  {
    host = LOOPBACK,
    maxConnections = MAX_CONNECTIONS,
  }: { readonly host?: string; readonly maxConnections?: number } = {},
): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server =
    tls === undefined ? createServer({ allowHalfOpen: true, noDelay: true }) : createTlsListener(tls, acceptors);
  server.maxConnections = maxConnections;
  server.once("drop", () => {
    process.emitWarning(
      `The emulator has ${maxConnections} open connections, the maximum, and closes any more. Close clients that are no longer needed.`,
      { type: "EmulatorWarning", code: "IAM_EMULATOR_CONNECTIONS" },
    );
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // a reset by the peer; 'close' follows
    if (tls === undefined) routeConnection(socket, acceptors);
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
