// SPDX-License-Identifier: Apache-2.0
// What operations see of an HTTP request, and what they answer with. Sends nothing and knows no path.

import type { IncomingHttpHeaders } from "node:http";
import type { Writable } from "node:stream";
import type { ServiceError } from "../../world/refusals/service-error.js";
import type { CallFacts, CallNotes, Operation } from "../road/operation.js";
import { statusOfHttpCode } from "./http-status.js";

/** A request whose body has been read. */
export interface IncomingRequest {
  /** `GET`, `POST` and so on. Required. */
  readonly method: string;
  /** The path, percent-decoded. Required. */
  readonly path: string;
  /** The values of the variables in the operation's path. Required, may be empty. */
  readonly variables: ReadonlyMap<string, string>;
  /** The query string's parameters. Required, may be empty. */
  readonly query: URLSearchParams;
  /** The headers, names in lower case. Required. */
  readonly headers: IncomingHttpHeaders;
  /** Every value of the authorization header, in the order of arrival: node:http keeps the first one only. Required. */
  readonly authorization: readonly string[];
  /** The digest of the certificate that the peer presented. Default: none. */
  readonly thumbprint?: string | undefined;
  /** The body. Required, may be empty. */
  readonly body: Buffer;
  /** Aborted when the peer disconnects. Required. */
  readonly abandoned: AbortSignal;
}

/** What a request is answered with. */
export interface OutgoingAnswer {
  /** The HTTP status code. Required. */
  readonly code: number;
  /** The header `content-type`. Required. */
  readonly contentType: string;
  /** The body. Required, may be empty. */
  readonly body: string | Buffer;
  /** More headers. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Writes a body that does not end by itself, instead of `body`; `out` is closed when the peer is gone. Default: none. */
  stream?(out: Writable): void;
}

/** An operation over HTTP. Only it knows the type of what its `identify` returns. */
export interface HttpOperation extends Operation<IncomingRequest, unknown, OutgoingAnswer> {
  /** How the log names the transport of its calls. Required. */
  readonly transport: CallFacts["transport"];
  /** The largest size of a body, in bytes. Required. */
  readonly maxBodyBytes: number;
  /** Headers that all its answers have. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a request is for this operation, when two have the same path. Default: always. */
  isFor?(request: IncomingRequest): boolean;
  /** How a refusal is worded. */
  refuse(refusal: ServiceError, request: IncomingRequest): OutgoingAnswer;
}

const MAX_BODY_BYTES = 1024 * 1024; // a subject token can be long; nothing here is longer

/** What an operation over HTTP is made of. */
interface HttpOperationParts<Caller>
  extends Pick<HttpOperation, "name" | "service" | "refuse">,
    Partial<Pick<HttpOperation, "fullName" | "headers" | "isControl" | "isFor" | "maxBodyBytes" | "transport">> {
  /** Finds out who calls. */
  identify(request: IncomingRequest, notes: CallNotes): Promise<Caller>;
  /** Answers. */
  run(request: IncomingRequest, caller: Caller, notes: CallNotes): Promise<OutgoingAnswer>;
}

/** Makes an operation over HTTP: the log's status of a call follows from the status code of its answer. */
export function httpOperation<Caller>(parts: HttpOperationParts<Caller>): HttpOperation {
  return {
    transport: "http",
    maxBodyBytes: MAX_BODY_BYTES,
    ...parts,
    async run(request, caller, notes) {
      // as: what the same operation's `identify` returned; nobody else calls it
      const answer = await parts.run(request, caller as Caller, notes);
      notes.httpStatus = answer.code;
      if (answer.code >= 400) notes.status = statusOfHttpCode(answer.code);
      return answer;
    },
  };
}

/** For operations that anybody may call. */
export async function identifyNobody(): Promise<undefined> {
  return undefined;
}

/**
 * A JSON answer, indented like Google's.
 *
 * @param headers more headers. Default: none
 */
export function jsonAnswer(
  code: number,
  document: unknown,
  headers: Readonly<Record<string, string>> = {},
): OutgoingAnswer {
  const body = `${JSON.stringify(document, undefined, 2)}\n`;
  return { code, contentType: "application/json; charset=utf-8", body, headers };
}

/** The single value of a header; undefined when there is none. Several are joined, as node:http does for most. */
export function headerOf(request: Pick<IncomingRequest, "headers">, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
