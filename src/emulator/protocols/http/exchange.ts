// SPDX-License-Identifier: Apache-2.0
// What an HTTP request is to the sites of the emulator, and what they answer with. Sends nothing and knows no path.

import type { IncomingHttpHeaders } from "node:http";
import type { StatusName } from "../../world/refusals/service-error.js";

/** A request whose body has been read. */
export interface HttpRequest {
  /** `GET`, `POST` and so on. Required. */
  readonly method: string;
  /** The path, percent-decoded. Required. */
  readonly path: string;
  /** What stands behind the question mark. Required, may be empty. */
  readonly query: URLSearchParams;
  /** The headers, names in lower case. Required. */
  readonly headers: IncomingHttpHeaders;
  /** The body. Required, may be empty. */
  readonly body: Buffer;
  /** Aborted when the peer is gone or the emulator closes. Required. */
  readonly abandoned: AbortSignal;
}

/** What a site answers. */
export interface HttpAnswer {
  /** The HTTP status code. Required. */
  readonly code: number;
  /** The header `content-type`. Required. */
  readonly contentType: string;
  /** The body. Required, may be empty. */
  readonly body: string;
  /** More headers. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Who asked, for the log and for faults. Default: not known. */
  readonly principal?: string | undefined;
  /** The account that was acted on, for the log. Default: none. */
  readonly serviceAccount?: string | undefined;
}

/** One thing that a site does. */
export interface HttpOperation {
  /** What log and faults call it, `oauth2.token` for one; undefined: it is neither logged nor struck. Required. */
  readonly name: string | undefined;
  /** The default host of the service that it belongs to, for the log. Required. */
  readonly service: string;
  /** Answers a request. A fault of the emulator itself may reject. */
  run(request: HttpRequest): Promise<HttpAnswer>;
  /** How this site words an error that a fault asks for. Required. */
  readonly refuse: (code: number, status: StatusName, message: string) => HttpAnswer;
}

/**
 * A JSON answer, indented as Google's.
 *
 * @param headers more headers. Default: none
 */
export function jsonAnswer(
  code: number,
  document: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const body = `${JSON.stringify(document, undefined, 2)}\n`;
  return { code, contentType: "application/json; charset=utf-8", body, headers };
}

/** The single value of a header; undefined when there is none. Several are joined, as node:http does for most. */
export function headerOf(request: Pick<HttpRequest, "headers">, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

const htmlEscapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** One of Google's error pages. The text may come from the request: it is escaped. */
export function pageAnswer(code: number, title: string, text: string): HttpAnswer {
  const escaped = text.replace(/[&<>"]/g, (character) => htmlEscapes[character] ?? "");
  const body = `<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error ${code} (${title})!!1</title>
  <p><b>${code}.</b> <ins>That’s an error.</ins>
  <p>${escaped}  <ins>That’s all we know.</ins>
`;
  return { code, contentType: "text/html; charset=UTF-8", body, headers: { "referrer-policy": "no-referrer" } };
}
