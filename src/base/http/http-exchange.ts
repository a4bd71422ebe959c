// SPDX-License-Identifier: Apache-2.0
// One request in flight: sent, answered or cut off, and retried once if its connection was already dead. Knows no other request.

import { type Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { onAbort } from "../abort.js";
import type { Clock } from "../clock.js";
import type { DialProgress } from "../socket/dial.js";
import { decodeBody, type HttpAnswer, type HttpRequest, headerOf, textOf } from "./http-message.js";

/** What an exchange needs from its client. */
export interface ExchangeOwner {
  readonly clock: Clock;
  /** The agent for the next connection. */
  readonly agent: Agent;
  /** Drops the idle connections to the request's origin, so that it gets a new one. */
  dropIdle(request: HttpRequest): void;
  /** Called when a connection is in use. */
  onAnswer(response: IncomingMessage): void;
  /** Called at the end, before the promise settles. */
  onEnd(exchange: HttpExchange): void;
}

/** A request timed out. */
export class HttpTimeoutError extends Error {
  static {
    HttpTimeoutError.prototype.name = "HttpTimeoutError";
  }

  readonly code = "ETIMEDOUT";
}

/** A request in flight. Settles once. */
export class HttpExchange {
  /** Its place among the requests of its client; `undefined`: it has ended. */
  place: number | undefined;
  readonly request: HttpRequest;
  /** How far its connection has come, while one is being made. */
  readonly progress: DialProgress = { waitsFor: "" };
  /** Abandons the connection being made for it. */
  dialing: AbortController | undefined;
  readonly #owner: ExchangeOwner;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (reason: unknown) => void;
  #sent: ClientRequest | undefined;
  #isOver = false;
  #isAnswered = false;
  #wasRepeated = false;
  readonly #stopTimer: (() => void) | undefined;
  readonly #stopListening: (() => void) | undefined;

  constructor(
    request: HttpRequest,
    owner: ExchangeOwner,
    resolve: (answer: HttpAnswer) => void,
    reject: (reason: unknown) => void,
  ) {
    this.request = request;
    this.#owner = owner;
    this.#resolve = resolve;
    this.#reject = reject;
    const { timeoutMs, signal, keepsAlive } = request;
    if (timeoutMs !== Number.POSITIVE_INFINITY) {
      this.#stopTimer = owner.clock.schedule(timeoutMs, () => this.cut(this.#timeoutError()), keepsAlive);
    }
    if (signal !== undefined) this.#stopListening = onAbort(signal, () => this.cut(signal.reason));
  }

  /** Sends the request over a kept connection or a new one. */
  send(): void {
    if (this.#isOver) return;
    const { origin, method, path, body, keepsAlive = true } = this.request;
    const options = {
      host: origin.host,
      port: origin.port,
      method,
      path,
      headers: this.#headers(),
      agent: this.#owner.agent,
      // For the agent, which passes it to the function that makes the connection.
      exchange: this,
    };
    let sent: ClientRequest;
    try {
      sent = requestHttp(options);
    } catch (error) {
      // Node's error names the header and does not quote its value.
      this.#end(() => this.#reject(error));
      return;
    }
    this.#sent = sent;
    sent.on("response", (response) => this.#read(response));
    // Nothing else follows a 101 that nobody asked for: Node only closes the connection.
    sent.on("upgrade", (response, socket) => {
      socket.destroy();
      this.#finish(response, undefined, true);
    });
    sent.on("error", (error) => this.#fail(sent, error));
    if (!keepsAlive) sent.on("socket", (socket) => socket.unref());
    sent.end(body);
  }

  /** Ends it with this reason. */
  cut(reason: unknown): void {
    this.#end(() => this.#reject(reason));
    this.#sent?.destroy();
    this.dialing?.abort();
  }

  #headers(): string[] {
    const { origin, headers, body, method } = this.request;
    const list = ["host", origin.authority, ...headers];
    if (body !== undefined) list.push("content-length", String(Buffer.byteLength(body)));
    else if (method !== "GET") list.push("content-length", "0");
    return list;
  }

  #read(response: IncomingMessage): void {
    this.#isAnswered = true;
    this.#owner.onAnswer(response);
    const { maxBytes } = this.request;
    const chunks: Buffer[] = [];
    let length = 0;
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= maxBytes) return;
      // The rest is left unread, which means closing the connection.
      response.destroy();
      this.#finish(response, Buffer.concat(chunks), false);
    });
    response.on("end", () => this.#finish(response, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks), true));
    response.on("error", (error) => this.#end(() => this.#reject(error)));
  }

  #finish(response: IncomingMessage, body: Buffer = Buffer.alloc(0), isWhole: boolean): void {
    const { statusCode: status = 0, headers } = response;
    const encoding = headerOf(response, "content-encoding");
    const resolve = (bytes: Buffer, isAll: boolean): void =>
      this.#end(() => this.#resolve({ status, headers, text: textOf(bytes), isWhole: isAll }));
    if (encoding === "") {
      resolve(body, isWhole);
      return;
    }
    const { maxBytes } = this.request;
    const decoding = isWhole ? decodeBody(body, encoding, maxBytes) : Promise.resolve(undefined);
    decoding.then(
      (bytes) => resolve(bytes ?? Buffer.alloc(0), bytes !== undefined),
      (error: unknown) => {
        // What a refusal says beyond its status is lost; the status is not.
        if (status >= 200 && status <= 299) this.#end(() => this.#reject(error));
        else resolve(Buffer.alloc(0), true);
      },
    );
  }

  #fail(sent: ClientRequest, error: Error): void {
    if (this.#isOver || sent !== this.#sent) return;
    const { code } = Object(error);
    const isStale = sent.reusedSocket && !this.#isAnswered && (code === "ECONNRESET" || code === "EPIPE");
    if (!isStale || this.#wasRepeated || !this.request.isRepeatable) {
      this.#end(() => this.#reject(error));
      return;
    }
    this.#wasRepeated = true;
    this.#owner.dropIdle(this.request);
    this.send();
  }

  #timeoutError(): HttpTimeoutError {
    const { origin, timeoutMs } = this.request;
    const { waitsFor } = this.progress;
    const why = waitsFor === "" ? "" : `: still waiting for ${waitsFor}`;
    return new HttpTimeoutError(
      `no complete response from ${origin.authority} after ${Math.round(timeoutMs)} ms${why}`,
    );
  }

  #end(settle: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTimer?.();
    this.#stopListening?.();
    this.#owner.onEnd(this);
    settle();
  }
}
