// SPDX-License-Identifier: Apache-2.0
// Writes and reads JSON Web Signatures in compact form, RS256 only (RFC 7515, RFC 7518 section 3.3). Does not judge claims.

import { type KeyObject, sign, verify } from "node:crypto";
import { promisify } from "node:util";
import type { SigningKey } from "./key-pair.js";

const signAsync = promisify<string, Buffer, KeyObject, Buffer>(sign);
const verifyAsync = promisify<string, Buffer, KeyObject, Buffer, boolean>(verify);

/** A parsed token whose signature has not been checked yet. */
export interface ParsedJws {
  /** The id of the key that it claims to be signed with. Required. */
  readonly keyId: string;
  /** The claims set. Required. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** What was signed. Required. */
  readonly signingInput: Buffer;
  /** The signature. Required. */
  readonly signature: Buffer;
}

/** RSASSA-PKCS1-v1_5 with SHA-256, on the thread pool. */
export function signBytes(bytes: Buffer, key: SigningKey): Promise<Buffer> {
  return signAsync("sha256", bytes, key.privateKey);
}

/**
 * Signs a payload as it stands, byte for byte.
 *
 * @returns the compact form, header `{ alg, kid, typ }`
 */
export async function signCompactJws(payload: string, key: SigningKey): Promise<string> {
  const header = JSON.stringify({ alg: "RS256", kid: key.keyId, typ: "JWT" });
  const encode = (text: string) => Buffer.from(text, "utf8").toString("base64url");
  const signingInput = `${encode(header)}.${encode(payload)}`;
  const signature = await signBytes(Buffer.from(signingInput, "latin1"), key);
  return `${signingInput}.${signature.toString("base64url")}`;
}

/** The JSON object that a text is, or undefined when it is anything else. */
export function parseJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return value as Record<string, unknown>; // not an array: JSON leaves only an object
  } catch {
    return undefined;
  }
}

/** Parses a compact token; undefined when it is malformed, or not RS256 with a key id. */
export function parseCompactJws(token: string): ParsedJws | undefined {
  const jws = parseSignedJwt(token);
  return jws?.keyId === undefined ? undefined : { ...jws, keyId: jws.keyId };
}

/** The same for a token that need not name its key. */
export function parseSignedJwt(
  token: string,
): (Omit<ParsedJws, "keyId"> & { readonly keyId: string | undefined }) | undefined {
  // RFC 7515 allows no padding, but google-auth for Python wrote it until 1.6, and Google accepts it.
  const parts = /^([\w-]+={0,2})\.([\w-]+={0,2})\.([\w-]+={0,2})$/.exec(token);
  if (parts === null) return undefined;
  const [, encodedHeader = "", encodedClaims = "", encodedSignature = ""] = parts;
  const header = parseJsonObject(Buffer.from(encodedHeader, "base64url").toString("utf8"));
  const claims = parseJsonObject(Buffer.from(encodedClaims, "base64url").toString("utf8"));
  if (header === undefined || claims === undefined) return undefined;
  const keyId = header["kid"];
  if (header["alg"] !== "RS256" || (keyId !== undefined && typeof keyId !== "string")) return undefined;
  return {
    keyId,
    claims,
    signingInput: Buffer.from(`${encodedHeader}.${encodedClaims}`, "latin1"),
    signature: Buffer.from(encodedSignature, "base64url"),
  };
}

/** Whether the key made the token's signature. */
export function isSignedBy(
  token: Pick<ParsedJws, "signingInput" | "signature">,
  publicKey: KeyObject,
): Promise<boolean> {
  return verifyAsync("sha256", token.signingInput, publicKey, token.signature);
}
