// SPDX-License-Identifier: Apache-2.0
// The contract between whoever has a client certificate and the transports that present it. Knows no file and no connection.

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { MutualTlsChannelError } from "../errors.js";
import { causeWithoutSecrets } from "../secrets/foreign-error.js";

/** A certificate for mutual TLS and its key, both in PEM form. */
export interface ClientCertificate {
  /** The certificate, followed by the chain up to (not including) the root. Required. */
  readonly cert: string | Uint8Array;
  /** The private key of the certificate. Required. */
  readonly key: string | Uint8Array;
  /** The passphrase of the key. Default: the key is not encrypted. */
  readonly passphrase?: string | Uint8Array | undefined;
}

/**
 * Returns the current client certificate. Called again for every new connection, so it must not cache an old one.
 *
 * @example
 * const clientCertSource: ClientCertSource = async () => ({
 *   cert: await readFile("client.crt"),
 *   key: await readFile("client.key"),
 * });
 */
export type ClientCertSource = () => ClientCertificate | Promise<ClientCertificate>;

/** A certificate from a source, checked, with its key decrypted. */
export interface LoadedCertificate {
  /** PEM. */
  readonly cert: Buffer;
  /** PEM, not encrypted. */
  readonly key: Buffer;
  /** SHA-256 of the certificate, in hexadecimal. Not a secret. */
  readonly fingerprint: string;
}

/**
 * Calls a source and checks what it returns.
 *
 * @throws MutualTlsChannelError when the source fails, or does not return a certificate with its matching key; never quotes the key
 */
export async function loadClientCertificate(source: ClientCertSource): Promise<LoadedCertificate> {
  let given: ClientCertificate;
  try {
    given = await source();
  } catch (error) {
    if (error instanceof MutualTlsChannelError) throw error;
    throw new MutualTlsChannelError("clientCertSource: threw an error instead of returning a certificate", {
      cause: causeWithoutSecrets(error),
    });
  }
  if (typeof given !== "object" || given === null || !isBytes(given.cert) || !isBytes(given.key)) {
    throw new MutualTlsChannelError("clientCertSource: must return { cert, key }, both in PEM form");
  }
  const cert = Buffer.from(given.cert);
  const certificate = parseCertificate(cert);
  const { key, pem } = parseKey(given);
  if (!certificate.checkPrivateKey(key)) {
    throw new MutualTlsChannelError("clientCertSource: the key does not match the certificate");
  }
  return { cert, key: pem, fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase() };
}

function isBytes(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || value instanceof Uint8Array;
}

function parseCertificate(pem: Buffer): X509Certificate {
  try {
    // The parser takes DER too, which TLS does not.
    if (pem.includes("-----BEGIN ")) return new X509Certificate(pem);
  } catch {
    // The message below says it better.
  }
  throw new MutualTlsChannelError("clientCertSource: cert must be a certificate in PEM form");
}

function parseKey({ key, passphrase }: ClientCertificate): { readonly key: KeyObject; readonly pem: Buffer } {
  const given = Buffer.from(key);
  const isEncrypted = given.includes("ENCRYPTED");
  if (isEncrypted && !isBytes(passphrase)) {
    throw new MutualTlsChannelError("clientCertSource: the key is encrypted; return its passphrase too");
  }
  try {
    const options = isEncrypted && passphrase !== undefined ? { passphrase: Buffer.from(passphrase) } : {};
    const parsed = createPrivateKey({ key: given, format: "pem", ...options });
    const pem = isEncrypted ? Buffer.from(parsed.export({ type: "pkcs8", format: "pem" })) : given;
    return { key: parsed, pem };
  } catch {
    // The parser's error may quote the key, so it is not kept as a cause.
  }
  const problem = isEncrypted ? "cannot be decrypted with its passphrase" : "must be a private key in PEM form";
  throw new MutualTlsChannelError(`clientCertSource: key ${problem}`);
}
