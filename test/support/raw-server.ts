// SPDX-License-Identifier: Apache-2.0
// A TCP server that says what a test tells it to, or nothing, and keeps what it hears. Knows no protocol.

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** A server of bytes. Made by {@link startRawServer}. */
export class RawServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #chunks: Buffer[] = [];
  /** How many connections were ever accepted. */
  accepted = 0;

  /** @param onConnection what to do with each connection */
  constructor(onConnection: (socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.accepted++;
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => this.#chunks.push(bytes));
      onConnection(socket);
    });
  }

  /** Opens the port. Default: any free one. */
  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
  }

  /** The port. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port; // as: a TCP server that listens
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** How many connections are open now. */
  get open(): number {
    return this.#sockets.size;
  }

  /** All bytes that came, of all connections. */
  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Ends all connections and the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** Starts a server on a port of its own. Without a handler it accepts and never says a word. */
export async function startRawServer(onConnection: (socket: Socket) => void = () => undefined): Promise<RawServer> {
  const server = new RawServer(onConnection);
  await server.listen();
  return server;
}

/**
 * `127.0.0.1:port` of a port where nobody listens: it was free a moment ago, and is below those that systems give to whoever
 * asks for any (from 32,768 on, or 49,152), so that no server of a test that runs beside can take it meanwhile.
 */
export async function freeHost(): Promise<string> {
  for (;;) {
    await using server = new RawServer(() => undefined);
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const isFree = await server.listen(port).then(
      () => true,
      () => false,
    );
    if (isFree) return server.host;
  }
}
