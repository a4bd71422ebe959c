// SPDX-License-Identifier: Apache-2.0
// Cloud Storage V4 signed URLs: what to sign for a request, and the URL with the signature in it. Signs nothing.
//
// Source: cloud.google.com/storage/docs/authentication/canonical-requests; the result is that of @google-cloud/storage, byte for byte.

import { createHash } from "node:crypto";
import { RequestError } from "../base/errors.js";
import { percentEncode } from "../base/http/percent-encode.js";
import { value } from "../base/options/checks.js";
import { declare, type GivenOf, optional, required } from "../base/options/declaration.js";
import { anything, checkFields, SIGNAL, SWITCH } from "../base/options/shared-options.js";

const LONGEST_SECONDS = 604_800;

/** A request to Cloud Storage that whoever has the URL may make. */
const SIGNED_URL = declare({
  unknown: "no such field",
  fields: {
    /** The bucket. Required. */
    bucket: required(anything<string>()),
    /** The object's name, not encoded. Default: none, the bucket itself. */
    object: optional(anything<string>()),
    /** The HTTP method. Default: GET. */
    method: optional(
      value<string>((given) => /^[A-Z]+$/.test(String(given)), "an HTTP method in uppercase"),
      "GET",
    ),
    /** How long the URL is good, in seconds, up to 604,800 (seven days). Required. */
    expiresIn: required(
      value<number>(
        (given) => Number.isInteger(given) && Number(given) >= 1 && Number(given) <= LONGEST_SECONDS,
        `a whole number of seconds from 1 to ${LONGEST_SECONDS} (seven days)`,
      ),
    ),
    /** Headers that the request must have, with these values. `x-goog-content-sha256` signs the body, too. Default: none. */
    headers: optional(anything<Readonly<Record<string, string>>>()),
    /** Query parameters of the request. Default: none. */
    query: optional(anything<Readonly<Record<string, string | number>>>()),
    /** When it becomes valid. Default: now. */
    accessibleAt: optional(
      value<Date>((given) => given instanceof Date && !Number.isNaN(given.getTime()), "a valid Date"),
    ),
    /** Whether the bucket is in the host, `https://{bucket}.storage.googleapis.com`. Default: false. */
    virtualHostedStyle: optional(SWITCH),
    /** An origin of your own that is bound to the bucket: `https://cdn.example.com`. Default: none. */
    cname: optional(value<string>(isWebUrl, "an http or https URL, such as https://files.example.com")),
    /** Aborts it. Default: none. */
    signal: optional(SIGNAL),
  },
});

/** A request to Cloud Storage that whoever has the URL may make. */
export interface SignedUrlOptions extends GivenOf<typeof SIGNED_URL.fields> {}

/** A URL that lacks its signature. */
interface UnsignedUrl {
  /** What to sign, RSASSA-PKCS1-v1_5 with SHA-256. */
  readonly stringToSign: string;
  /** The URL with a signature, in hexadecimal digits. */
  withSignature(signatureHex: string): string;
}

/** Who signs, and when. */
interface UrlSigningContext {
  /** The e-mail of the account that signs. */
  readonly email: string;
  readonly universeDomain: string;
  /** Milliseconds since the epoch. */
  readonly nowAt: number;
}

function isWebUrl(given: unknown): boolean {
  return URL.canParse(String(given)) && /^https?:$/.test(new URL(String(given)).protocol);
}

/** The parameters of the signature. A caller's own would void it, or sign something other than the options say. */
const SIGNED_PARAMETERS: ReadonlySet<string> = new Set(
  ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"].map((name) =>
    `X-Goog-${name}`.toLowerCase(),
  ),
);

const ALGORITHM = "GOOG4-RSA-SHA256";

/**
 * Prepares a URL for its signature.
 *
 * @throws RequestError naming the option that is wrong
 */
