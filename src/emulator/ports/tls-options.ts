// SPDX-License-Identifier: Apache-2.0
// Decides which options for TLS an emulator takes, and what it shows of itself. Opens no port.

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
  unknown: "is no option of the emulator",
  fields: {
    /** The server's certificate and those that lead to its authority, PEM. Default: made at the start, with an authority of its own. */
    cert: optional(CERTIFICATE),
    /** The private key of `cert`, PEM. Required with `cert`. */
    key: optional(KEY),
    /** Whose certificates clients must show, PEM. Default: none; clients show nothing. */
    clientCa: optional(CERTIFICATE),
  },
});

/** How an emulator speaks TLS. */
export interface EmulatorTls extends GivenOf<typeof TLS.fields> {}

/** What an emulator shows of itself and asks of clients. */
export interface TlsSettings {
  /** The server's certificates, PEM. Required. */
  readonly cert: string;
  /** Its private key, PEM. Required. */
  readonly key: string;
  /** Whose certificates clients must show; undefined: they show nothing. Required. */
  readonly clientCa: string | undefined;
  /** The authority that was made for it; undefined when the certificate was given. Required. */
  readonly ownCa: string | undefined;
}

function checkCertificate(pem: unknown, label: string): void {
  try {
    new X509Certificate(String(pem));
  } catch (cause) {
    throw new TypeError(`${label} must be a certificate in PEM form`, { cause });
  }
}

// Nobody but Google can have one by an authority that clients trust: it is a private authority's, made to deceive.
function refuseRealNames(pem: string, label: string): void {
  const names = new X509Certificate(pem).subjectAltName ?? "";
  for (const [, name = ""] of names.matchAll(/(?:DNS|IP Address):(?:\*\.)?([^\s,]+)/g)) refuseRealName(name, label);
}

function checkKeyOf(cert: string, key: unknown): void {
  let isRight = false;
  try {
    isRight = new X509Certificate(cert).checkPrivateKey(createPrivateKey(String(key)));
  } catch {
    // No key at all: refused as one that does not fit. The parser's message could repeat it.
  }
  if (!isRight) throw new TypeError("tls.key must be the private key of tls.cert in PEM form, without a passphrase");
}

/**
 * Checks what certificates and keys say; their form has been checked.
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
 * @param at now, in milliseconds since the epoch, by the clock of clients
 * @param hosts under which names and addresses clients come, besides those of the loopback interface. Default: none
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
