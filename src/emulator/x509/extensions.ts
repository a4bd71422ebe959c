// SPDX-License-Identifier: Apache-2.0
// Encodes the extensions of certificates (RFC 5280, section 4.2): what the subject may do, under which names, with which keys. Knows
// neither issuers nor validity.

import { createHash, type KeyObject } from "node:crypto";
import { encodeBitString, encodeImplicit, encodeOctetString, encodeOid, encodeSequence, encodeTrue } from "./der.js";

const oids = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuthentication: "1.3.6.1.5.5.7.3.1",
  clientAuthentication: "1.3.6.1.5.5.7.3.2",
} as const;

// Critical: a verifier that does not know the extension must refuse the certificate.
function encodeExtension(oid: string, isCritical: boolean, value: Buffer): Buffer {
  return encodeSequence(encodeOid(oid), ...(isCritical ? [encodeTrue()] : []), encodeOctetString(value));
}

/** An authority, whose key signs certificates and lists of revoked ones. */
export function authorityExtensions(): Buffer[] {
  return [
    encodeExtension(oids.basicConstraints, true, encodeSequence(encodeTrue())),
    encodeExtension(oids.keyUsage, true, encodeBitString(Buffer.of(0x06), 1)), // keyCertSign, cRLSign
  ];
}

/**
 * No authority, and a key that signs for one purpose.
 *
 * @param isPurposeCritical whether who does not know of purposes must refuse the certificate. Default: no
 */
export function endExtensions(
  purpose: "serverAuthentication" | "clientAuthentication",
  isPurposeCritical = false,
): Buffer[] {
  return [
    encodeExtension(oids.basicConstraints, true, encodeSequence()), // cA is false by default
    encodeExtension(oids.keyUsage, true, encodeBitString(Buffer.of(0x80), 7)), // digitalSignature, the first bit
    encodeExtension(oids.extendedKeyUsage, isPurposeCritical, encodeSequence(encodeOid(oids[purpose]))),
  ];
}

/** The names of a server, each from dnsName or ipAddress. */
export function subjectAltName(names: readonly Buffer[]): Buffer {
  return encodeExtension(oids.subjectAltName, false, encodeSequence(...names));
}

/** A DNS name: a GeneralName (RFC 5280, section 4.2.1.6). */
export function dnsName(name: string): Buffer {
  return encodeImplicit(2, Buffer.from(name, "latin1"));
}

/** The 4 or 16 bytes of an address: a GeneralName. */
export function ipAddress(bytes: readonly number[]): Buffer {
  return encodeImplicit(7, Buffer.from(bytes));
}

/** Which key the subject has. */
export function subjectKeyIdentifier(publicKey: KeyObject): Buffer {
  return encodeExtension(oids.subjectKeyIdentifier, false, encodeOctetString(keyIdentifierOf(publicKey)));
}

/** Which key has signed the certificate. */
export function authorityKeyIdentifier(publicKey: KeyObject): Buffer {
  const identifier = encodeSequence(encodeImplicit(0, keyIdentifierOf(publicKey)));
  return encodeExtension(oids.authorityKeyIdentifier, false, identifier);
}

function keyIdentifierOf(publicKey: KeyObject): Buffer {
  return createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
}
