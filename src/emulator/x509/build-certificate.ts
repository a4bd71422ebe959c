// SPDX-License-Identifier: Apache-2.0
// Writes X.509 certificates: those of service accounts' keys, self-signed with the three extensions that Google's have, and
// whatever else is signed here. Knows no accounts and keeps no key.

import { type KeyObject, randomBytes, sign } from "node:crypto";
import {
  encodeBitString,
  encodeExplicit,
  encodeInteger,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeTime,
  encodeUtf8String,
} from "./der.js";
import { endExtensions } from "./extensions.js";

/** What goes into a certificate. */
interface CertificateFacts {
  /** Subject and issuer, at most 64 characters (RFC 5280, ub-common-name). Required. */
  readonly commonName: string;
  /** The start of its validity, in milliseconds since the epoch. Required. */
  readonly notBeforeAt: number;
  /** The end of its validity, in milliseconds since the epoch. Required. */
  readonly notAfterAt: number;
}

/** A certificate that has not been signed yet. */
interface CertificateTemplate extends CertificateFacts {
  /** The issuer's name, at most 64 characters. Required. */
  readonly issuer: string;
  /** The subject's public key. Required. */
  readonly publicKey: KeyObject;
  /** Its extensions, each from extensions.ts. Required. */
  readonly extensions: readonly Buffer[];
}

const oids = {
  sha256WithRsa: "1.2.840.113549.1.1.11",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  commonName: "2.5.4.3",
} as const;

const NULL = Buffer.of(0x05, 0x00);

function encodeName(commonName: string): Buffer {
  return encodeSequence(encodeSetOf(encodeSequence(encodeOid(oids.commonName), encodeUtf8String(commonName))));
}

// RFC 5758, 3.2: ECDSA has no parameters; RFC 4055, 5: RSA has NULL.
function encodeAlgorithm(signer: KeyObject): Buffer {
  const isRsa = signer.asymmetricKeyType === "rsa";
  return isRsa ? encodeSequence(encodeOid(oids.sha256WithRsa), NULL) : encodeSequence(encodeOid(oids.ecdsaWithSha256));
}

/**
 * Signs a certificate, v3, with SHA-256.
 *
 * @param signer the issuer's private key, RSA or P-256
 * @returns PEM with a trailing newline
 */
export function signCertificate(template: CertificateTemplate, signer: KeyObject): string {
  const algorithm = encodeAlgorithm(signer);
  const body = encodeSequence(
    encodeExplicit(0, encodeInteger(Buffer.of(2))), // v3
    encodeInteger(randomBytes(8)),
    algorithm,
    encodeName(template.issuer),
    encodeSequence(encodeTime(template.notBeforeAt), encodeTime(template.notAfterAt)),
    encodeName(template.commonName),
    template.publicKey.export({ type: "spki", format: "der" }),
    encodeExplicit(3, encodeSequence(...template.extensions)),
  );
  const der = encodeSequence(body, algorithm, encodeBitString(sign("sha256", body, signer)));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/**
 * Builds the self-signed certificate of a service account's key.
 *
 * @returns PEM with a trailing newline
 */
export function buildCertificate(facts: CertificateFacts, publicKey: KeyObject, privateKey: KeyObject): string {
  const extensions = endExtensions("clientAuthentication", true);
  return signCertificate({ ...facts, issuer: facts.commonName, publicKey, extensions }, privateKey);
}
