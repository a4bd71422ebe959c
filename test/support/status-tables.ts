// SPDX-License-Identifier: Apache-2.0
// The statuses of gRPC as servers of tests write them over HTTP. Shares no code with what it tests.

/** The HTTP code of each status. Source: google/rpc/code.proto. */
export const HTTP_CODES: readonly number[] = [
  200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
];
/** The names of the statuses, by number. Source: google/rpc/code.proto. */
export const STATUS_NAMES: readonly string[] =
  "OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED".split(
    " ",
  );
