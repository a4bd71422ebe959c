// SPDX-License-Identifier: Apache-2.0
// Decides what the self-signed certificate of a service account's key looks like: v3, with the three extensions that
// Google's have. Knows no accounts and keeps no key.

import { type KeyObject, randomBytes, sign } from "node:crypto";
import {
  encodeBitString,
  encodeExplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeTime,
  encodeTrue,
  encodeUtf8String,
} from "./der.js";

/** What goes into a certificate. */
export interface CertificateFacts {
  /** Subject and issuer, at most 64 characters (RFC 5280, ub-common-name). Required. */
  readonly commonName: string;
  /** From when on it is valid, in milliseconds since the epoch. Required. */
  readonly notBeforeAt: number;
  /** Until when it is valid, in milliseconds since the epoch. Required. */
  readonly notAfterAt: number;
}

const oids = {
  sha256WithRsa: "1.2.840.113549.1.1.11",
  commonName: "2.5.4.3",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  clientAuthentication: "1.3.6.1.5.5.7.3.2",
} as const;

const NULL = Buffer.of(0x05, 0x00);

function encodeName(commonName: string): Buffer {
  return encodeSequence(encodeSetOf(encodeSequence(encodeOid(oids.commonName), encodeUtf8String(commonName))));
}

function encodeExtensions(): Buffer {
  const critical = (oid: string, value: Buffer) =>
    encodeSequence(encodeOid(oid), encodeTrue(), encodeOctetString(value));
  return encodeSequence(
    critical(oids.basicConstraints, encodeSequence()), // cA is false by default
    critical(oids.keyUsage, encodeBitString(Buffer.of(0x80), 7)), // digitalSignature, the first bit
    critical(oids.extendedKeyUsage, encodeSequence(encodeOid(oids.clientAuthentication))),
  );
}

/**
 * Builds a self-signed X.509 certificate, SHA-256 with RSA.
 *
 * @returns PEM with a final line end
 */
export function buildCertificate(facts: CertificateFacts, publicKey: KeyObject, privateKey: KeyObject): string {
  const algorithm = encodeSequence(encodeOid(oids.sha256WithRsa), NULL);
  const name = encodeName(facts.commonName);
  const body = encodeSequence(
    encodeExplicit(0, encodeInteger(Buffer.of(2))), // v3
    encodeInteger(randomBytes(8)),
    algorithm,
    name,
    encodeSequence(encodeTime(facts.notBeforeAt), encodeTime(facts.notAfterAt)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    encodeExplicit(3, encodeExtensions()),
  );
  const der = encodeSequence(body, algorithm, encodeBitString(sign("sha256", body, privateKey)));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
