// SPDX-License-Identifier: Apache-2.0
// Decides how long an access token lives. Does not know whose it is.

import type { Duration } from "../../../../generated/google/protobuf/duration.js";
import { invalidArgument, lifetimeTooLong } from "../../world/refusals/service-error.js";

const DEFAULT_SECONDS = 3600;
const LIMIT_SECONDS = 3600;
const EXTENDED_LIMIT_SECONDS = 43_200; // constraints/iam.allowServiceAccountCredentialLifetimeExtension
const MAX_DURATION_SECONDS = 315_576_000_000; // google/protobuf/duration.proto
const MAX_NANOS = 999_999_999;

/**
 * Reads a request's lifetime.
 *
 * @returns seconds, with a fraction; 3,600 when the field is not set
 * @throws ServiceError INVALID_ARGUMENT when it is not a valid Duration, or not above zero
 */
export function readLifetimeSeconds(lifetime: Duration | undefined): number {
  if (lifetime === undefined) return DEFAULT_SECONDS;
  const seconds = Number(lifetime.seconds);
  const { nanos } = lifetime;
  const isValid = Math.abs(seconds) <= MAX_DURATION_SECONDS && Math.abs(nanos) <= MAX_NANOS && seconds * nanos >= 0;
  const total = seconds + nanos / 1e9;
  if (!isValid || total <= 0) throw invalidArgument();
  return total;
}

/**
 * Checks a lifetime against the account's limit.
 *
 * @param isExtended whether the organization policy extends the limit from one hour to twelve
 * @throws ServiceError INVALID_ARGUMENT when it is over the limit
 */
export function checkLifetimeWithin(lifetimeSeconds: number, isExtended: boolean): void {
  const limit = isExtended ? EXTENDED_LIMIT_SECONDS : LIMIT_SECONDS;
  if (lifetimeSeconds > limit) throw lifetimeTooLong(limit);
}
