// SPDX-License-Identifier: Apache-2.0
// A request over HTTP/2. Knows node:http2, and no path.

import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { EmulatorConnectionFault } from "../../world/faults/fault.js";
import { peerThumbprint } from "../road/peer-certificate.js";
import { authorizationOf, type HttpWire, halfOf, headersOf } from "./http-wire.js";

/**
 * The wire of a stream of node:http2.
 *
 * @param rawHeaders names and values alternating, as they came
 * @param strike strikes the connection that the stream is on
 */
export function http2Wire(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
  strike: (connection: EmulatorConnectionFault) => void,
): HttpWire {
  const { ":method": method = "GET", ":path": target = "", ":authority": authority, ...others } = headers;
  const gone = new AbortController();
  stream.on("error", () => {}); // a reset by the peer; 'close' follows
  stream.once("close", () => stream.writableFinished || gone.abort());
  const begin = (answer: Parameters<HttpWire["send"]>[0], contentLength: number): boolean => {
    if (stream.destroyed || stream.headersSent) return false;
    stream.respond({ ":status": answer.code, ...headersOf(answer, contentLength) });
    return true;
  };
  return {
    method,
    target,
    headers: authority === undefined ? others : { ...others, host: authority },
    authorization: authorizationOf(rawHeaders),
    thumbprint: peerThumbprint(stream.session?.socket),
    body: stream.iterator({ destroyOnReturn: false }), // a reader that stops early can still answer
    abandoned: gone.signal,
    send(answer) {
      if (!begin(answer, Buffer.byteLength(answer.body))) return;
      if (answer.stream !== undefined && method !== "HEAD") {
        answer.stream(stream);
        return;
      }
      stream.end(method === "HEAD" ? undefined : answer.body);
      // The rest of the request is no longer wanted (RFC 9113, 8.1).
      if (!stream.readableEnded) stream.once("finish", () => stream.close(constants.NGHTTP2_NO_ERROR));
    },
    truncate(answer) {
      const body = Buffer.from(answer.body);
      if (begin(answer, body.length + 1)) stream.write(halfOf(body), () => strike("truncate"));
    },
    sever: strike,
  };
}
