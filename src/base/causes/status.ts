// SPDX-License-Identifier: Apache-2.0
// The canonical gRPC status codes: names and numbers, not how to handle them.

/**
 * The canonical status codes by name.
 *
 * Source: google/rpc/code.proto.
 */
export const Status = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** The name of a canonical status code, such as `"PERMISSION_DENIED"`. */
export type StatusName = keyof typeof Status;

/** By code: they are 0 to 16, in this order. */
const NAMES = Object.keys(Status) as StatusName[]; // as: Object.keys widens keys to string

/**
 * The name of a status code; `"UNKNOWN"` for a number outside the canonical set, as the gRPC specification asks of clients.
 */
export function statusName(code: number): StatusName {
  return NAMES[code] ?? "UNKNOWN";
}

/** Whether a value is the name of a canonical status code. */
export function isStatusName(value: unknown): value is StatusName {
  return typeof value === "string" && Object.hasOwn(Status, value);
}
