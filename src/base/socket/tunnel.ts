// SPDX-License-Identifier: Apache-2.0
// A tunnel through an HTTP proxy: CONNECT over an established connection to it (RFC 9110 section 9.3.6). Makes no connection
// and chooses no proxy.

import type { Socket } from "node:net";
import { onAbort } from "../abort.js";
import { DialError } from "./dial-error.js";

/** What to ask a proxy for. */
interface TunnelRequest {
  /** `host:port` behind the proxy. */
  readonly authority: string;
  /** `host:port` of the proxy, for messages. */
  readonly proxy: string;
  /** For the header `proxy-authorization`. Default: none is sent. */
  readonly authorization?: string | undefined;
  /** Gives up; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Anything that sends more than this before the tunnel is up is not a proxy. */
const MAX_HEAD_BYTES = 16 * 1024;
const END_OF_HEAD = "\r\n\r\n";

/**
 * Asks for a tunnel. When the promise resolves, the data of the host behind the proxy can be read from the same socket.
 *
 * @throws DialError with the status when the proxy refuses, and when it is not an HTTP proxy; the signal's reason
 */
export function openTunnel(socket: Socket, request: TunnelRequest): Promise<void> {
  const { authority, proxy, authorization, signal } = request;
  if (/[\s\p{Cc}]/u.test(authority)) {
    return Promise.reject(new TypeError("a host must not contain white space"));
  }
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const fail = (text: string, code: string, httpStatus?: number): void =>
      end(() => reject(new DialError(text, { step: "tunnel", code, httpStatus, isProxy: true })));
    // Not the event "data": it would leave the socket flowing, or paused for good.
    const onReadable = (): void => {
      const known = head.length;
      // Since Node 26 a read returns one piece, and the event is not repeated for those that came with it.
      for (let piece: Buffer | null = socket.read(); piece !== null; piece = socket.read()) {
        head = Buffer.concat([head, piece]);
      }
      if (head.length === known) return;
      for (let at = head.indexOf(END_OF_HEAD); at >= 0; at = head.indexOf(END_OF_HEAD)) {
        const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(head.toString("latin1", 0, 64))?.[1]);
        const rest = head.subarray(at + END_OF_HEAD.length);
        if (status >= 200) {
          if (status > 299)
            fail(`the proxy ${proxy} answered CONNECT ${authority} with HTTP ${status}`, "PROXY_REFUSED", status);
          else end(resolve, rest);
          return;
        }
        if (!(status >= 100)) break;
        head = rest;
      }
      if (!looksLikeHttp(head)) fail(`the proxy ${proxy} does not speak HTTP/1.1`, "NOT_HTTP");
      else if (head.length > MAX_HEAD_BYTES)
        fail(`the proxy ${proxy} sent a response head that is too long`, "NOT_HTTP");
    };
    const onError = (error: Error): void => fail(`the proxy ${proxy}: ${error.message}`, "PROXY_LOST");
    const onClose = (): void => fail(`the proxy ${proxy} closed the connection without a response`, "PROXY_LOST");
    const end = (settle: () => void, rest?: Buffer): void => {
      stopListening();
      socket.removeListener("readable", onReadable).removeListener("error", onError);
      socket.removeListener("end", onClose).removeListener("close", onClose);
      if (rest !== undefined && rest.length > 0) socket.unshift(rest);
      settle();
    };
    const stopListening = onAbort(signal, () => end(() => reject(signal.reason)));
    socket.on("readable", onReadable).once("error", onError).once("end", onClose).once("close", onClose);
    const credentials = authorization === undefined ? "" : `Proxy-Authorization: ${authorization}\r\n`;
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`);
  });
}

/** Judges what has arrived so far. */
function looksLikeHttp(head: Buffer): boolean {
  const start = head.toString("latin1", 0, 9);
  return start.length < 9 ? "HTTP/1.".startsWith(start.slice(0, 7)) : /^HTTP\/1\.\d $/.test(start);
}
