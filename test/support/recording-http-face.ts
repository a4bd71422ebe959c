// SPDX-License-Identifier: Apache-2.0
// The HTTP face of the recording server: the same calls, as JSON. Knows no answer.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Metadata } from "@grpc/grpc-js";
import type { StatusAnswer } from "./recording-server.js";
import { HTTP_CODES, STATUS_NAMES } from "./status-tables.js";

/** A certificate and its key, in PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** What came, as gRPC would have it. */
export interface HttpCall {
  readonly method: string;
  readonly request: { readonly name: string; readonly payload?: Buffer | string };
  readonly metadata: Metadata;
  readonly peer: string;
  /** Calls back if it ends before it is answered. */
  onCancelled(callback: () => void): void;
}

/** Answers a call, or throws a StatusAnswer. */
export type Answer = (call: HttpCall) => Promise<object>;

/** A server. */
export class RecordingHttpFace {
  readonly #server: Server;
  readonly #answer: Answer;

  constructor(answer: Answer, tls: ServerCertificate | undefined) {
    this.#answer = answer;
    const handle = (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response);
    this.#server =
      tls === undefined
        ? createServer(handle)
        : createTlsServer({ cert: tls.certificate, key: tls.privateKey }, handle);
    this.#server.on("tlsClientError", () => undefined);
  }

  /** Opens the port. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port; // as: a TCP server that listens
  }

  /** Ends the port and all connections at once. */
  kill(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let isCancelled = false;
    const callbacks: (() => void)[] = [];
    response.once("close", () => {
      isCancelled = !response.writableFinished;
      if (isCancelled) for (const each of callbacks) each();
    });
    request.on("error", () => undefined);
    const body = await bodyOf(request);
    if (isCancelled || body === undefined) return;
    const [, name = "", action = ""] = /^\/v1\/([^:?]+):(\w+)/.exec(request.url ?? "") ?? [];
    const json = JSON.parse(body);
    const payload = action === "signBlob" ? Buffer.from(json.payload ?? "", "base64") : json.payload;
    const { remoteAddress, remotePort } = request.socket;
    try {
      const reply = await this.#answer({
        method: action.charAt(0).toUpperCase() + action.slice(1),
        request: { ...json, name: decodeURIComponent(name), payload },
        metadata: metadataOf(request),
        peer: `${remoteAddress}:${remotePort}`,
        onCancelled: (callback) => void callbacks.push(callback),
      });
      send(response, 200, toJson(reply));
    } catch (answer) {
      const { code, details } = answer as StatusAnswer; // as: handlers throw nothing else
      const httpCode = HTTP_CODES[code] ?? 500;
      send(response, httpCode, { error: { code: httpCode, message: details, status: STATUS_NAMES[code] } });
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return undefined; // the caller went away
  }
  return Buffer.concat(chunks).toString();
}

function metadataOf({ headers }: IncomingMessage): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(headers)) if (!key.endsWith("-bin")) metadata.set(key, String(value));
  return metadata;
}

/** A message of ts-proto's in proto3 JSON, as far as canned answers go. */
function toJson(reply: object): object {
  return Object.fromEntries(
    Object.entries(reply).map(([key, value]) => {
      if (value instanceof Uint8Array) return [key, Buffer.from(value).toString("base64")];
      const isTime = typeof value === "object" && value !== null && "seconds" in value;
      return [key, isTime ? new Date(Number(value.seconds) * 1000).toISOString() : value];
    }),
  );
}

function send(response: ServerResponse, status: number, json: object): void {
  response.writeHead(status, { "content-type": "application/json; charset=UTF-8" }).end(JSON.stringify(json));
}
