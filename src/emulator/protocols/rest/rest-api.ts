// SPDX-License-Identifier: Apache-2.0
// The REST face: turns HTTP requests into calls of the services, and answers and refusals into JSON. Decides nothing about
// them. Paths that it does not know are not its own.

import type { IncomingMessage, ServerResponse } from "node:http";
import { keepLoggedHeaders } from "../../world/calls/logged-headers.js";
import { ConnectionFaultError } from "../../world/faults/fault.js";
import { internalError, ServiceError, type StatusName } from "../../world/refusals/service-error.js";
import type { EmulatorState } from "../../world/world.js";
import { readBody } from "../http/read-body.js";
import { severAnswer } from "../http/serve-operation.js";
import { type CallFacts, type IncomingCall, runCall } from "../road/run-call.js";
import { encodeStatus } from "../road/status-message.js";
import { formatErrorBody, httpStatusOf } from "./error-body.js";
import { chooseRoute, matchRoutes, type RouteMatch } from "./rest-routes.js";
import { readSystemParameters, requireKnownForm, type SystemParameters } from "./system-parameters.js";

const MAX_BODY_BYTES = 6 * 1024 * 1024; // a message of gRPC's limit, in base64

/** What becomes of a request to the REST face. */
export type RestOutcome = "answered" | "unknown path" | "body too large";

const CONTENT_TYPE = "application/json; charset=UTF-8";

function formatJson(document: unknown, { isPretty }: SystemParameters): string {
  return isPretty ? `${JSON.stringify(document, undefined, 2)}\n` : JSON.stringify(document);
}

// In the form that was asked for. That errors are google.rpc.Status in protobuf, too, is inferred.
function formatRefusal(refusal: ServiceError, parameters: SystemParameters): string | Buffer {
  if (parameters.alt === "proto") return encodeStatus(refusal);
  return formatJson(formatErrorBody(refusal, parameters.errorFormat), parameters);
}

function send(response: ServerResponse, status: number, body: string | Buffer, contentType: string): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "cache-control": "private",
    vary: "Origin, X-Origin, Referer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "x-xss-protection": "0",
    ...(status === 401 ? { "www-authenticate": 'Bearer realm="https://accounts.google.com/"' } : {}),
  });
  response.end(body);
}

function readFacts(request: IncomingMessage): CallFacts {
  const { headers } = request;
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
  return { transport: "rest", metadata, ...Object.fromEntries(present) };
}

// node:http joins or drops repeated headers; the raw ones are all there.
function readAuthorization(request: IncomingMessage, accessToken: string | undefined): string[] {
  const values: string[] = [];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    if (request.rawHeaders[index]?.toLowerCase() === "authorization") values.push(request.rawHeaders[index + 1] ?? "");
  }
  return values.length === 0 && accessToken !== undefined ? [`Bearer ${accessToken}`] : values;
}

async function runRoute(
  state: EmulatorState,
  { route, variables }: RouteMatch,
  parameters: SystemParameters,
  body: string,
  exchange: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    setContentType(contentType: string): void;
  },
): Promise<string | Buffer> {
  const { request, response } = exchange;
  const gone = new AbortController();
  // Every response is closed, most of them after their end: then nobody waits, and an abort costs as much as the rest of the call.
  response.once("close", () => response.writableFinished || gone.abort());
  const incoming: IncomingCall = {
    authorization: readAuthorization(request, parameters.accessToken),
    facts: readFacts(request),
    decode() {
      requireKnownForm(parameters, route.encode !== undefined);
      return route.read({ body, variables, query: parameters.rest }, parameters);
    },
    abandonedAs: (): StatusName | undefined => (response.destroyed ? "CANCELLED" : undefined),
    strikable: {
      requestBytes: Buffer.from(`${request.method} ${request.url} ${body}`),
      abandoned: gone.signal,
      setContentType: exchange.setContentType,
    },
  };
  const answer = await runCall(state, route.bound, incoming);
  if (parameters.alt === "proto" && route.encode !== undefined) return route.encode(answer);
  return formatJson(route.write(answer, parameters), parameters);
}

/**
 * Answers a request, if its path is one of the REST face.
 *
 * @returns what became of it; anything but `answered` is for the caller to answer
 */
export async function answerRest(
  state: EmulatorState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<RestOutcome> {
  const url = /^([^?#]*)(?:\?([^#]*))?/.exec(request.url ?? "");
  const matches = matchRoutes(request.method ?? "", url?.[1] ?? "");
  if (matches.length === 0) return "unknown path";
  const parameters = readSystemParameters(new URLSearchParams(url?.[2] ?? ""));
  const bytes = await readBody(request, MAX_BODY_BYTES);
  if (bytes === undefined) return "body too large";
  const body = bytes.toString("utf8");
  const match = chooseRoute(matches, request.headers.host ?? "", body);
  if (match === undefined) return "unknown path";
  let contentType = parameters.alt === "proto" ? "application/x-protobuf" : CONTENT_TYPE;
  const setContentType = (given: string) => {
    contentType = given;
  };
  try {
    const answer = await runRoute(state, match, parameters, body, { request, response, setContentType });
    send(response, 200, answer, contentType);
  } catch (error) {
    if (error instanceof ConnectionFaultError) {
      severAnswer(request, response, { code: 200, contentType, body: '{\n  "' }, error);
      return "answered";
    }
    const refusal = error instanceof ServiceError ? error : internalError();
    send(response, httpStatusOf(refusal), formatRefusal(refusal, parameters), contentType);
  }
  return "answered";
}
