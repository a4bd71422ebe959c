// SPDX-License-Identifier: Apache-2.0
// An HTTP proxy on loopback that tunnels with CONNECT to one port, whatever host it was asked for, and keeps what it hears.

import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** A running proxy. Made by {@link startConnectProxy}. */
export class ConnectProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** What was asked for: `host:port` and the header `proxy-authorization`. */
  readonly asked: (readonly [authority: string, authorization: string | undefined])[] = [];
  /** What it answers to CONNECT; anything but 200 refuses. */
  statusCode = 200;
  /** Whether it takes the question and says nothing. */
  hangs = false;

  constructor(upstreamPort: number) {
    this.#server = createServer((_, response) => response.writeHead(405).end());
    this.#server.on("connect", ({ url = "", headers }: IncomingMessage, client: Socket) => {
      this.asked.push([url, headers["proxy-authorization"]]);
      this.#track(client);
      if (this.hangs) return;
      if (this.statusCode !== 200) {
        client.end(`HTTP/1.1 ${this.statusCode} No\r\n\r\n`);
        return;
      }
      const upstream = connect(upstreamPort, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        client.pipe(upstream).pipe(client);
      });
      this.#track(upstream);
      client.once("close", () => upstream.destroy());
    });
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  /** How many connections are open, of both sides. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Ends all tunnels at once. */
  sever(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Opens the port. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`; // as: a TCP server that listens
  }

  /** Ends all connections and the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await closed;
  }
}

/** Starts a proxy on a port of its own. */
export async function startConnectProxy(upstreamPort: number): Promise<ConnectProxy> {
  const proxy = new ConnectProxy(upstreamPort);
  await proxy.listen();
  return proxy;
}
