// SPDX-License-Identifier: Apache-2.0
// Percent-encoding, shared by signed URLs, routing headers and paths. Each restores the characters that it leaves unencoded.

/** Percent-encodes everything but unreserved characters. Source: RFC 3986, section 2.3. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
