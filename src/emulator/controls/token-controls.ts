// SPDX-License-Identifier: Apache-2.0
// Issues tokens for test code, and says whose a token is and whether it is accepted. Logs none.

import { oneOf, text } from "../../base/options/checks.js";
import { declare, type GivenOf, optional, required, settle } from "../../base/options/declaration.js";
import { memberOf } from "../world/accounts/account-book.js";
import { isSignedBy, parseJsonObject, parseSignedJwt } from "../world/keys/signed-jwt.js";
import { MEMBER } from "../world/names/name-checks.js";
import { OWNER } from "../world/policy/permissions.js";
import { refuseOption } from "../world/refusals/refuse-option.js";
import { GOOGLE_ISSUER, issueIdToken } from "../world/tokens/issue-token.js";
import { isInForce } from "../world/tokens/token-force.js";
import { TOKEN_OPTIONS } from "../world/tokens/token-options.js";
import type { World } from "../world/world.js";

/** The token to issue. */
export const TOKEN_REQUEST = declare({
  unknown: "is not a field of a token",
  fields: {
    /** Whose: `user:{email}`, `serviceAccount:{email}` or `principal://{identity}`. Required. */
    principal: required(MEMBER),
    /** An access token or an ID token. Default: `access`. */
    kind: optional(oneOf(["access", "id"]), "access"),
    /** What an access token may be used for. Default: cloud-platform. */
    scopes: optional(TOKEN_OPTIONS.fields.scopes.check),
    /** How long an access token is valid, in seconds of the emulator's clock; an ID token is valid for an hour. Default: 3,600. */
    lifetime: optional(TOKEN_OPTIONS.fields.lifetime.check),
    /** The audience of an ID token. Required for one. */
    audience: optional(text({ pattern: /^[\x21-\x7e]+$/, maxLength: 1024, expected: "printable text without spaces" })),
  },
  rule({ kind, scopes, lifetime, audience }) {
    if (kind === "access" && audience !== undefined) return { path: "audience", text: 'needs the kind "id"' };
    if (kind === "id" && audience === undefined) return { path: "audience", text: "is missing" };
    if (kind === "id" && scopes !== undefined) return { path: "scopes", text: 'needs the kind "access"' };
    return kind === "id" && lifetime !== undefined ? { path: "lifetime", text: 'needs the kind "access"' } : undefined;
  },
});

/** The token to issue. */
export interface EmulatorTokenRequest extends GivenOf<typeof TOKEN_REQUEST.fields> {}

/** A token that was made. */
export interface EmulatorToken {
  /** The token. */
  readonly token: string;
  /** When it expires, by the emulator's clock. */
  readonly expiresAt: Date;
}

/** What is known about a token. */
export interface EmulatorTokenDescription {
  /**
   * What it is: an access token, an ID token, another JWT, a user's refresh token, the bearer `owner`, or nothing that the emulator
   * knows.
   */
  readonly kind: "access" | "id" | "jwt" | "refresh" | "owner" | "unknown";
  /** Whether it is valid now. */
  readonly valid: boolean;
  /** Whether it was revoked. */
  readonly revoked: boolean;
  /** Why it is not valid. Absent when it is. */
  readonly reason?: string;
  /** The principal, as far as known or claimed. Absent when it names none. */
  readonly principal?: string;
  /** Its scopes. Absent when it has none. */
  readonly scopes?: readonly string[];
  /** Its audience. Absent when it has none. */
  readonly audience?: string;
  /** When it expires. Absent when it does not. */
  readonly expiresAt?: Date;
  /** The header of a JWT. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** The claims of a JWT. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Which of the emulator's keys signed a JWT. Absent when none did. */
  readonly verified?: { readonly keyId: string };
}

/** Makes an access token. */
export function mintAccessToken(
  { now, tokens }: Pick<World, "now" | "tokens">,
  principal: string,
  { scopes, lifetime } = settle(TOKEN_OPTIONS, {}, { refuse: refuseOption }),
): { readonly token: string; readonly expiresAt: number } {
  const expiresAt = now() + lifetime * 1000;
  return { token: tokens.seal({ principal, scopes, expiresAt }), expiresAt };
}

/**
 * Makes a token.
 *
 * @throws TypeError naming the field that is wrong
 */
export async function createToken(world: World, request: EmulatorTokenRequest): Promise<EmulatorToken> {
  const settled = settle(TOKEN_REQUEST, request, { refuse: refuseOption });
  const { principal, kind, scopes, lifetime, audience = "" } = settled;
  if (kind === "id") {
    const token = await world.work.track(issueIdToken(world, principal, audience));
    return { token, expiresAt: new Date((Math.floor(world.now() / 1000) + 3600) * 1000) };
  }
  const options = settle(TOKEN_OPTIONS, { scopes, lifetime }, { refuse: refuseOption });
  const { token, expiresAt } = mintAccessToken(world, principal, options);
  return { token, expiresAt: new Date(expiresAt) };
}

