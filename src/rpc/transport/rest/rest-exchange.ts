// SPDX-License-Identifier: Apache-2.0
// One unary call as one HTTP request: its headers, its reply, its errors. Knows no other call and no connection.

import { validateHeaderName, validateHeaderValue } from "node:http";
import { type ConnectionSurroundings, explainConnectionFailure } from "../../../base/causes/final-failures.js";
import { Status } from "../../../base/causes/status.js";
import { IAMCredentialsError, RpcError } from "../../../base/errors.js";
import type { HttpClient } from "../../../base/http/http-client.js";
import { type HttpExchange, HttpTimeoutError } from "../../../base/http/http-exchange.js";
import { type HttpAnswer, type HttpOrigin, headerOf } from "../../../base/http/http-message.js";
import { VERSION } from "../../../base/version.js";
import type { UnaryCall } from "../transport.js";
import { decodeMessage } from "./decode-message.js";
import { ProtoJsonError } from "./proto-json-error.js";
import { rpcErrorFromHttp } from "./rest-status.js";
import type { TranscodedRequest } from "./transcode.js";

/** Where a request goes and how. */
export interface HttpRoute {
  readonly http: HttpClient;
  readonly origin: HttpOrigin;
  /** `host:port`, for messages. */
  readonly host: string;
  /** The maximum size of a reply in bytes. */
  readonly maxReplyBytes: number;
  /** What is known about the connection now. */
  surroundings(): ConnectionSurroundings;
  /** Called when the host has answered. */
  onAnswer(): void;
}

const USER_AGENT = `iam-credentials-client/${VERSION}`;

/** A call in flight. */
export class RestExchange<Message, Reply> {
  /** Its place among the calls in flight; `undefined`: it has ended. */
  place: number | undefined;
  readonly #call: UnaryCall<Message, Reply>;
  readonly #route: HttpRoute;
  #exchange: HttpExchange | undefined;

  constructor(call: UnaryCall<Message, Reply>, route: HttpRoute) {
    this.#call = call;
    this.#route = route;
  }

  /**
   * Sends the request and reads the response.
   *
   * @throws RpcError for every response but success and every connection failure; the signal's reason after an abort
   */
  run(request: TranscodedRequest): Promise<Reply> {
    const { http, origin, maxReplyBytes } = this.#route;
    const { signal, timeoutMs } = this.#call;
    return new Promise((resolve, reject) => {
      this.#exchange = http.start(
        {
          origin,
          method: request.verb,
          path: request.target,
          headers: this.#buildHeaders(request.body !== undefined),
          body: request.body,
          timeoutMs,
          signal,
          maxBytes: maxReplyBytes,
          isRepeatable: request.verb === "GET" || this.#call.mayRepeat === true,
        },
        (answer) => {
          try {
            resolve(this.#readAnswer(answer, request));
          } catch (error) {
            reject(error);
          }
        },
        (error) => reject(this.#explain(error)),
      );
    });
  }

  /** Ends the call with CANCELLED. */
  cancel(text: string): void {
    this.#exchange?.cut(this.#error(Status.CANCELLED, text));
  }

  #buildHeaders(hasBody: boolean): string[] {
    const headers = ["accept", "*/*", "accept-encoding", "gzip, deflate"];
    if (hasBody) headers.push("content-type", "application/json");
    let hasUserAgent = false;
    for (const [key, value] of this.#call.metadata) {
      hasUserAgent ||= key === "user-agent";
      headers.push(key, typeof value === "string" ? value : Buffer.from(value).toString("base64"));
    }
    if (!hasUserAgent) headers.push("user-agent", USER_AGENT);
    return headers;
  }

  #readAnswer(answer: HttpAnswer, request: TranscodedRequest): Reply {
    const { host, maxReplyBytes } = this.#route;
    const { status: httpStatus } = answer;
    this.#route.onAnswer();
    const { method, metadata } = this.#call;
    if (httpStatus < 200 || httpStatus > 299) {
      throw rpcErrorFromHttp({ answer, host, sent: { metadata, body: request.body } }, method.label);
    }
    if (answer.isWhole) return this.#decode(answer);
    throw this.#error(Status.RESOURCE_EXHAUSTED, `the response is larger than ${maxReplyBytes} bytes (maxReplyBytes)`);
  }

  #decode(answer: HttpAnswer): Reply {
    const { status: httpStatus, text } = answer;
    const from = `${this.#route.host} answered HTTP ${httpStatus}`;
    let json: unknown;
    try {
      json = httpStatus === 204 ? {} : JSON.parse(text);
    } catch {
      // Neither the body nor the parser's error, which quotes it: there may be a token in it.
      const form = headerOf(answer, "content-type") || "no content type";
      throw this.#error(Status.INTERNAL, `${from} with a body that is not JSON (${form})`);
    }
    try {
      return decodeMessage(this.#call.method.http?.reply ?? {}, json) as Reply; // as: the row's table describes its reply
    } catch (error) {
      if (!(error instanceof ProtoJsonError)) throw error;
      throw this.#error(Status.INTERNAL, `${from} with a body that is not a response of this method: ${error.message}`);
    }
  }

  /** What the caller sees of an error from the HTTP client. */
  #explain(error: unknown): unknown {
    const { signal } = this.#call;
    if (signal?.aborted || error instanceof IAMCredentialsError) return signal?.aborted ? signal.reason : error;
    const { code } = Object(error);
    if (error instanceof HttpTimeoutError) return this.#error(Status.DEADLINE_EXCEEDED, error.message);
    if (code === "ERR_INVALID_CHAR" || code === "ERR_INVALID_HTTP_TOKEN") return this.#headerError();
    const { text, finalAfter } = explainConnectionFailure(error, this.#route.surroundings());
    return this.#error(Status.UNAVAILABLE, text, error, finalAfter);
  }

  #headerError(): RpcError {
    const key = this.#call.metadata.find(([name, value]) => {
      try {
        validateHeaderName(name);
        if (typeof value === "string") validateHeaderValue(name, value);
        return false;
      } catch {
        return true;
      }
    })?.[0];
    // Not the cause: it may quote the value, which may be a token.
    return this.#error(Status.INTERNAL, `the metadata "${key}" cannot be sent as an HTTP header`);
  }

  #error(code: number, text: string, cause?: unknown, finalAfter?: number): RpcError {
    return new RpcError({ code, text, method: this.#call.method.label, transport: "rest", cause, finalAfter });
  }
}
