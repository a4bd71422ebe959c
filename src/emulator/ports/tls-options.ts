// SPDX-License-Identifier: Apache-2.0
// Decides which TLS options an emulator takes, and what it presents to clients. Opens no port.

import { createPrivateKey, X509Certificate } from "node:crypto";
import { text } from "../../base/options/checks.js";
import { declare, type GivenOf, optional } from "../../base/options/declaration.js";
import { refuseRealName } from "../world/names/real-names.js";
import { createServerIdentity } from "../x509/server-identity.js";

const CERTIFICATE = text({ pattern: /./, expected: "a certificate in PEM form", isSecret: true });
const KEY = text({
  pattern: /./,
  expected: "the private key of tls.cert in PEM form, without a passphrase",
  isSecret: true,
});

/** How an emulator speaks TLS. */
export const TLS = declare({
  unknown: "is not an option of the emulator",
  fields: {
    /** The server's certificate chain, PEM. Default: generated at the start, with a new CA. */
    cert: optional(CERTIFICATE),
    /** The private key of `cert`, PEM. Required with `cert`. */
    key: optional(KEY),
    /** The CA whose certificates clients must present, PEM. Default: none; no client certificate is required. */
    clientCa: optional(CERTIFICATE),
  },
});

/** How an emulator speaks TLS. */
export interface EmulatorTls extends GivenOf<typeof TLS.fields> {}

/** What an emulator presents to clients and asks of them. */
export interface TlsSettings {
  /** The server's certificates, PEM. Required. */
  readonly cert: string;
  /** Its private key, PEM. Required. */
  readonly key: string;
  /** The CA whose certificates clients must present; undefined: none. Required. */
  readonly clientCa: string | undefined;
  /** The CA that was made for it; undefined when the certificate was given. Required. */
  readonly ownCa: string | undefined;
}

function checkCertificate(pem: unknown, label: string): void {
  try {
    new X509Certificate(String(pem));
  } catch (cause) {
    throw new TypeError(`${label} must be a certificate in PEM form`, { cause });
  }
}

// Only Google can have one from a CA that clients trust: this one is from a private CA, made to deceive.
function refuseRealNames(pem: string, label: string): void {
  const names = new X509Certificate(pem).subjectAltName ?? "";
  for (const [, name = ""] of names.matchAll(/(?:DNS|IP Address):(?:\*\.)?([^\s,]+)/g)) refuseRealName(name, label);
}

function checkKeyOf(cert: string, key: unknown): void {
  let isRight = false;
  try {
    isRight = new X509Certificate(cert).checkPrivateKey(createPrivateKey(String(key)));
  } catch {
    // Not a key at all: refused like one that does not match. The parser's message could repeat it.
  }
  if (!isRight) throw new TypeError("tls.key must be the private key of tls.cert in PEM form, without a passphrase");
}

/**
 * Checks the contents of certificates and keys; their form has been checked.
 *
 * @throws TypeError naming what is wrong
 */
export function checkTls(tls: boolean | EmulatorTls): void {
  if (typeof tls === "boolean") return;
  const { cert, key, clientCa } = tls;
  if ((cert === undefined) !== (key === undefined)) throw new TypeError("tls must have both cert and key, or neither");
  if (cert !== undefined) {
    checkCertificate(cert, "tls.cert");
    checkKeyOf(cert, key);
    refuseRealNames(cert, "tls.cert");
  }
  if (clientCa !== undefined) checkCertificate(clientCa, "tls.clientCa");
}

/**
 * Settles the option.
 *
 * @param at now, in milliseconds since the epoch, by the clients' clock
 * @param hosts the names and addresses that clients use, besides those of the loopback interface. Default: none
 * @returns undefined for no TLS
 */
export function resolveTls(
  tls: boolean | EmulatorTls,
  at: number,
  hosts: readonly string[] = [],
): TlsSettings | undefined {
  if (tls === false) return undefined;
  const { cert, key, clientCa } = tls === true ? {} : tls;
  if (cert !== undefined && key !== undefined) return { cert, key, clientCa, ownCa: undefined };
  const identity = createServerIdentity(at, hosts);
  return { cert: identity.cert, key: identity.key, clientCa, ownCa: identity.ca };
}
