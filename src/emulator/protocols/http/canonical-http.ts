// SPDX-License-Identifier: Apache-2.0
// Says which canonical code an HTTP status code comes closest to, for the log. Source: google/rpc/code.proto.

import type { StatusName } from "../../world/refusals/service-error.js";

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

/** The canonical code that an HTTP status code comes closest to. */
export function statusOfHttpCode(code: number): StatusName {
  if (code < 400) return "OK";
  return statuses[code] ?? (code < 500 ? "FAILED_PRECONDITION" : "INTERNAL");
}
