// SPDX-License-Identifier: Apache-2.0
// The road of an HTTP operation, the same for every site: read, run, let a fault strike, remember, send. Decides no answer.

import type { IncomingMessage, ServerResponse } from "node:http";
import { keepLoggedHeaders } from "../../world/calls/logged-headers.js";
import { ConnectionFaultError, InjectedError } from "../../world/faults/fault.js";
import type { EmulatorState } from "../../world/world.js";
import { httpStatusOf } from "../rest/error-body.js";
import { severConnection } from "../road/sever-connection.js";
import { countAttempt, strikeCall } from "../road/strike.js";
import { statusOfHttpCode } from "./canonical-http.js";
import { type HttpAnswer, type HttpOperation, type HttpRequest, headerOf, pageAnswer } from "./exchange.js";
import { readBody } from "./read-body.js";

const MAX_BODY_BYTES = 1024 * 1024; // a subject token can be long; nothing here is longer
const TRUNCATED_AT = 0.5;

/** Sends an answer. */
export function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  response.writeHead(answer.code, {
    "content-type": answer.contentType,
    "content-length": Buffer.byteLength(answer.body),
    "x-content-type-options": "nosniff",
    ...answer.headers,
  });
  response.end(request.method === "HEAD" ? undefined : answer.body);
}

/** Strikes the connection of an answer in place of sending it. */
export function severAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: HttpAnswer,
  { connection }: ConnectionFaultError,
): void {
  if (connection !== "truncate") {
    severConnection(request.socket, connection, "http1");
    return;
  }
  const body = Buffer.from(answer.body);
  response.writeHead(answer.code, { "content-type": answer.contentType, "content-length": body.length + 1 });
  response.write(body.subarray(0, Math.floor(body.length * TRUNCATED_AT)), () => request.socket.destroy());
}

function watchPeer(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => response.writableFinished || controller.abort()); // as in the REST face
  return controller.signal;
}

async function strike(
  state: EmulatorState,
  name: string,
  request: HttpRequest,
  operation: HttpOperation,
  answer: HttpAnswer,
  attempt: number,
): Promise<HttpAnswer | ConnectionFaultError> {
  let contentType = answer.contentType;
  const call = {
    requestBytes: request.body,
    abandoned: request.abandoned,
    setContentType(given: string) {
      contentType = given;
    },
  };
  try {
    await strikeCall(state, [name], answer.principal, attempt, call);
    return { ...answer, contentType };
  } catch (error) {
    if (error instanceof ConnectionFaultError) return error;
    if (!(error instanceof InjectedError)) throw error;
    return { ...operation.refuse(httpStatusOf(error), error.status, error.message), principal: answer.principal };
  }
}

function remember(
  state: EmulatorState,
  { name = "", service }: HttpOperation,
  request: HttpRequest,
  at: number,
  attempt: number,
  ending: HttpAnswer | ConnectionFaultError,
  answer: HttpAnswer,
): void {
  const { principal, serviceAccount } = answer;
  const metadata = keepLoggedHeaders(Object.entries(request.headers));
  const userAgent = headerOf(request, "user-agent");
  const apiClient = headerOf(request, "x-goog-api-client");
  state.calls.add({
    service,
    transport: "http",
    method: name,
    status: ending instanceof ConnectionFaultError ? ending.status : statusOfHttpCode(ending.code),
    ...(principal === undefined ? {} : { principal }),
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
    delegates: [],
    at: new Date(at),
    attempt,
    metadata,
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(apiClient === undefined ? {} : { apiClient }),
  });
}

async function read(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<HttpRequest | HttpAnswer> {
  const { method = "GET", url = "", headers } = request;
  const question = url.indexOf("?");
  const query = new URLSearchParams(question < 0 ? "" : url.slice(question + 1).replace(/#.*$/s, ""));
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === undefined) {
    response.setHeader("connection", "close");
    return pageAnswer(413, "Request Entity Too Large", "Your client issued a request that was too large.");
  }
  response.removeHeader("connection"); // the body is read: what follows is the next request
  return { method, path, query, headers, body, abandoned: watchPeer(response) };
}

/**
 * Serves a request by an operation.
 *
 * @param path the path of the request, percent-decoded
 */
export async function serveOperation(
  state: EmulatorState,
  operation: HttpOperation,
  path: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await read(incoming, response, path);
  if ("code" in request) {
    sendAnswer(incoming, response, request);
    return;
  }
  const at = state.now();
  const answer = await operation.run(request);
  if (operation.name === undefined) {
    sendAnswer(incoming, response, answer);
    return;
  }
  const requestBytes = Buffer.concat([Buffer.from(incoming.url ?? ""), request.body]);
  const attempt = countAttempt(state, operation.name, answer.principal, requestBytes);
  const ending = await strike(state, operation.name, request, operation, answer, attempt.number);
  remember(state, operation, request, at, attempt.number, ending, answer);
  if (ending instanceof ConnectionFaultError) {
    severAnswer(incoming, response, answer, ending);
    return;
  }
  if (ending.code < 400) attempt.succeed();
  sendAnswer(incoming, response, ending);
}
