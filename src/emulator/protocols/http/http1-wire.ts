// SPDX-License-Identifier: Apache-2.0
// A request over HTTP/1. Knows node:http, and no path.

import type { IncomingMessage, ServerResponse } from "node:http";
import { peerThumbprint } from "../road/peer-certificate.js";
import { severConnection } from "../road/sever-connection.js";
import { authorizationOf, type HttpWire, halfOf, headersOf } from "./http-wire.js";

// RFC 9112, 6.3: a request with neither has no body.
function hasBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

// An unread body closes the connection, so that it can't go on forever.
function isUnread(request: IncomingMessage): boolean {
  return !request.complete && hasBody(request);
}

/** The wire of a request of node:http. */
export function http1Wire(request: IncomingMessage, response: ServerResponse): HttpWire {
  const gone = new AbortController();
  // Every response is closed, most after their end: then nobody waits, and an abort would cost as much as the rest of the call.
  response.once("close", () => response.writableFinished || gone.abort());
  return {
    method: request.method ?? "GET",
    target: request.url ?? "",
    headers: request.headers,
    authorization: authorizationOf(request.rawHeaders),
    thumbprint: peerThumbprint(request.socket),
    body: hasBody(request) ? request : [],
    abandoned: gone.signal,
    send(answer) {
      if (response.headersSent) {
        response.destroy(); // what fails while being sent can't be answered any more
        return;
      }
      if (isUnread(request)) response.setHeader("connection", "close");
      response.writeHead(answer.code, headersOf(answer, Buffer.byteLength(answer.body)));
      if (answer.stream !== undefined && request.method !== "HEAD") {
        response.flushHeaders();
        answer.stream(response);
        return;
      }
      response.end(request.method === "HEAD" ? undefined : answer.body);
    },
    truncate(answer) {
      const body = Buffer.from(answer.body);
      response.writeHead(answer.code, headersOf(answer, body.length + 1));
      response.write(halfOf(body), () => request.socket.destroy());
    },
    sever: (connection) => severConnection(request.socket, connection, "http1"),
  };
}
