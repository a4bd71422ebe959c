// SPDX-License-Identifier: Apache-2.0
// A TCP proxy on loopback that can do to connections what networks do. Knows no protocol.

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** One proxied connection. */
interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  isSilent: boolean;
}

/** A proxy to one port. Made by {@link startTcpProxy}. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  /** How many connections were ever accepted. */
  accepted = 0;
  /** Whether connections that come from now on are silent from the start. */
  silencesNew = false;
  /** Whether connections that come from now on are reset at once. */
  refusesNew = false;

  /** @param upstreamPort where to forward to, asked for each connection */
  constructor(upstreamPort: () => number) {
    this.#server = createServer((client) => {
      this.accepted++;
      client.on("error", () => undefined);
      if (this.refusesNew) {
        client.resetAndDestroy();
        return;
      }
      const pair: Pair = { client, upstream: connect(upstreamPort(), "127.0.0.1"), isSilent: this.silencesNew };
      this.#pairs.add(pair);
      forward(pair, client, pair.upstream);
      forward(pair, pair.upstream, client);
      client.once("close", () => this.#pairs.delete(pair));
    });
  }

  /** Opens the port. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`; // as: a TCP server that listens
  }

  /** How many connections are open now, the silent ones included. */
  get open(): number {
    return this.#pairs.size;
  }

  /** From now on nothing gets through the connections that are open, in either direction, and none of them is closed. */
  silence(): void {
    for (const pair of this.#pairs) pair.isSilent = true;
  }

  /** Ends all connections with RST. */
  reset(): void {
    for (const { client, upstream } of this.#pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  }

  /** Ends all connections and the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const { client, upstream } of this.#pairs) {
      client.destroy();
      upstream.destroy();
    }
    await closed;
  }
}

function forward(pair: Pair, from: Socket, to: Socket): void {
  // Small frames must not wait for one another.
  from.setNoDelay();
  from.on("data", (bytes) => {
    if (!pair.isSilent) to.write(bytes);
  });
  from.on("error", () => undefined);
  from.on("close", () => {
    // A silent network does not report to either side what became of the other.
    if (!pair.isSilent || from === pair.client) to.destroy();
  });
}

/** Starts a proxy on a port of its own. */
export async function startTcpProxy(upstreamPort: number | (() => number)): Promise<TcpProxy> {
  const proxy = new TcpProxy(typeof upstreamPort === "number" ? () => upstreamPort : upstreamPort);
  await proxy.listen();
  return proxy;
}
