// SPDX-License-Identifier: Apache-2.0
// Common faults, the most frequent first. Knows no form.

import type { Fault } from "../link/records.js";

const errorInfo = (reason: string) => ({
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason,
  domain: "googleapis.com",
});

/** The faults that can be chosen by name. */
export const faultPresets: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  [
    "Permission denied",
    {
      status: {
        code: "PERMISSION_DENIED",
        message: "Permission denied on resource (or it may not exist).",
        details: [errorInfo("IAM_PERMISSION_DENIED")],
      },
    },
  ],
  [
    "API disabled",
    {
      status: {
        code: "PERMISSION_DENIED",
        message: "IAM Service Account Credentials API has not been used in this project before or it is disabled.",
        details: [errorInfo("SERVICE_DISABLED")],
      },
    },
  ],
  [
    "Token expired",
    {
      status: {
        code: "UNAUTHENTICATED",
        message: "Request had invalid authentication credentials.",
        details: [errorInfo("ACCESS_TOKEN_EXPIRED")],
      },
    },
  ],
  [
    "Insufficient scopes",
    {
      status: {
        code: "PERMISSION_DENIED",
        message: "Request had insufficient authentication scopes.",
        details: [errorInfo("ACCESS_TOKEN_SCOPE_INSUFFICIENT")],
      },
    },
  ],
  [
    "Quota exceeded",
    {
      status: {
        code: "RESOURCE_EXHAUSTED",
        message: "Quota exceeded for quota metric 'Generate credentials requests'.",
        details: [errorInfo("RATE_LIMIT_EXCEEDED")],
      },
    },
  ],
  ["Invalid argument", { status: { code: "INVALID_ARGUMENT", message: "Request contains an invalid argument." } }],
  [
    "Unavailable, first two attempts",
    { times: 2, status: { code: "UNAVAILABLE", message: "The service is currently unavailable." } },
  ],
  ["Internal error, once", { times: 1, status: { code: "INTERNAL", message: "Internal error encountered." } }],
  ["Delayed by three seconds", { delayMs: 3000 }],
  ["No response at all", { connection: "hang" }],
  ["Connection reset, once", { times: 1, connection: "reset" }],
  ["Response cut off", { connection: "truncate" }],
]);

/** The `reason` that a fault's refusal has; undefined without one. */
export function reasonOf({ status }: Fault): string | undefined {
  const detail = status?.details?.find((each) => "reason" in each);
  return detail !== undefined && "reason" in detail ? String(detail.reason) : undefined;
}

/** What a fault does, in words. */
export function describeFault(fault: Fault): string {
  const { status, delayMs, connection, contentType } = fault;
  const reason = reasonOf(fault);
  const ends = [
    ...(delayMs === undefined ? [] : [`waits ${delayMs} ms`]),
    ...(status === undefined ? [] : [`responds with ${status.code}${reason === undefined ? "" : ` (${reason})`}`]),
    ...(connection === undefined ? [] : [`connection: ${connection}`]),
    ...(contentType === undefined ? [] : [`content type ${contentType}`]),
  ];
  return ends.join(", then ");
}

/** The details of a refusal with that reason. */
export function detailsOf(reason: string): readonly object[] {
  return reason === "" ? [] : [errorInfo(reason)];
}
