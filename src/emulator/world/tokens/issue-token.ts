// SPDX-License-Identifier: Apache-2.0
// Makes the tokens that the OAuth endpoints and the metadata server give out. Does not decide who gets one.

import { signCompactJws } from "../keys/signed-jwt.js";
import type { EmulatorState } from "../world.js";
import { subjectOf } from "./subject.js";

const LIFETIME_SECONDS = 3600;

/** Who signs Google's ID tokens. */
export const GOOGLE_ISSUER = "https://accounts.google.com";

/** An access token and how long it still lives. */
export interface IssuedToken {
  /** The bearer. Required. */
  readonly accessToken: string;
  /** Seconds: 3,599, since by the time it arrives the hour has begun. Required. */
  readonly expiresIn: number;
  /** When it ends, in milliseconds since the epoch. Required. */
  readonly expiresAt: number;
}

/**
 * Makes an access token that lives for an hour.
 *
 * @param grantId the refresh token's grant that it comes from: revoked together. Default: none
 */
export function issueAccessToken(
  state: EmulatorState,
  principal: string,
  scopes: readonly string[],
  grantId?: string,
): IssuedToken {
  const expiresAt = state.now() + LIFETIME_SECONDS * 1000;
  const facts = { principal, scopes, expiresAt };
  const accessToken = state.tokens.seal(grantId === undefined ? facts : { ...facts, grantId });
  return { accessToken, expiresIn: LIFETIME_SECONDS - 1, expiresAt };
}

/**
 * Makes an ID token of Google's that lives for an hour, with the principal's e-mail.
 *
 * @param claims more claims, or others. Default: none
 */
export async function issueIdToken(
  state: EmulatorState,
  principal: string,
  audience: string,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { sub, email } = subjectOf(state, principal);
  const iat = Math.floor(state.now() / 1000);
  const all = {
    aud: audience,
    azp: email ?? sub,
    ...(email === undefined ? {} : { email, email_verified: true }),
    exp: iat + LIFETIME_SECONDS,
    iat,
    iss: GOOGLE_ISSUER,
    sub,
    ...claims,
  };
  return signCompactJws(JSON.stringify(all), await state.googleKeys.signingKey());
}
