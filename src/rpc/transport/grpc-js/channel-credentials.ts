// SPDX-License-Identifier: Apache-2.0
// What a channel of grpc-js trusts and presents. Opens none.

import { isIP } from "node:net";
import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import type { LoadedCertificate } from "../../../base/certificate/client-certificate.js";
import { checkRootCertificates } from "../../../base/socket/tls-identity.js";

/** Those of our settings that become credentials. */
interface TrustSettings {
  readonly isInsecure?: boolean | undefined;
  readonly rootCertificates?: string | Uint8Array | undefined;
}

/** The private field of a connector over TLS that says how it connects. */
interface TlsConnector {
  readonly connectionOptions?: { servername?: string };
}

/** Credentials of our own, with the certificate to present. */
export function buildChannelCredentials(
  { isInsecure, rootCertificates }: TrustSettings,
  certificate?: LoadedCertificate,
): ChannelCredentials {
  if (isInsecure) return credentials.createInsecure();
  const { key = null, cert = null } = certificate ?? {};
  if (rootCertificates === undefined) return keepAddressOutOfServerName(credentials.createSsl(null, key, cert));
  checkRootCertificates(rootCertificates);
  return keepAddressOutOfServerName(credentials.createSsl(Buffer.from(rootCertificates), key, cert));
}

/**
 * Keeps an IP address from being sent as the server's name: SNI carries none (RFC 6066 section 3), and Node 26 refuses to connect with
 * one. grpc-js 1.14 gives the host of the target, whatever it is. The certificate is checked against the address all the same, which
 * grpc-js gives as the host, too. The options are a private field: if it is missing, nothing is changed.
 */
function keepAddressOutOfServerName(own: ChannelCredentials): ChannelCredentials {
  if (typeof own._createSecureConnector !== "function") return own;
  const create = own._createSecureConnector.bind(own);
  own._createSecureConnector = (...args) => {
    const connector: ReturnType<typeof create> & TlsConnector = create(...args);
    const options = connector.connectionOptions;
    if (options?.servername !== undefined && isIP(options.servername) !== 0) options.servername = "";
    return connector;
  };
  return own;
}
