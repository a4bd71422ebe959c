// SPDX-License-Identifier: Apache-2.0
// Reads a URL that was signed in the way of Cloud Storage's version 4: what was signed, by whom. Source: "V4 signing process" of
// Cloud Storage's documentation. Asks nobody.

import { createHash } from "node:crypto";

const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * @param {string} method `GET` and the like
 * @param {URL} url
 * @returns {{ message: Buffer, signature: Buffer, email: string }}
 */
export function readSignedUrl(method, url) {
  const parameters = [...url.searchParams].map(([name, value]) => [name, value]);
  const value = (name) => parameters.find(([each]) => each.toLowerCase() === name)?.[1] ?? "";
  const signed = parameters
    .filter(([name]) => name.toLowerCase() !== "x-goog-signature")
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const [email, ...scope] = value("x-goog-credential").split("/");
  const canonical = [
    method,
    url.pathname,
    signed.map(([name, each]) => `${encode(name)}=${encode(each)}`).join("&"),
    `host:${url.host}`,
    "",
    value("x-goog-signedheaders"),
    "UNSIGNED-PAYLOAD",
  ].join("\n");
  const digest = createHash("sha256").update(canonical).digest("hex");
  const lines = [value("x-goog-algorithm"), value("x-goog-date"), scope.join("/"), digest];
  return {
    message: Buffer.from(lines.join("\n")),
    signature: Buffer.from(value("x-goog-signature"), "hex"),
    email,
  };
}
