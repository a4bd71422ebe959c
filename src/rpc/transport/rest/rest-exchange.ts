// SPDX-License-Identifier: Apache-2.0
// One unary call as one HTTP request on fetch: sent, read to its end, or cut. Knows no other call and no connection.

import { onAbort } from "../../../base/abort.js";
import type { Clock } from "../../../base/clock.js";
import { RpcError } from "../../../base/errors.js";
import { Status } from "../../../base/status.js";
import { VERSION } from "../../../base/version.js";
import type { MetadataPairs, UnaryCall } from "../transport.js";
import { decodeMessage } from "./decode-message.js";
import { ProtoJsonError } from "./proto-json-error.js";
import { rpcErrorFromHttp } from "./rest-status.js";
import type { TranscodedRequest } from "./transcode.js";

/** What Google's front ends let through; a server gone wrong must not fill the memory. */
const MAX_REPLY_BYTES = 32 * 1024 * 1024;
/** Enough for any google.rpc.Status; of what is longer the rest is not read. */
const MAX_ERROR_BYTES = 1024 * 1024;

/** Where a request goes and how. */
export interface HttpRoute {
  /** `https://host:port`. */
  readonly origin: string;
  /** `host:port`, for messages. */
  readonly host: string;
  /** An agent of undici's; `undefined`: fetch's own. */
  readonly dispatcher: object | undefined;
  readonly clock: Clock;
}

/** A call in flight. */
export class RestExchange<Message, Reply> {
  readonly #call: UnaryCall<Message, Reply>;
  readonly #route: HttpRoute;
  readonly #controller = new AbortController();

  constructor(call: UnaryCall<Message, Reply>, route: HttpRoute) {
    this.#call = call;
    this.#route = route;
  }

  /**
   * Sends the request and reads the answer.
   *
   * @throws RpcError for every answer but success and every fault on the way; the signal's reason after an abort
   */
  async run(request: TranscodedRequest): Promise<Reply> {
    const { metadata, signal, timeoutMs } = this.#call;
    const headers = this.#buildHeaders(metadata, request.body !== undefined);
    const undo: (() => void)[] = [];
    if (signal !== undefined) undo.push(onAbort(signal, () => this.#controller.abort(signal.reason)));
    if (timeoutMs !== Number.POSITIVE_INFINITY) {
      undo.push(this.#route.clock.schedule(timeoutMs, () => this.#cut()));
    }
    try {
      return await this.#exchange(request, headers);
    } catch (error) {
      if (this.#controller.signal.aborted) throw this.#controller.signal.reason;
      throw error instanceof RpcError ? error : this.#connectionError(error);
    } finally {
      for (const each of undo) each();
    }
  }

  /** Ends the call with CANCELLED. */
  cancel(text: string): void {
    this.#controller.abort(this.#error(Status.CANCELLED, text));
  }

  #cut(): void {
    const text = `no whole answer from ${this.#route.host} after ${Math.round(this.#call.timeoutMs)} ms`;
    this.#controller.abort(this.#error(Status.DEADLINE_EXCEEDED, text));
  }

  async #exchange(request: TranscodedRequest, headers: Headers): Promise<Reply> {
    const { origin, host, dispatcher } = this.#route;
    const init = {
      method: request.verb,
      headers,
      body: request.body ?? null,
      signal: this.#controller.signal,
      // Whoever answers for the service must not send our token elsewhere.
      redirect: "manual" as const,
      ...(dispatcher === undefined ? {} : { dispatcher }),
    };
    const response = await fetch(`${origin}${request.target}`, init as RequestInit); // as: Node's own types lack dispatcher
    const contentType = response.headers.get("content-type") ?? "";
    if (response.ok) {
      return this.#decode(response.status, contentType, await this.#readReply(response));
    }
    const { text } = await readBody(response, MAX_ERROR_BYTES);
    const { status: httpStatus } = response;
    throw rpcErrorFromHttp({ httpStatus, headers: response.headers, contentType, text, host }, this.#call.method.label);
  }

  async #readReply(response: Response): Promise<string> {
    const { text, isWhole } = await readBody(response, MAX_REPLY_BYTES);
    if (isWhole) return text;
    throw this.#error(Status.RESOURCE_EXHAUSTED, `the reply is larger than ${MAX_REPLY_BYTES} bytes`);
  }

  #decode(httpStatus: number, contentType: string, text: string): Reply {
    const from = `${this.#route.host} answered HTTP ${httpStatus}`;
    let json: unknown;
    try {
      json = httpStatus === 204 ? {} : JSON.parse(text);
    } catch {
      // Neither the body nor the parser's error, which quotes it: there may be a token in it.
      const form = contentType === "" ? "no content type" : contentType;
      throw this.#error(Status.INTERNAL, `${from} with a body that is no JSON (${form})`);
    }
    try {
      return decodeMessage(this.#call.method.http?.reply ?? {}, json) as Reply; // as: the row's table describes its reply
    } catch (error) {
      if (!(error instanceof ProtoJsonError)) throw error;
      throw this.#error(Status.INTERNAL, `${from} with a body that is no reply of this method: ${error.message}`);
    }
  }

  #buildHeaders(metadata: MetadataPairs, hasBody: boolean): Headers {
    const headers = new Headers({ "user-agent": `iam-credentials-client/${VERSION}` });
    if (hasBody) headers.set("content-type", "application/json");
    for (const [key, value] of metadata) {
      try {
        headers.append(key, typeof value === "string" ? value : Buffer.from(value).toString("base64"));
      } catch {
        // Not the cause: it quotes the value, which may be a token.
        throw this.#error(Status.INTERNAL, `the metadata "${key}" is nothing that an HTTP header can carry`);
      }
    }
    return headers;
  }

  /** For what fetch rejects with: mostly a TypeError "fetch failed" whose cause says why. */
  #connectionError(error: unknown): RpcError {
    // Not instanceof: the error is of fetch's own making, which is another realm's under Jest.
    const cause: unknown = Object(error).cause ?? error;
    const { code, message } = Object(cause);
    const isOurFault = typeof code === "string" && /^UND_ERR_(INVALID_ARG|NOT_SUPPORTED)/.test(code);
    const why = String(message || code || cause);
    if (isOurFault) return this.#error(Status.INTERNAL, `fetch refused the request: ${why}`, error);
    return this.#error(Status.UNAVAILABLE, `the connection to ${this.#route.host} failed: ${why}`, error);
  }

  #error(code: number, text: string, cause?: unknown): RpcError {
    return new RpcError({ code, text, method: this.#call.method.label, transport: "rest", cause });
  }
}

/** As much of a body as the limit allows; the rest is not read. Counts what comes out of decompression. */
async function readBody(response: Response, limit: number): Promise<{ text: string; isWhole: boolean }> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop cancels the body, which ends the connection.
    if (length > limit) return { text: decodeText(chunks), isWhole: false };
  }
  return { text: decodeText(chunks), isWhole: true };
}

function decodeText(chunks: readonly Uint8Array[]): string {
  return new TextDecoder().decode(Buffer.concat(chunks)); // drops a byte order mark
}
