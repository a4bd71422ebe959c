// SPDX-License-Identifier: Apache-2.0
// Terminates TLS in front of a plain port, demands client certificates, and changes whom it trusts while it runs. Knows no protocol
// behind it.

import { type AddressInfo, connect } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { Certified } from "./certificate-authority.js";

/** A running front. Made by {@link startMutualTlsFront}. */
export class MutualTlsFront implements AsyncDisposable {
  readonly #server: Server;
  readonly #own: { readonly cert: string; readonly key: string };
  readonly #sockets = new Set<TLSSocket>();
  /** The common name of the certificate that each accepted connection presented, in order. */
  readonly presented: string[] = [];
  /** The name of the server that each of them asked for (SNI); false: none. */
  readonly askedFor: (string | false)[] = [];
  /** How many connections were turned away. */
  refused = 0;

  /** @param own its certificate; @param trusted PEM of the authority whose client certificates it takes */
  constructor(own: Certified, trusted: string, plainPort: number) {
    this.#own = { cert: own.certificate, key: own.privateKey };
    const demands = { requestCert: true, rejectUnauthorized: true, ALPNProtocols: ["h2"], noDelay: true };
    this.#server = createServer({ ...this.#own, ...demands, ca: trusted }, (socket) => {
      this.presented.push(String(socket.getPeerCertificate().subject.CN));
      this.askedFor.push(socket.servername ?? false);
      this.#sockets.add(socket);
      const upstream = connect({ port: plainPort, host: "127.0.0.1", noDelay: true });
      socket.on("error", () => upstream.destroy()).once("close", () => upstream.destroy());
      upstream.on("error", () => socket.destroy()).once("close", () => socket.destroy());
      socket.once("close", () => this.#sockets.delete(socket));
      socket.pipe(upstream).pipe(socket);
    });
    this.#server.on("tlsClientError", () => {
      this.refused++;
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

  /** How many connections are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Takes client certificates of this authority and no other from now on. Connections that are open stay. */
  trust(trusted: string): void {
    this.#server.setSecureContext({ ...this.#own, ca: trusted });
  }

  /** Ends the connections that are open. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Starts one. */
export async function startMutualTlsFront(own: Certified, trusted: string, plainPort: number): Promise<MutualTlsFront> {
  const front = new MutualTlsFront(own, trusted, plainPort);
  await front.listen();
  return front;
}
