// SPDX-License-Identifier: Apache-2.0
// Turns canonical codes into HTTP status codes and back. Source: google/rpc/code.proto.

import type { StatusName } from "../../../base/causes/status.js";
import type { ServiceError } from "../../world/refusals/service-error.js";

const statuses: Readonly<Record<number, StatusName>> = {
  400: "INVALID_ARGUMENT", // the first of three
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  405: "UNIMPLEMENTED",
  409: "ABORTED",
  413: "OUT_OF_RANGE",
  429: "RESOURCE_EXHAUSTED",
  499: "CANCELLED",
  501: "UNIMPLEMENTED",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

/** The canonical code closest to an HTTP status code. */
export function statusOfHttpCode(code: number): StatusName {
  if (code < 400) return "OK";
  return statuses[code] ?? (code < 500 ? "FAILED_PRECONDITION" : "INTERNAL");
}

const httpCodes: Readonly<Record<StatusName, number>> = {
  OK: 200,
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

/** The HTTP status code of a refusal. */
export function httpStatusOf({ status }: Pick<ServiceError, "status">): number {
  return httpCodes[status];
}
