// SPDX-License-Identifier: Apache-2.0
// Decides what a key pair is (RSA-2048, as Google's), how it is named, and the three forms in which its public half is
// published. Does not know whose it is or when it changes.

import { createHash, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { buildCertificate } from "../../x509/build-certificate.js";

/** The public half of a key, as it is published. */
export interface PublishedKey {
  /** 40 hexadecimal digits. Required. */
  readonly keyId: string;
  /** Verifies signatures. Required. */
  readonly publicKey: KeyObject;
  /** The self-signed X.509 certificate, PEM. Required. */
  readonly certificate: string;
}

/** A key with its private half. Only signers hold one. */
export interface SigningKey extends PublishedKey {
  /** Makes signatures. Required. */
  readonly privateKey: KeyObject;
}

/** The forms of a set of public keys, as Google's URLs spell them. */
export type KeyForm = "x509" | "raw" | "jwk";

const generateKeyPairAsync = promisify(generateKeyPair);

/** Makes an RSA key pair of the given size in bits. */
export type MakeKeyPair = (
  modulusLength: number,
) => Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }>;

/** Generates an RSA key pair off the main thread. */
export const makeKeyPair: MakeKeyPair = (modulusLength) => generateKeyPairAsync("rsa", { modulusLength });

/** The id of a key: 40 hexadecimal digits, the SHA-1 of its public half, so that two ids never name the same key. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
}

/** The key to make. */
interface SigningKeyRequest {
  /** The common name in the certificate. */
  readonly commonName: string;
  /** How long the certificate is valid, in milliseconds. */
  readonly validMs: number;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Its size in bits. Default: 2048. */
  readonly modulusLength?: number | undefined;
  /** Makes the key pair. Default: generates a new one. */
  readonly make?: MakeKeyPair | undefined;
}

/** Generates an RSA key and its certificate off the main thread. */
export async function generateSigningKey(request: SigningKeyRequest): Promise<SigningKey> {
  const { commonName, validMs, now, modulusLength = 2048, make = makeKeyPair } = request;
  const { publicKey, privateKey } = await make(modulusLength);
  const notBeforeAt = now();
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    privateKey,
    certificate: buildCertificate(
      { commonName, notBeforeAt, notAfterAt: notBeforeAt + validMs },
      publicKey,
      privateKey,
    ),
  };
}

function toJwk({ keyId, publicKey }: PublishedKey): Record<string, unknown> {
  const { e, n } = publicKey.export({ format: "jwk" });
  return { alg: "RS256", e, kid: keyId, kty: "RSA", n, use: "sig" };
}

function toRaw({ keyId, publicKey }: PublishedKey): Record<string, unknown> {
  const { e = "", n = "" } = publicKey.export({ format: "jwk" });
  const base64 = (text: string) => Buffer.from(text, "base64url").toString("base64");
  return { algorithm: "RSA", exponent: base64(e), keyid: keyId, modulus: base64(n) };
}

/**
 * The JSON document of a set of public keys: a map from key id to PEM (`x509`), `{ keyvalues }` (`raw`), or a JSON Web
 * Key Set (`jwk`, RFC 7517).
 */
export function formatPublishedKeys(form: KeyForm, keys: readonly PublishedKey[]): Record<string, unknown> {
  switch (form) {
    case "x509":
      return Object.fromEntries(keys.map((key) => [key.keyId, key.certificate]));
    case "raw":
      return { keyvalues: keys.map(toRaw) };
    case "jwk":
      return { keys: keys.map(toJwk) };
  }
}
