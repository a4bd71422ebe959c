// SPDX-License-Identifier: Apache-2.0
// Percent-encoding, which signed URLs, routing headers and paths have in common. What each leaves as it is, it puts back.

/** Everything but unreserved characters, percent-encoded. Source: RFC 3986, section 2.3. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
