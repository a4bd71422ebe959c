// SPDX-License-Identifier: Apache-2.0
// Parses a JSON Web Signature in compact form, and checks the claims of a token. Knows no key.
//
// Source: RFC 7515, RFC 7519.

import { VerificationError } from "../base/errors.js";
import { parseJsonObject } from "../base/http/http-message.js";

/** A signed token, parsed but not verified. */
interface CompactJws {
  /** Which key signed, as the token claims. */
  readonly keyId: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What is signed. */
  readonly signingInput: Buffer;
  readonly signature: Buffer;
}

/** What Google signs with: ES256 for Identity-Aware Proxy, RS256 for all else. */
export type JwsAlgorithm = "RS256" | "ES256";

/**
 * Parses a token.
 *
 * @param algorithm the one that it must be signed with
 * @throws VerificationError "format" or "algorithm"; "key" when it names none
 */
export function parseCompactJws(token: string, algorithm: JwsAlgorithm): CompactJws {
  const parts = typeof token === "string" ? token.split(".") : [];
  const [header = "", payload = "", signature = ""] = parts;
  if (parts.length !== 3 || !parts.every((part) => /^[\w-]+$/.test(part))) {
    throw new VerificationError("format", "is not a signed JWT: it must be three parts of base64url");
  }
  // Stray low bits in the last character would allow many spellings of one token.
  if (!parts.every((part) => Buffer.from(part, "base64url").toString("base64url") === part)) {
    throw new VerificationError("format", "is not a signed JWT: a part is not canonical base64url (RFC 4648)");
  }
  const head = parseJsonObject(Buffer.from(header, "base64url").toString("utf8"));
  const claims = parseJsonObject(Buffer.from(payload, "base64url").toString("utf8"));
  if (head === undefined || claims === undefined) {
    throw new VerificationError("format", "is not a JWT: header and claims must be JSON objects");
  }
  // Nothing but what Google signs with; "none" and HMAC with a public key are the classic forgeries.
  if (head["alg"] !== algorithm)
    throw new VerificationError("algorithm", `must be ${algorithm}, which is what Google signs with`);
  if (head["crit"] !== undefined)
    throw new VerificationError("format", "has critical extensions, which are not supported");
  const { kid } = head;
  if (typeof kid !== "string" || kid === "") throw new VerificationError("key", "the header names no key");
  return {
    keyId: kid,
    claims,
    signingInput: Buffer.from(`${header}.${payload}`),
    signature: Buffer.from(signature, "base64url"),
  };
}

/** What the claims must say. */
interface ClaimExpectations {
  /** One of these must be `iss`; `false`: anything. */
  readonly issuers: readonly string[] | false;
  /** One of these must be (in) `aud`; `false`: anything. */
  readonly audiences: readonly string[] | false;
  /** Whether there must be an `exp`; one that is there is checked anyway. */
  readonly requiresExpiry: boolean;
  /** Whether there must be an `iat`; one that is there is checked anyway. */
  readonly requiresIssuedAt: boolean;
  readonly clockSkewSeconds: number;
  readonly nowSeconds: number;
}

/** Checks claims. @throws VerificationError naming the check that fails first */
export function checkClaims(claims: Readonly<Record<string, unknown>>, expected: ClaimExpectations): void {
  const { issuers, audiences, requiresExpiry, requiresIssuedAt, clockSkewSeconds, nowSeconds } = expected;
  const { iss, aud, exp, iat, nbf } = claims;
  if (issuers !== false && !(typeof iss === "string" && issuers.includes(iss))) {
    throw new VerificationError("issuer", `is not ${issuers.join(" or ")}`);
  }
  if (audiences !== false) {
    const given: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
    if (!given.some((each) => typeof each === "string" && audiences.includes(each))) {
      throw new VerificationError("audience", `is not ${audiences.join(" or ")}`);
    }
  }
  if (exp === undefined ? requiresExpiry : typeof exp !== "number") {
    throw new VerificationError("expiry", "is missing, or is not a number");
  }
  if (typeof exp === "number" && exp + clockSkewSeconds <= nowSeconds) {
    throw new VerificationError("expiry", `passed ${Math.ceil(nowSeconds - exp)} s ago`);
  }
  if (requiresIssuedAt && iat === undefined) throw new VerificationError("issuedAt", "iat is missing");
  for (const [name, from] of Object.entries({ iat, nbf })) {
    if (from === undefined) continue;
    if (typeof from !== "number") throw new VerificationError("issuedAt", `${name} is not a number`);
    if (from - clockSkewSeconds > nowSeconds) {
      throw new VerificationError("issuedAt", `${name} is ${Math.ceil(from - nowSeconds)} s in the future`);
    }
  }
}
