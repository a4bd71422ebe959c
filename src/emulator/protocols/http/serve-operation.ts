// SPDX-License-Identifier: Apache-2.0
// Takes a request along the road of its operation and sends the outcome. Decides no answer.

import { keepLoggedHeaders } from "../../world/calls/logged-headers.js";
import type { CallFacts, Carrier, Delivery } from "../road/operation.js";
import { type RoadWorld, runOperation } from "../road/run-operation.js";
import { encodeAnswer } from "./encode-answer.js";
import type { HttpOperation, IncomingRequest, OutgoingAnswer } from "./http-operation.js";
import type { HttpWire } from "./http-wire.js";
import { BodyError, type BodyPace, readBody } from "./read-body.js";

/** An operation whose path a request matches. */
export interface OperationMatch {
  /** The operation. Required. */
  readonly operation: HttpOperation;
  /** The values of the variables in its path. Required. */
  readonly variables: ReadonlyMap<string, string>;
}

function readFacts(transport: CallFacts["transport"], { headers }: HttpWire): CallFacts {
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

function adaptRequest(operation: HttpOperation, request: IncomingRequest, wire: HttpWire): Carrier<OutgoingAnswer> {
  const deliver = (answer: OutgoingAnswer, { contentType = answer.contentType, isTruncated }: Delivery) => {
    const whole = { ...answer, contentType, headers: { ...answer.headers, ...operation.headers } };
    if (isTruncated) wire.truncate(whole);
    else wire.send(encodeAnswer(whole, wire.headers["accept-encoding"]));
  };
  return {
    facts: readFacts(operation.transport, wire),
    requestBytes: Buffer.concat([Buffer.from(`${wire.method} ${wire.target} `), request.body]),
    abandoned: wire.abandoned,
    abandonedAs: () => (wire.abandoned.aborted ? "CANCELLED" : undefined),
    httpStatusOf: (refusal) => operation.refuse(refusal, request).code,
    answer: deliver,
    refuse: (refusal, delivery) => deliver(operation.refuse(refusal, request), delivery),
    sever: (connection) => wire.sever(connection),
  };
}

// Clients that can send nothing but GET and POST, and queries that are too long for a URL: the real method is in a header, and
// the query can be in the body.
function readQuery({ target }: HttpWire, method: string, body: Buffer, contentType = ""): URLSearchParams {
  const query = new URLSearchParams(/\?([^#]*)/.exec(target)?.[1] ?? "");
  if (method === "GET" && /^application\/x-www-form-urlencoded\b/i.test(contentType)) {
    for (const [name, value] of new URLSearchParams(body.toString("utf8"))) query.append(name, value);
  }
  return query;
}

/** A request with matching operations. */
interface FoundRequest {
  /** `GET`, `POST` and so on, possibly from an override header. Required. */
  readonly method: string;
  /** The path, percent-decoded. Required. */
  readonly path: string;
  /** The operations at that path; of several, the first that accepts the request is run. Required. */
  readonly matches: readonly [OperationMatch, ...OperationMatch[]];
}

/** Serves a request. */
export async function serveOperation(
  world: RoadWorld,
  { method, path, matches }: FoundRequest,
  wire: HttpWire,
  pace: BodyPace,
): Promise<void> {
  const limitBytes = Math.max(...matches.map(({ operation }) => operation.maxBodyBytes));
  let body: Buffer;
  try {
    body = await readBody(wire, limitBytes, pace);
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    wire.send(error.answer);
    return;
  }
  const { headers, authorization, thumbprint, abandoned } = wire;
  const isOverridden = method !== wire.method;
  const query = readQuery(wire, isOverridden ? method : "", body, headers["content-type"]);
  const [first] = matches;
  const request = {
    method,
    path,
    variables: first.variables,
    query,
    headers,
    authorization,
    thumbprint,
    body,
    abandoned,
  };
  const isOnly = matches.length === 1;
  const match = isOnly ? first : (matches.find(({ operation }) => operation.isFor?.(request) ?? true) ?? first);
  const call = { ...request, variables: match.variables };
  await runOperation(world, match.operation, call, adaptRequest(match.operation, call, wire));
}
