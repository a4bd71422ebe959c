// SPDX-License-Identifier: Apache-2.0
// Puts a request on the road of its operation and sends what becomes of it. Decides no answer.

import type { IncomingMessage, ServerResponse } from "node:http";
import { keepLoggedHeaders } from "../../world/calls/logged-headers.js";
import type { EmulatorConnectionFault } from "../../world/faults/fault.js";
import type { CallFacts, Carrier, Delivery } from "../road/operation.js";
import { type RoadWorld, runOperation } from "../road/run-operation.js";
import { severConnection } from "../road/sever-connection.js";
import type { HttpAnswer, HttpOperation, HttpRequest } from "./exchange.js";
import { tooLargePage } from "./page.js";
import { readBody } from "./read-body.js";

const TRUNCATED_AT = 0.5;

/** An operation at whose path a request came. */
export interface OperationMatch {
  /** The operation. Required. */
  readonly operation: HttpOperation;
  /** What the variables of its path are. Required. */
  readonly variables: ReadonlyMap<string, string>;
}

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

// Headers that promise the whole answer, and half of it.
function truncateAnswer(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  const body = Buffer.from(answer.body);
  response.writeHead(answer.code, { "content-type": answer.contentType, "content-length": body.length + 1 });
  response.write(body.subarray(0, Math.floor(body.length * TRUNCATED_AT)), () => request.socket.destroy());
}

// Every response is closed, most of them after their end: then nobody waits, and an abort costs as much as the rest of the call.
function watchPeer(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => response.writableFinished || controller.abort());
  return controller.signal;
}

function readFacts(transport: CallFacts["transport"], { headers }: IncomingMessage): CallFacts {
  const text = (name: string): string | undefined => headers[name]?.toString();
  const seconds = Number(text("x-server-timeout") ?? Number.NaN);
  const facts = {
    userAgent: text("user-agent"),
    apiClient: text("x-goog-api-client"),
    requestParams: text("x-goog-request-params"),
    quotaProject: text("x-goog-user-project"),
    timeoutMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
  };
  const present = Object.entries(facts).filter(([, value]) => value !== undefined);
  const metadata = keepLoggedHeaders(Object.entries(headers));
  return { transport, metadata, ...Object.fromEntries(present) };
}

// node:http joins or drops repeated headers; the raw ones are all there.
function readAuthorization({ rawHeaders }: IncomingMessage): string[] {
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() === "authorization" ? [rawHeaders[index + 1] ?? ""] : [],
  );
}

function adaptRequest(
  operation: HttpOperation,
  request: HttpRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
): Carrier<HttpAnswer> {
  const deliver = (answer: HttpAnswer, { contentType = answer.contentType, isTruncated }: Delivery) => {
    const send = isTruncated ? truncateAnswer : sendAnswer;
    send(incoming, response, { ...answer, contentType, headers: { ...answer.headers, ...operation.headers } });
  };
  return {
    facts: readFacts(operation.transport, incoming),
    requestBytes: Buffer.concat([Buffer.from(`${incoming.method} ${incoming.url} `), request.body]),
    abandoned: request.abandoned,
    abandonedAs: () => (response.destroyed ? "CANCELLED" : undefined),
    httpStatusOf: (refusal) => operation.refuse(refusal, request).code,
    answer: deliver,
    refuse: (refusal, delivery) => deliver(operation.refuse(refusal, request), delivery),
    sever: (connection: EmulatorConnectionFault) => severConnection(incoming.socket, connection, "http1"),
  };
}

/**
 * Serves a request.
 *
 * @param path the path of the request, percent-decoded
 * @param matches the operations at that path, one at least; where there are several, the first that the request is for is run
 */
export async function serveOperation(
  world: RoadWorld,
  path: string,
  matches: readonly [OperationMatch, ...OperationMatch[]],
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = "GET", url = "", headers } = incoming;
  const body = await readBody(incoming, Math.max(...matches.map(({ operation }) => operation.maxBodyBytes)));
  if (body === undefined) {
    response.setHeader("connection", "close"); // what is left of the body is not read
    sendAnswer(incoming, response, tooLargePage());
    return;
  }
  response.removeHeader("connection"); // the body is read: what follows is the next request
  const query = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? "");
  const abandoned = watchPeer(response);
  const authorization = readAuthorization(incoming);
  const [first] = matches;
  const request = { method, path, variables: first.variables, query, headers, authorization, body, abandoned };
  const match = matches.find(({ operation }) => operation.isFor?.(request) ?? true) ?? first;
  const call = { ...request, variables: match.variables };
  await runOperation(world, match.operation, call, adaptRequest(match.operation, call, incoming, response));
}
