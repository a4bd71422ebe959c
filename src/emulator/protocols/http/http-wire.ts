// SPDX-License-Identifier: Apache-2.0
// One request and how to answer it, whichever version of HTTP carries it. Knows no path.

import type { IncomingHttpHeaders } from "node:http";
import type { EmulatorConnectionFault } from "../../world/faults/fault.js";
import type { OutgoingAnswer } from "./http-operation.js";

/** What carries one request. An answer is sent once, in one of three ways. */
export interface HttpWire {
  /** `GET`, `POST` and so on. Required. */
  readonly method: string;
  /** Path and query, as they came. Required. */
  readonly target: string;
  /** The headers, names in lower case; `host` is the authority of HTTP/2. Required. */
  readonly headers: IncomingHttpHeaders;
  /** Every value of the authorization header, in the order of arrival. Required. */
  readonly authorization: readonly string[];
  /** The digest of the certificate that the peer presented; undefined without one. Required. */
  readonly thumbprint: string | undefined;
  /** The body's chunks. Required. */
  readonly body: AsyncIterable<unknown> | Iterable<unknown>;
  /** Aborted when the peer disconnects before it has been answered. Required. */
  readonly abandoned: AbortSignal;
  /** Sends an answer. */
  send(answer: OutgoingAnswer): void;
  /** Sends the first half of an answer and cuts the connection. */
  truncate(answer: OutgoingAnswer): void;
  /** Strikes the connection instead of sending anything. */
  sever(connection: EmulatorConnectionFault): void;
}

/** The headers of an answer, its own last. */
export function headersOf(
  { contentType, headers, stream }: OutgoingAnswer,
  contentLength: number,
): Record<string, string | number> {
  return {
    "content-type": contentType,
    ...(stream === undefined ? { "content-length": contentLength } : {}),
    "x-content-type-options": "nosniff",
    ...headers,
  };
}

/** The first half of a body. */
export function halfOf(body: Buffer): Buffer {
  return body.subarray(0, Math.floor(body.length / 2));
}

/** Every value of the authorization header: node:http keeps the first one only, and the raw headers have all. */
export function authorizationOf(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() === "authorization" ? [rawHeaders[index + 1] ?? ""] : [],
  );
}
