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

  /** Opens the port. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
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

/** `127.0.0.1:port` of a port where nobody listens: it was free a moment ago. */
export async function freeHost(): Promise<string> {
  await using server = await startRawServer();
  return server.host;
}
