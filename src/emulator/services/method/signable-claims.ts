// SPDX-License-Identifier: Apache-2.0
// Decides which claims a service signs. Signs nothing.

import { parseJsonObject } from "../../world/keys/signed-jwt.js";
import { invalidArgument } from "../../world/refusals/service-error.js";

const MAX_JWT_AHEAD_SECONDS = 43_200;

/**
 * Checks the claims that a method is asked to sign.
 *
 * @throws ServiceError INVALID_ARGUMENT when they are not a JSON object, or their exp is not an integer, is past, or is too far ahead
 */
export function checkSignableClaims(payload: string, nowSeconds: number): void {
  const claims = parseJsonObject(payload);
  if (claims === undefined) throw invalidArgument();
  if (!Object.hasOwn(claims, "exp")) return;
  const { exp } = claims;
  const isSignable = Number.isInteger(exp) && Number(exp) > nowSeconds;
  if (!isSignable || Number(exp) > nowSeconds + MAX_JWT_AHEAD_SECONDS) throw invalidArgument();
}
