// SPDX-License-Identifier: Apache-2.0
// HTTP requests and responses. Knows no connection.

import type { IncomingHttpHeaders } from "node:http";
import { unzip } from "node:zlib";

/** Scheme, host and port: the key for keeping connections. */
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

/** The origin of a URL. @throws TypeError when the scheme is neither http nor https */
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
  /** Lower-case names and values, alternating; `host` and `content-length` are added. */
  readonly headers: readonly string[];
  readonly body?: string | undefined;
  /** Milliseconds for the whole exchange; `Infinity`: no limit. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The maximum size of the body in bytes, after decompression. */
  readonly maxBytes: number;
  /** Whether the server may see it twice: it is then resent if a kept connection turns out to be dead. */
  readonly isRepeatable: boolean;
  /** Whether it keeps the process alive. Default: true. */
  readonly keepsAlive?: boolean | undefined;
}

/** A response, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As UTF-8, without a byte order mark. */
  readonly text: string;
  /** Whether the body is complete: one that exceeds the limit is cut off. */
  readonly isWhole: boolean;
}

/** A response header by its lower-case name; "" if it is absent. */
export function headerOf({ headers }: Pick<HttpAnswer, "headers">, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : (value ?? "");
}

/** Bytes as UTF-8; a byte order mark is no part of the text. */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** The body of a response, decompressed. Rejects if that fails; `undefined`: it exceeds the limit. */
export async function decodeBody(body: Buffer, given: string, maxBytes: number): Promise<Buffer | undefined> {
  const encoding = given.toLowerCase();
  if (encoding === "" || encoding === "identity" || body.length === 0) return body;
  if (!/^(x-)?gzip$|^deflate$/.test(encoding))
    throw new Error("the body has a content encoding that was not requested");
  return new Promise((resolve, reject) => {
    unzip(body, { maxOutputLength: maxBytes }, (error, decoded) => {
      if (error === null) resolve(decoded);
      else if (Object(error).code === "ERR_BUFFER_TOO_LARGE") resolve(undefined);
      else reject(new Error("the body cannot be decompressed"));
    });
  });
}

/** The JSON object in a response; `undefined` if there is none. Never throws, since parsers quote what they parse. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
