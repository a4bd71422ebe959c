// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 server on loopback, plain or TLS, that answers as a test tells it to and keeps what it hears. Knows no service.

import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";

/** What came with a request. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A running server. Made by {@link startHttpServer}. */
export class RecordingHttpServer implements AsyncDisposable {
  /** The server of Node, for what a test does to it. */
  readonly server: Server;
  /** All requests so far. */
  readonly requests: RecordedRequest[] = [];
  /** The sockets that are open. */
  readonly sockets = new Set<Socket>();
  /** How many connections were ever accepted. */
  accepted = 0;

  constructor(answer: RequestListener, tls: ServerOptions | undefined) {
    const listener: RequestListener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        this.requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
        answer(request, response);
      });
      response.on("error", () => undefined);
    };
    this.server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    this.server.on("connection", (socket: Socket) => {
      this.accepted++;
      this.sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.sockets.delete(socket));
    });
    // A peer that does not like our certificate is not an error of this server.
    this.server.on("tlsClientError", () => undefined);
  }

  /** Opens the port. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.listen(0, "127.0.0.1", resolve);
    });
  }

  /** The port. */
  get port(): number {
    return (this.server.address() as AddressInfo).port; // as: a TCP server that listens
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Ends all connections and the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

/** Starts a server on a port of its own. @param tls certificate and what it demands of clients; without it the server is plain */
export async function startHttpServer(answer: RequestListener, tls?: ServerOptions): Promise<RecordingHttpServer> {
  const server = new RecordingHttpServer(answer, tls);
  await server.listen();
  return server;
}

/** Answers with JSON. */
export function answerJson(json: unknown, code = 200): RequestListener {
  return (_, response) => {
    response.writeHead(code, { "content-type": "application/json; charset=UTF-8" }).end(JSON.stringify(json));
  };
}
