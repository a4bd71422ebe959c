// SPDX-License-Identifier: Apache-2.0
// Verifies signatures with node:crypto and jose, by keys as they are published over HTTP. Shares no code with who signed.

import { createPublicKey, type KeyObject, verify, X509Certificate } from "node:crypto";
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyResult, jwtVerify } from "jose";

/** The JSON at a URL, which must be there. */
export async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.json();
}

/** An account's key in each of the three published forms. */
export async function fetchAccountKey(url: string, email: string, keyId: string): Promise<Map<string, KeyObject>> {
  const at = (form: string) => fetchJson(`${url}/service_accounts/v1/metadata/${form}/${email}`);
  // as: these documents' forms are Google's; a wrong one gives no key below
  const x509 = (await at("x509")) as Record<string, string>;
  const raw = (await at("raw")) as { keyvalues: { keyid: string; modulus: string; exponent: string }[] };
  const jwk = (await at("jwk")) as { keys: { kid: string; kty: string; n: string; e: string }[] };
  const rawKey = raw.keyvalues.find(({ keyid }) => keyid === keyId);
  const jwkKey = jwk.keys.find(({ kid }) => kid === keyId);
  const urlSafe = (base64 = "") => Buffer.from(base64, "base64").toString("base64url");
  const rsa = { kty: "RSA", n: urlSafe(rawKey?.modulus), e: urlSafe(rawKey?.exponent) };
  return new Map([
    ["x509", new X509Certificate(x509[keyId] ?? "").publicKey],
    ["raw", createPublicKey({ key: rsa, format: "jwk" })],
    ["jwk", createPublicKey({ key: { ...jwkKey }, format: "jwk" })],
  ]);
}

/** Whether a signature is RSASSA-PKCS1-v1_5 with SHA-256 over these bytes. */
export function isSignatureOf(bytes: Uint8Array, signature: Uint8Array, key: KeyObject): boolean {
  return verify("sha256", bytes, key, signature);
}

/** Verifies a JWT by the key set at a URL. Throws jose's error when it is not good. */
export async function verifyJwt(jwt: string, keySetUrl: string): Promise<JWTVerifyResult> {
  const keys = (await fetchJson(keySetUrl)) as JSONWebKeySet; // as: jose checks what it reads
  return jwtVerify(jwt, createLocalJWKSet(keys), { algorithms: ["RS256"] });
}
