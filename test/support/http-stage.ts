// SPDX-License-Identifier: Apache-2.0
// An HTTP server on this machine that answers as a function says and keeps what it was asked.

import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What it was asked. */
export interface StageRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What it answers; `undefined`: nothing, ever. */
export type StageAnswer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string | object }
  | undefined;

/** A running server. Made by {@link startHttpStage}. */
export class HttpStage implements AsyncDisposable {
  readonly #server: Server;
  /** All requests so far, in the order of arrival. */
  readonly requests: StageRequest[] = [];
  /** What to answer; may be changed at any time. */
  answer: (request: StageRequest) => StageAnswer | Promise<StageAnswer>;

  constructor(answer: HttpStage["answer"]) {
    this.answer = answer;
    this.#server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", async () => {
        const { method = "", url = "", headers } = incoming;
        const request = { method, path: url, headers, body: Buffer.concat(chunks).toString("utf8") };
        this.requests.push(request);
        const answer = await this.answer(request);
        if (answer === undefined) return;
        const { status = 200, headers: own = {}, body } = answer;
        const isText = typeof body === "string";
        response.writeHead(status, { "content-type": isText ? "text/plain" : "application/json", ...own });
        response.end(isText ? body : JSON.stringify(body));
      });
    });
  }

  /** Opens a port on 127.0.0.1. */
  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`; // as: it listens on a port, not on a path
  }

  /** `http://127.0.0.1:port`. */
  get url(): string {
    return `http://${this.host}`;
  }

  /** Closes the port and every connection. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Starts a server. */
export async function startHttpStage(answer: HttpStage["answer"]): Promise<HttpStage> {
  const stage = new HttpStage(answer);
  await stage.listen();
  return stage;
}
