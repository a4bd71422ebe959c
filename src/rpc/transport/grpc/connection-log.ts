// SPDX-License-Identifier: Apache-2.0
// Logs events of a transport's connections, comparable to GRPC_TRACE of grpc-js. Never a header field or a message.

import type { LogFields, Logger } from "../../../base/logging.js";
import { maskSecrets } from "../../../base/secrets/secret-text.js";
import { errorCodeName } from "../http2/frames/frames.js";
import type { GoAway } from "../http2/stream.js";
import { textOf } from "./statuses.js";

/** Why a connection accepts no new calls, if not because the server said so. */
export type RetireReason = "silent" | "frozen process" | "renewed certificate" | "idle" | "no stream IDs left";

/** Writes to a logger, if there is one. */
export class ConnectionLog {
  readonly #logger: Logger | undefined;
  readonly #host: string;

  /** @param host `host:port` */
  constructor(logger: Logger | undefined, host: string) {
    this.#logger = logger;
    this.#host = host;
  }

  #debug(message: string, fields: LogFields): void {
    this.#logger?.debug(message, { host: this.#host, ...fields });
  }

  /** A connection is ready. */
  opened(durationMs: number): void {
    this.#debug("connection opened", { durationMs: Math.round(durationMs) });
  }

  /** A connection could not be made. */
  failed(error: unknown): void {
    this.#debug("connection failed", { error: maskSecrets(textOf(error)) });
  }

  /** A connection ended. @param error `undefined`: it was closed here */
  closed(error: unknown): void {
    this.#debug("connection closed", error === undefined ? {} : { error: maskSecrets(textOf(error)) });
  }

  /** A connection accepts no new calls. */
  retired(why: RetireReason): void {
    this.#debug("connection accepts no new calls", { why });
  }

  /** The server sent GOAWAY. */
  wentAway({ code, lastStreamId, debugText }: GoAway): void {
    this.#debug("server sent GOAWAY", { code: errorCodeName(code), lastStreamId, text: debugText });
  }

  /** The server says that it has not started a call, which is sent again. */
  refused(rpcName: string): void {
    this.#debug("call was not processed and is sent again", { rpcName });
  }

  /** A PING went out, since the connection was silent. */
  asked(silentMs: number): void {
    this.#debug("keepalive PING on a silent connection", { silentMs });
  }

  /** The PING was not answered. */
  unanswered(timeoutMs: number): void {
    this.#debug("keepalive PING was not acknowledged", { timeoutMs });
  }

  /** The server says that there are too many PINGs. */
  tooManyPings(): void {
    const text = "the server wants fewer PINGs; keepalive sends half as many from the next connection on";
    this.#logger?.warn(text, { host: this.#host });
  }
}