function reasonOf(wrong: Readonly<Record<string, boolean>>): { readonly valid: boolean; readonly reason?: string } {
  const reason = Object.entries(wrong).find(([, is]) => is)?.[0];
  return reason === undefined ? { valid: true } : { valid: false, reason };
}

const REVOKED = "It was revoked.";
const EXPIRED = "It has expired.";

function inspectAccessToken(world: World, token: string): EmulatorTokenDescription | undefined {
  const facts = world.tokens.open(token);
  if (facts === undefined) return undefined;
  const { principal, scopes, expiresAt, grantId } = facts;
  const revoked = world.logins.isRevoked(token, grantId);
  const verdict = reasonOf({
    [REVOKED]: revoked,
    [EXPIRED]: expiresAt <= world.now(),
    "Its service account is disabled or deleted.": !isInForce(world, facts),
  });
  return { kind: "access", ...verdict, revoked, principal, scopes, expiresAt: new Date(expiresAt) };
}

function inspectRefreshToken({ logins }: World, token: string): EmulatorTokenDescription | undefined {
  const entry = logins.findRefreshToken(token);
  if (entry !== undefined) {
    const { user, scopes } = entry;
    return { kind: "refresh", valid: true, revoked: false, principal: `user:${user}`, scopes };
  }
  if (!/^1\/\/[\w-]+$/.test(token) || !logins.isRevoked(token)) return undefined;
  return { kind: "refresh", valid: false, revoked: true, reason: REVOKED };
}

function decodePart(part: string | undefined): Record<string, unknown> | undefined {
  return part === undefined ? undefined : parseJsonObject(Buffer.from(part, "base64url").toString("utf8"));
}

// Whose key it is: Google's, an account's, or the emulator's identity provider's.
async function findKey(world: World, keyId: string | undefined, issuer: unknown) {
  if (keyId === undefined) return undefined;
  const account = typeof issuer === "string" ? world.accounts.find(issuer) : undefined;
  for (const keys of [world.googleKeys, world.logins.idpKeys, ...(account === undefined ? [] : [account.keys])]) {
    const key = await keys.findPublishedKey(keyId);
    if (key !== undefined) return key;
  }
  return undefined;
}

function principalOf(world: World, { iss, email, sub }: Readonly<Record<string, unknown>>): string | undefined {
  const named = [email, sub, iss].find((each) => typeof each === "string" && each.includes("@"));
  const account = [email, sub, iss].flatMap((each) => world.accounts.find(String(each)) ?? [])[0];
  if (account !== undefined) return memberOf(account);
  if (typeof named !== "string") return undefined;
  return named.endsWith(".gserviceaccount.com") ? `serviceAccount:${named}` : `user:${named}`;
}

async function inspectJwt(world: World, token: string): Promise<EmulatorTokenDescription | undefined> {
  const parts = token.split(".");
  const [header, claims] = [decodePart(parts[0]), decodePart(parts[1])];
  if (parts.length !== 3 || header === undefined || claims === undefined) return undefined;
  const jws = parseSignedJwt(token);
  const key = await findKey(world, jws?.keyId, claims["iss"]);
  const isSigned = jws !== undefined && key !== undefined && (await isSignedBy(jws, key.publicKey));
  const { exp, aud, scope, iss } = claims;
  const principal = principalOf(world, claims);
  const revoked = world.logins.isRevoked(token);
  const verdict = reasonOf({
    "It was not signed by a key of the emulator.": !isSigned,
    [REVOKED]: revoked,
    [EXPIRED]: typeof exp === "number" && exp <= world.now() / 1000,
  });
  return {
    kind: iss === GOOGLE_ISSUER ? "id" : "jwt",
    ...verdict,
    revoked,
    ...(principal === undefined ? {} : { principal }),
    ...(typeof scope === "string" ? { scopes: scope.split(" ") } : {}),
    ...(typeof aud === "string" ? { audience: aud } : {}),
    ...(typeof exp === "number" && Math.abs(exp) < 8e12 ? { expiresAt: new Date(exp * 1000) } : {}),
    header,
    claims,
    ...(isSigned ? { verified: { keyId: key.keyId } } : {}),
  };
}

/**
 * Says what a token is and whether it is valid. Nothing of it is logged.
 *
 * @throws TypeError when it is not a string
 */
export async function inspectToken(world: World, token: string): Promise<EmulatorTokenDescription> {
  if (typeof token !== "string" || token === "") throw new TypeError("token must be a non-empty string");
  if (token === OWNER) {
    const verdict = reasonOf({ "The option owner: false excludes it.": !world.settings.owner });
    return { kind: "owner", ...verdict, revoked: false, principal: OWNER };
  }
  const found = inspectAccessToken(world, token) ?? inspectRefreshToken(world, token);
  return (
    found ??
    (await inspectJwt(world, token)) ?? {
      kind: "unknown",
      valid: false,
      revoked: false,
      reason: "It is neither a token of this emulator nor a JWT.",
    }
  );
}
