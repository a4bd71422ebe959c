// SPDX-License-Identifier: Apache-2.0
// What is asked over HTTP and what is answered. Knows no connection.

import type { IncomingHttpHeaders } from "node:http";
import { unzip } from "node:zlib";

/** Scheme, host and port: what connections are kept by. */
export interface HttpOrigin {
  /** `https://host:port`, always with the port. */
  readonly key: string;
  readonly isPlain: boolean;
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** For the header `host`, and for messages. */
  readonly authority: string;
}

/** The origin of a URL. @throws TypeError when it is none of http or https */
export function originOf(url: URL): HttpOrigin {
  const isPlain = url.protocol === "http:";
  if (!isPlain && url.protocol !== "https:") throw new TypeError(`${url.protocol} is not HTTP`);
  const port = url.port === "" ? (isPlain ? 80 : 443) : Number(url.port);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { key: `${url.protocol}//${url.hostname}:${port}`, isPlain, host, port, authority: url.host };
}

/** A request. */
export interface HttpRequest {
  readonly origin: HttpOrigin;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case and values by turns; `host` and `content-length` are added. */
  readonly headers: readonly string[];
  readonly body?: string | undefined;
  /** Milliseconds for the whole exchange; `Infinity`: no limit. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The most bytes of a body, after decompression. */
  readonly maxBytes: number;
  /** Whether the server may see it twice, so that a kept connection that turns out to be dead costs nothing. */
  readonly isRepeatable: boolean;
  /** Whether it keeps the process alive. Default: true. */
  readonly keepsAlive?: boolean | undefined;
}

/** An answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As UTF-8. */
  readonly text: string;
  /** Whether the body is there to its end: what is longer than the limit is cut. */
  readonly isWhole: boolean;
}

/** A header of an answer by its lower-case name; "" when it is not there. */
export function headerOf({ headers }: Pick<HttpAnswer, "headers">, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : (value ?? "");
}

/** The body of an answer, decompressed. Rejects when it cannot be; `undefined`: it is larger than the limit. */
export async function decodeBody(body: Buffer, encoding: string, maxBytes: number): Promise<Buffer | undefined> {
  if (encoding === "" || encoding === "identity" || body.length === 0) return body;
  if (!/^(x-)?gzip$|^deflate$/.test(encoding))
    throw new Error("the body is compressed in a way that was not asked for");
  return new Promise((resolve, reject) => {
    unzip(body, { maxOutputLength: maxBytes }, (error, decoded) => {
      if (error === null) resolve(decoded);
      else if (Object(error).code === "ERR_BUFFER_TOO_LARGE") resolve(undefined);
      else reject(new Error("the body cannot be decompressed"));
    });
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
