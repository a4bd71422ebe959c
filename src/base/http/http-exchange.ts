// SPDX-License-Identifier: Apache-2.0
// One small HTTP exchange: a request, a whole answer, a deadline. For the metadata server, the token endpoint, public keys and
// the boundary lookup; calls of the API have a transport. Follows no redirect, retries nothing.

import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { type Clock, waitWithin } from "../clock.js";

/** A request. */
export interface HttpExchange {
  readonly url: string;
  /** Default: GET. */
  readonly method?: "GET" | "POST";
  /** Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly body?: string | undefined;
  /** PEM material for mutual TLS. Default: the platform's roots, no certificate of ours. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string } | undefined;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
  /** Ends it with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether nobody waits for it, so that it must not keep the process running. Default: false. */
  readonly inBackground?: boolean;
  readonly clock: Clock;
}

/** An answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  /** A header by lower-case name; "" when it is not there. */
  header(name: string): string;
  readonly text: string;
}

/** Far above any token, key set or error page. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Makes one exchange.
 *
 * @throws the error of node:http when there is no answer; an Error that names host and time when it does not come in time; the
 *   signal's reason
 */
export async function exchangeHttp(exchange: HttpExchange): Promise<HttpAnswer> {
  const stop = new AbortController();
  try {
    return await waitWithin(exchange.clock, sendAndRead(exchange, stop.signal), {
      timeoutMs: exchange.timeoutMs,
      onTimeout: () => new Error(`${new URL(exchange.url).host} gave no answer within ${exchange.timeoutMs} ms`),
      signals: [exchange.signal],
      keepsAlive: exchange.inBackground !== true,
    });
  } finally {
    stop.abort();
  }
}

function sendAndRead(exchange: HttpExchange, signal: AbortSignal): Promise<HttpAnswer> {
  const { url, method = "GET", headers = {}, body, tls, inBackground } = exchange;
  return new Promise<HttpAnswer>((resolve, reject) => {
    const send = url.startsWith("https:") ? requestHttps : requestHttp;
    // agent: a kept connection could be one that died while the process was frozen.
    const options = { method, headers, signal, agent: false as const, ...tls };
    const request = send(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) response.destroy(new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          header: (name) => String(response.headers[name] ?? ""),
          text: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    request.on("error", reject);
    if (inBackground === true) request.on("socket", (socket) => socket.unref());
    request.end(body);
  });
}

/** The JSON object of an answer; `undefined` when it holds none. Never throws, since parsers quote what they parse. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
