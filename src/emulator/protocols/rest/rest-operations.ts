// SPDX-License-Identifier: Apache-2.0
// The REST API: turns the services' methods into HTTP operations, with answers and refusals in JSON. Decides nothing about them.
// Loaded with the first request to it.

import type { ServiceError } from "../../world/refusals/service-error.js";
import {
  type HttpOperation,
  httpOperation,
  type IncomingRequest,
  type OutgoingAnswer,
} from "../http/http-operation.js";
import { httpStatusOf } from "../http/http-status.js";
import type { OperationRow } from "../http/operation-table.js";
import { type ApiCall, type ApiWorld, apiOperation } from "../road/api-operation.js";
import type { Caller } from "../road/authenticate.js";
import { encodeStatus } from "../road/status-message.js";
import { formatErrorBody } from "./error-body.js";
import { openRoutes, type Route } from "./rest-routes.js";
import { checkKnownForm, readSystemParameters, type SystemParameters } from "./system-parameters.js";

const MAX_BODY_BYTES = 6 * 1024 * 1024; // a message of gRPC's limit, in base64

const HEADERS = {
  "cache-control": "private",
  vary: "Origin, X-Origin, Referer",
  "x-frame-options": "SAMEORIGIN",
  "x-xss-protection": "0",
} as const;

function formatJson(document: unknown, { isPretty }: SystemParameters): string {
  return isPretty ? `${JSON.stringify(document, undefined, 2)}\n` : JSON.stringify(document);
}

function contentTypeOf({ alt }: SystemParameters): string {
  return alt === "proto" ? "application/x-protobuf" : "application/json; charset=UTF-8";
}

// In the requested form. That errors are google.rpc.Status in protobuf, too, is inferred.
function refuse(refusal: ServiceError, { query }: IncomingRequest): OutgoingAnswer {
  const parameters = readSystemParameters(query);
  const code = httpStatusOf(refusal);
  return {
    code,
    contentType: contentTypeOf(parameters),
    body:
      parameters.alt === "proto"
        ? encodeStatus(refusal)
        : formatJson(formatErrorBody(refusal, parameters.errorFormat), parameters),
    ...(code === 401 ? { headers: { "www-authenticate": 'Bearer realm="https://accounts.google.com/"' } } : {}),
  };
}

// The parts of a request that are read once.
interface RestCall extends ApiCall {
  readonly parameters: SystemParameters;
}

function readCall({ authorization, thumbprint, query, body, variables }: IncomingRequest, route: Route): RestCall {
  const parameters = readSystemParameters(query);
  const { accessToken } = parameters;
  return {
    parameters,
    thumbprint,
    authorization: authorization.length === 0 && accessToken !== undefined ? [`Bearer ${accessToken}`] : authorization,
    decode() {
      checkKnownForm(parameters, route.encode !== undefined);
      return route.read({ body: body.toString("utf8"), variables, query: parameters.rest }, parameters);
    },
  };
}

function writeAnswer(answer: unknown, parameters: SystemParameters, route: Route): OutgoingAnswer {
  const body =
    parameters.alt === "proto" && route.encode !== undefined
      ? route.encode(answer)
      : formatJson(route.write(answer, parameters), parameters);
  return { code: 200, contentType: contentTypeOf(parameters), body };
}

function restOperation(world: ApiWorld, route: Route): HttpOperation {
  const { name, fullName, service, identify, run } = apiOperation(world, route.bound);
  return httpOperation<{ readonly call: RestCall; readonly caller: Caller }>({
    name,
    ...(fullName === undefined ? {} : { fullName }),
    service,
    transport: "rest",
    maxBodyBytes: MAX_BODY_BYTES,
    headers: HEADERS,
    isFor: ({ headers, body }) => route.isFor(headers.host ?? "", body),
    async identify(request, notes) {
      const call = readCall(request, route);
      return { call, caller: await identify(call, notes) };
    },
    run: async (_request, { call, caller }, notes) =>
      writeAnswer(await run(call, caller, notes), call.parameters, route),
    refuse,
  });
}

/** The paths of the REST API. */
export function restRows(world: ApiWorld): OperationRow[] {
  return openRoutes().map((route) => [route.verb, route.path, restOperation(world, route)]);
}
