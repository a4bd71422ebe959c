// SPDX-License-Identifier: Apache-2.0
// When an ID token ends, read from the token itself, unverified: it came from its issuer just now. Proves nothing.

import type { Clock } from "../../base/clock.js";
import { CredentialsError } from "../../base/errors.js";
import { parseJsonObject } from "../../base/http/http-message.js";
import { type IssuedToken, lifetimeFromExpiry } from "./token-cache.js";

/** Google's ID tokens live for an hour. */
const LONGEST_SECONDS = 3600;

/**
 * An ID token with its end.
 *
 * @throws CredentialsError when it is not a JWT with an expiry; the message does not quote it
 */
export function issuedIdToken(value: string, clock: Clock): IssuedToken {
  const claims = parseJsonObject(Buffer.from(value.split(".")[1] ?? "", "base64url").toString("utf8"));
  const { iat, exp } = claims ?? {};
  if (typeof exp !== "number" || !Number.isFinite(exp)) {
    throw new CredentialsError("the ID token in the response is not a JWT with an expiry");
  }
  const grantedSeconds = typeof iat === "number" && exp > iat ? exp - iat : LONGEST_SECONDS;
  return { value, expiresAt: exp * 1000, lifetimeMs: lifetimeFromExpiry(exp * 1000, grantedSeconds * 1000, clock) };
}
