// SPDX-License-Identifier: Apache-2.0
// Makes the tokens that the OAuth endpoints and the metadata server give out. Does not decide who gets one.

import type { AccountBook } from "../accounts/account-book.js";
import type { KeyRing } from "../keys/key-ring.js";
import { signCompactJws } from "../keys/signed-jwt.js";
import { subjectOf } from "./subject.js";
import type { TokenMint } from "./token-mint.js";

const LIFETIME_SECONDS = 3600;

/** The issuer of Google's ID tokens. */
export const GOOGLE_ISSUER = "https://accounts.google.com";

/** What makes tokens. */
interface TokenIssuer {
  /** The clock, in milliseconds since the epoch. Required. */
  readonly now: () => number;
  /** Makes access tokens. Required. */
  readonly tokens: TokenMint;
  /** The keys that sign ID tokens. Required. */
  readonly googleKeys: KeyRing;
  /** The accounts, whose unique ids ID tokens name. Required. */
  readonly accounts: AccountBook;
}

/** An access token and how long it still lives. */
interface IssuedToken {
  /** The bearer token. Required. */
  readonly accessToken: string;
  /** Seconds: 3,599, since some of the hour has passed by the time it arrives. Required. */
  readonly expiresIn: number;
  /** When it ends, in milliseconds since the epoch. Required. */
  readonly expiresAt: number;
}

/** What an access token says. */
interface AccessTokenContents {
  /** Whose it is, as a member. */
  readonly principal: string;
  readonly scopes: readonly string[];
  /** The refresh token's grant that it comes from: revoked together. Default: none. */
  readonly grantId?: string | undefined;
  /** The digest of the certificate that it is bound to. Default: none. */
  readonly boundTo?: string | undefined;
}

/** Makes an access token that lives for an hour. */
export function issueAccessToken(issuer: TokenIssuer, contents: AccessTokenContents): IssuedToken {
  const expiresAt = issuer.now() + LIFETIME_SECONDS * 1000;
  const accessToken = issuer.tokens.seal({ ...contents, expiresAt });
  return { accessToken, expiresIn: LIFETIME_SECONDS - 1, expiresAt };
}

/**
 * Makes an ID token of Google's that lives for an hour, with the principal's e-mail.
 *
 * @param claims claims to add or replace. Default: none
 */
export async function issueIdToken(
  issuer: TokenIssuer,
  principal: string,
  audience: string,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { sub, email } = subjectOf(issuer, principal);
  const iat = Math.floor(issuer.now() / 1000);
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
  return signCompactJws(JSON.stringify(all), await issuer.googleKeys.signingKey());
}
