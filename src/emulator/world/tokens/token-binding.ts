// SPDX-License-Identifier: Apache-2.0
// Decides what a token is bound to: the SHA-256 digest of a client certificate, in the form that the claim `cnf` has (RFC 8705, 3.1).

import { X509Certificate } from "node:crypto";

/** The digest of a certificate, in base64url; undefined when the text is no certificate in PEM. The first of a chain counts. */
export function thumbprintOf(pem: string): string | undefined {
  try {
    return thumbprintOfCertificate(new X509Certificate(pem));
  } catch {
    return undefined;
  }
}

/** The digest of a certificate, in base64url. */
export function thumbprintOfCertificate(certificate: Pick<X509Certificate, "fingerprint256">): string {
  return Buffer.from(certificate.fingerprint256.replaceAll(":", ""), "hex").toString("base64url");
}

/** A digest as a client writes it, base64 of either alphabet with or without padding, in base64url; undefined when malformed. */
export function thumbprintFrom(text: string): string | undefined {
  const bytes = /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, "base64") : undefined;
  return bytes?.length === 32 ? bytes.toString("base64url") : undefined;
}
