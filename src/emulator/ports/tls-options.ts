// SPDX-License-Identifier: Apache-2.0
// Decides which options for TLS an emulator takes, and what it shows of itself. Opens no port.

import { createPrivateKey, X509Certificate } from "node:crypto";
import { refuseRealName } from "../world/names/real-names.js";
import { createServerIdentity } from "../x509/server-identity.js";

/** How an emulator speaks TLS. */
export interface EmulatorTls {
  /** The server's certificate and those that lead to its authority, PEM. Default: made at the start, with an authority of its own. */
  readonly cert?: string | undefined;
  /** The private key of `cert`, PEM. Required with `cert`. */
  readonly key?: string | undefined;
  /** Whose certificates clients must show, PEM. Default: none; clients show nothing. */
  readonly clientCa?: string | undefined;
}

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

function requireCertificate(pem: unknown, label: string): void {
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

function requireKeyOf(cert: string, key: unknown): void {
  let isRight = false;
  try {
    isRight = new X509Certificate(cert).checkPrivateKey(createPrivateKey(String(key)));
  } catch {
    // No key at all: refused as one that does not fit. The parser's message could repeat it.
  }
  if (!isRight) throw new TypeError("tls.key must be the private key of tls.cert in PEM form, without a passphrase");
}

/**
 * Checks the option `tls`.
 *
 * @throws TypeError naming what is wrong
 */
export function requireTls(tls: boolean | EmulatorTls): boolean | EmulatorTls {
  if (typeof tls === "boolean") return tls;
  if (typeof tls !== "object" || tls === null) throw new TypeError("tls must be a boolean or an object");
  const unknown = Object.keys(tls).find((key) => !["cert", "key", "clientCa"].includes(key));
  if (unknown !== undefined) throw new TypeError(`tls.${unknown} is no option of the emulator`);
  const { cert, key, clientCa } = tls;
  if ((cert === undefined) !== (key === undefined)) throw new TypeError("tls must have both cert and key, or neither");
  if (cert !== undefined) {
    requireCertificate(cert, "tls.cert");
    requireKeyOf(cert, key);
    refuseRealNames(cert, "tls.cert");
  }
  if (clientCa !== undefined) requireCertificate(clientCa, "tls.clientCa");
  return { cert, key, clientCa };
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
