// SPDX-License-Identifier: Apache-2.0
// Decides which client certificate a connection was made with. Checks no token.

import { TLSSocket } from "node:tls";
import { thumbprintOfCertificate } from "../../world/tokens/token-binding.js";

/** The digest of the certificate that the peer presented, in base64url; undefined without one, and on a plain connection. */
export function peerThumbprint(socket: unknown): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : thumbprintOfCertificate(certificate);
}
