// SPDX-License-Identifier: Apache-2.0
// Whom connections trust and what they present, with the session tickets obtained that way. Knows no host and no socket.

import { X509Certificate } from "node:crypto";
import type { SecureContext } from "node:tls";
import { ConfigurationError } from "../errors.js";

/** Roots and certificate. */
interface TlsSettings {
  /** PEM certificates to trust instead of the built-in roots. Default: the built-in ones, and those of `NODE_EXTRA_CA_CERTS`. */
  readonly rootCertificates?: string | Uint8Array | undefined;
  /** Cipher suites in OpenSSL's form. Default: Node's. */
  readonly ciphers?: string | undefined;
  /** The client certificate to present, PEM. Default: none. */
  readonly certificate?: PresentedCertificate | undefined;
}

/** A client certificate and its key, PEM. */
interface PresentedCertificate {
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
  /** The passphrase of the key. Default: the key is not encrypted. */
  readonly passphrase?: string | Uint8Array | undefined;
}

/** Servers send two, and each connection uses one up. */
const MAX_TICKETS_PER_PEER = 4;

/**
 * Roots and certificate for any number of connections. A resumed session is not verified again, so a ticket must never reach a
 * connection with other roots or another certificate: it stays in here, and a renewed certificate makes a new identity.
 */
export class TlsIdentity {
  readonly #settings: TlsSettings;
  readonly #tickets = new Map<string, Buffer[]>();
  #context: SecureContext | undefined;

  /** @throws ConfigurationError when the roots cannot be read */
  constructor(settings: TlsSettings = {}) {
    if (settings.rootCertificates !== undefined) checkRootCertificates(settings.rootCertificates);
    this.#settings = settings;
  }

  /** For `tls.connect`. Made once: reading the roots costs more than a connection. @throws OpenSSL's error for a wrong key */
  get context(): SecureContext {
    const { rootCertificates, certificate, ciphers } = this.#settings;
    // require, not import: a plain connection must not pay for it.
    const { createSecureContext } = require("node:tls") as typeof import("node:tls");
    this.#context ??= createSecureContext({
      ca: toBuffer(rootCertificates),
      cert: toBuffer(certificate?.cert),
      key: toBuffer(certificate?.key),
      passphrase: toBuffer(certificate?.passphrase)?.toString(),
      ciphers,
    });
    return this.#context;
  }

  /** A ticket of an earlier connection to a peer, for one use. Source: RFC 8446 appendix C.4. */
  takeTicket(peer: string): Buffer | undefined {
    return this.#tickets.get(peer)?.pop();
  }

  /** Keeps a ticket that a peer sent. */
  keepTicket(peer: string, ticket: Buffer): void {
    const tickets = this.#tickets.get(peer) ?? [];
    tickets.push(ticket);
    if (tickets.length > MAX_TICKETS_PER_PEER) tickets.shift();
    this.#tickets.set(peer, tickets);
  }
}

function toBuffer(value: string | Uint8Array | undefined): Buffer | undefined {
  return value === undefined ? undefined : Buffer.from(value);
}

/** @throws ConfigurationError for what TLS would accept silently, and then trust nobody */
export function checkRootCertificates(rootCertificates: string | Uint8Array): void {
  try {
    const pem = Buffer.from(rootCertificates);
    if (!pem.includes("-----BEGIN ")) throw new Error("it is not PEM");
    new X509Certificate(pem);
  } catch (cause) {
    throw new ConfigurationError("rootCertificates: must be certificates in PEM form", { cause });
  }
}
