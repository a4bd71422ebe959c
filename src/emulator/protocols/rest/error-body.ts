// SPDX-License-Identifier: Apache-2.0
// Decides what the JSON body of a refusal says, in both formats. Knows no methods.

import type { StatusName } from "../../../base/causes/status.js";
import { InjectedError } from "../../world/faults/fault.js";
import type { ServiceError } from "../../world/refusals/service-error.js";
import { httpStatusOf } from "../http/http-status.js";

/** The format of errors, chosen by the parameter `$.xgafv`: `1` has `errors`, `2` has `details`. */
export type ErrorFormat = "1" | "2";

// What format 1 calls the reason.
const reasons: Readonly<Record<StatusName, string>> = {
  OK: "",
  CANCELLED: "cancelled",
  UNKNOWN: "backendError",
  INVALID_ARGUMENT: "badRequest",
  DEADLINE_EXCEEDED: "deadlineExceeded",
  NOT_FOUND: "notFound",
  ALREADY_EXISTS: "alreadyExists",
  PERMISSION_DENIED: "forbidden",
  RESOURCE_EXHAUSTED: "rateLimitExceeded",
  FAILED_PRECONDITION: "failedPrecondition",
  ABORTED: "aborted",
  OUT_OF_RANGE: "badRequest",
  UNIMPLEMENTED: "notImplemented",
  INTERNAL: "backendError",
  UNAVAILABLE: "backendError",
  DATA_LOSS: "backendError",
  UNAUTHENTICATED: "authError",
};

function formatDetails(error: ServiceError): Record<string, unknown>[] {
  const { info, violations, preconditions, links } = error;
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
  if (links.length > 0) details.push({ "@type": "type.googleapis.com/google.rpc.Help", links });
  return details;
}

/** The body of a refusal: `google.rpc.Status` under `error`. What each format contains is inferred from observed bodies. */
export function formatErrorBody(error: ServiceError, format: ErrorFormat): Record<string, unknown> {
  const { message, status } = error;
  const code = httpStatusOf(error);
  if (format === "1") {
    return { error: { code, message, errors: [{ message, domain: "global", reason: reasons[status] }], status } };
  }
  const details = formatDetails(error);
  return { error: { code, message, status, ...(details.length > 0 ? { details } : {}) } };
}
