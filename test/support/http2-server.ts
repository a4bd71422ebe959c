// SPDX-License-Identifier: Apache-2.0
// A bare HTTP/2 server on loopback, for answers that no gRPC library would give.

import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from "node:http2";
import type { AddressInfo } from "node:net";

/** What to do with a request. @param number which request it is, from 1 */
export type StreamHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, number: number) => void;

/** A running server. Made by {@link startHttp2Server}. */
export class BareHttp2Server implements AsyncDisposable {
  readonly #server: Http2Server;
  /** The sessions that are open. */
  readonly sessions = new Set<ServerHttp2Session>();
  /** How many sessions were ever opened. */
  accepted = 0;
  /** How many requests came. */
  requests = 0;

  constructor(handler: StreamHandler, settings: Settings) {
    this.#server = createServer({ settings });
    this.#server.on("session", (session) => {
      this.accepted++;
      this.sessions.add(session);
      session.once("close", () => this.sessions.delete(session));
      session.on("error", () => undefined);
    });
    this.#server.on("stream", (stream, headers) => {
      this.requests++;
      stream.on("error", () => undefined);
      handler(stream, headers, this.requests);
    });
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

  /** Ends all sessions and the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.sessions) session.destroy();
    await closed;
  }
}

/** Starts a server on a port of its own. @param settings what it says in SETTINGS. Default: what Node says */
export async function startHttp2Server(handler: StreamHandler, settings: Settings = {}): Promise<BareHttp2Server> {
  const server = new BareHttp2Server(handler, settings);
  await server.listen();
  return server;
}

/** Answers as a gRPC server: response headers, at most one message, and a status in the trailers. */
export function answerGrpc(
  stream: ServerHttp2Stream,
  message: Uint8Array | undefined,
  trailers: OutgoingHttpHeaders = { "grpc-status": "0" },
): void {
  if (stream.destroyed) return;
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(message === undefined ? undefined : frameMessage(message));
}

/** A gRPC message with its five-byte prefix: not compressed, length. */
export function frameMessage(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** SignBlobResponse { key_id: "k", signed_blob: "blob" }, written by hand: fields 1 and 4, both length-delimited. */
export const SIGN_BLOB_RESPONSE: Buffer = Buffer.from([0x0a, 1, 0x6b, 0x22, 4, 0x62, 0x6c, 0x6f, 0x62]);