export function buildUnsignedUrl(options: SignedUrlOptions, context: UrlSigningContext): UnsignedUrl {
  checkOptions(options);
  const { bucket, object, method = "GET", expiresIn, cname, virtualHostedStyle } = options;
  const ownOrigin = cname ?? (virtualHostedStyle === true ? `https://${bucket}.storage.${context.universeDomain}` : "");
  const origin = new URL(ownOrigin === "" ? `https://storage.${context.universeDomain}` : ownOrigin);
  const objectPath = object === undefined ? "" : encode(object, false);
  const path = ownOrigin !== "" ? `/${objectPath}` : objectPath === "" ? `/${bucket}` : `/${bucket}/${objectPath}`;

  const headers = canonicalHeaders(options.headers ?? {}, origin.hostname);
  const signedHeaders = headers.map(([name]) => name).join(";");
  const date = formatDate(new Date(Math.floor((options.accessibleAt?.getTime() ?? context.nowAt) / 1000) * 1000));
  const scope = `${date.slice(0, 8)}/auto/storage/goog4_request`;
  const query: Record<string, string> = {
    "X-Goog-Algorithm": ALGORITHM,
    "X-Goog-Credential": `${context.email}/${scope}`,
    "X-Goog-Date": date,
    "X-Goog-Expires": String(expiresIn),
    "X-Goog-SignedHeaders": signedHeaders,
    ...Object.fromEntries(Object.entries(options.query ?? {}).map(([key, value]) => [key, String(value)])),
  };
  const canonicalRequest = [
    method,
    path,
    encodePairs(query).sort(byCodeUnit).join("&"),
    headers.map(([name, value]) => `${name}:${value}\n`).join(""),
    signedHeaders,
    headers.find(([name]) => name === "x-goog-content-sha256")?.[1] ?? "UNSIGNED-PAYLOAD",
  ].join("\n");
  const digest = createHash("sha256").update(canonicalRequest).digest("hex");
  return {
    stringToSign: [ALGORITHM, date, scope, digest].join("\n"),
    withSignature: (signatureHex) =>
      `${origin.origin}${path}?${encodePairs({ ...query, "X-Goog-Signature": signatureHex }).join("&")}`,
  };
}

function checkOptions(options: SignedUrlOptions): void {
  checkFields(options, SIGNED_URL, "options");
  const { bucket, object } = options;
  if (typeof bucket !== "string" || !/^[a-z0-9][a-z0-9._-]+$/i.test(bucket)) {
    throw new RequestError("bucket", "must be a bucket name");
  }
  if (object !== undefined && (typeof object !== "string" || object === "" || !object.isWellFormed())) {
    throw new RequestError("object", "must be an object name");
  }
  if (object?.split("/").some((segment) => segment === "." || segment === "..")) {
    throw new RequestError("object", 'must not have a segment "." or "..", which HTTP clients resolve');
  }
  checkHeaders(options.headers ?? {});
  for (const [key, value] of Object.entries(options.query ?? {})) {
    if (SIGNED_PARAMETERS.has(key.toLowerCase())) {
      throw new RequestError("query", `${JSON.stringify(key)} is set by the signature itself`);
    }
    const isSound = typeof value === "number" || (typeof value === "string" && value.isWellFormed());
    if (!isSound || !key.isWellFormed()) {
      throw new RequestError("query", `the value of ${JSON.stringify(key)} must be a string or a number`);
    }
  }
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
      throw new RequestError("headers", `${JSON.stringify(name)} is not a header name`);
    if (typeof value !== "string" || /[\0\r\n]/.test(value)) {
      throw new RequestError("headers", `the value of ${name} must be a single line of text`);
    }
    if (name.toLowerCase() === "x-goog-content-sha256" && !/^[0-9a-f]{64}$/i.test(value)) {
      throw new RequestError("headers", "the value of x-goog-content-sha256 must be 64 hexadecimal digits");
    }
  }
}

/** Lower-case names in order; values trimmed, with a single blank for several inside. */
function canonicalHeaders(headers: Readonly<Record<string, string>>, host: string): [name: string, value: string][] {
  const all: [string, string][] = [...Object.entries(headers), ["host", host]];
  return [
    ...new Map(
      all.map(([name, value]) => [
        name.toLowerCase(),
        String(value)
          .trim()
          .replace(/\s{2,}/g, " "),
      ]),
    ),
  ].sort(([a], [b]) => byCodeUnit(a, b));
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function encodePairs(query: Readonly<Record<string, string>>): string[] {
  return Object.entries(query).map(([key, value]) => `${encode(key, true)}=${encode(value, true)}`);
}

/** Percent-encodes all but letters, digits, `-._~`, and `/` where it is kept. */
function encode(text: string, encodesSlash: boolean): string {
  const encoded = percentEncode(text);
  return encodesSlash ? encoded : encoded.replaceAll("%2F", "/");
}

/** `20240131T235959Z`. */
function formatDate(date: Date): string {
  return `${date.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}
