// SPDX-License-Identifier: Apache-2.0
// From the URL of a proxy to what the dialer takes. Chooses no proxy.

import type { ProxyRoute } from "./dial.js";
import type { TlsIdentity } from "./tls-identity.js";

/**
 * The route through a proxy.
 *
 * @param proxyUrl `http://user:password@host:port/`, or `https:` for TLS with the proxy itself
 * @param tls what to trust in TLS with the proxy
 */
export function proxyRouteFrom(proxyUrl: string, tls: TlsIdentity): ProxyRoute {
  const { protocol, hostname, port, username, password } = new URL(proxyUrl);
  const isSecure = protocol === "https:";
  const basic = Buffer.from(`${decode(username)}:${decode(password)}`).toString("base64");
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? (isSecure ? 443 : 80) : Number(port),
    tls: isSecure ? tls : undefined,
    authorization: username === "" && password === "" ? undefined : `Basic ${basic}`,
  };
}

/** A stray percent sign stands for itself, as in a password that was not encoded. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
