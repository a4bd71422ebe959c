// SPDX-License-Identifier: Apache-2.0
// Decides which HTTP status a refusal has and what its JSON body says, in both formats. Knows no methods.

import { InjectedError } from "../../world/faults/fault.js";
import type { ServiceError, StatusName } from "../../world/refusals/service-error.js";

/** The format of errors, what the parameter `$.xgafv` chooses: `1` has `errors`, `2` has `details`. */
export type ErrorFormat = "1" | "2";

// google/rpc/code.proto, beside what format 1 calls the reason.
const httpStatus: Readonly<Record<StatusName, readonly [number, string]>> = {
  OK: [200, ""],
  CANCELLED: [499, "cancelled"],
  UNKNOWN: [500, "backendError"],
  INVALID_ARGUMENT: [400, "badRequest"],
  DEADLINE_EXCEEDED: [504, "deadlineExceeded"],
  NOT_FOUND: [404, "notFound"],
  ALREADY_EXISTS: [409, "alreadyExists"],
  PERMISSION_DENIED: [403, "forbidden"],
  RESOURCE_EXHAUSTED: [429, "rateLimitExceeded"],
  FAILED_PRECONDITION: [400, "failedPrecondition"],
  ABORTED: [409, "aborted"],
  OUT_OF_RANGE: [400, "badRequest"],
  UNIMPLEMENTED: [501, "notImplemented"],
  INTERNAL: [500, "backendError"],
  UNAVAILABLE: [503, "backendError"],
  DATA_LOSS: [500, "backendError"],
  UNAUTHENTICATED: [401, "authError"],
};

/** The HTTP status of a refusal. */
export function httpStatusOf(error: ServiceError): number {
  return httpStatus[error.status][0];
}

function formatDetails(error: ServiceError): Record<string, unknown>[] {
  const { info, violations, preconditions } = error;
  const details: Record<string, unknown>[] = error instanceof InjectedError ? [...error.details] : [];
  if (info !== undefined) {
    const { reason, domain, metadata } = info;
    details.push({ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain, metadata });
  }
  if (violations.length > 0) {
    const fieldViolations = violations.map(({ field, description }) =>
      field === "" ? { description } : { field, description },
    );
    details.push({ "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations });
  }
  if (preconditions.length > 0) {
    details.push({ "@type": "type.googleapis.com/google.rpc.PreconditionFailure", violations: preconditions });
  }
  return details;
}

/** The body of a refusal: `google.rpc.Status` under `error`. Which format has what is inferred from bodies that were seen. */
export function formatErrorBody(error: ServiceError, format: ErrorFormat): Record<string, unknown> {
  const [code, reason] = httpStatus[error.status];
  const { message, status } = error;
  if (format === "1") {
    return { error: { code, message, errors: [{ message, domain: "global", reason }], status } };
  }
  const details = formatDetails(error);
  return { error: { code, message, status, ...(details.length > 0 ? { details } : {}) } };
}
