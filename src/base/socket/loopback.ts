// SPDX-License-Identifier: Apache-2.0
// Which hosts can only be this machine. Resolves no name.

/** Whether a host, without port and with or without brackets, can only be this machine. */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|\[?::1\]?|127(\.\d{1,3}){3})$/i.test(host);
}

/** Whether a `host:port` can only be this machine. */
export function isLoopback(target: string): boolean {
  return isLoopbackHost(target.slice(0, target.lastIndexOf(":")));
}
