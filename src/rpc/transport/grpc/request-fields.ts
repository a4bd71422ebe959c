// SPDX-License-Identifier: Apache-2.0
// The header fields of a gRPC request. Source: gRPC over HTTP2, "Requests". Sends nothing.

import { VERSION } from "../../../base/version.js";
import type { FieldPolicy } from "../http2/hpack/hpack-encoder.js";
import type { Field } from "../http2/hpack/hpack-tables.js";
import { type FixedFields, fixedFields } from "../http2/request-head.js";
import type { MetadataPairs } from "../transport.js";

const USER_AGENT = `grpc-node-iam-credentials-client/${VERSION}`;

/** Fields about the caller that no intermediary may index, so that they cannot be guessed from the index either. */
const SECRET = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "x-goog-api-key",
  "x-goog-iam-authorization-token",
]);

/** How fields of this name are sent. */
export function fieldPolicy(name: string): FieldPolicy {
  if (SECRET.has(name)) return "secret";
  // A timeout is seldom the same twice, and bytes are traces, or secrets of the caller.
  return name === "grpc-timeout" || name.endsWith("-bin") ? "plain" : "index";
}

/** The fields that are the same for every call of a method. */
export function methodFields(path: string, authority: string, scheme: "http" | "https"): FixedFields {
  return fixedFields([
    [":method", "POST"],
    [":scheme", scheme],
    [":path", path],
    [":authority", authority],
    ["te", "trailers"],
    ["content-type", "application/grpc"],
    ["grpc-accept-encoding", "identity,deflate,gzip"],
    ["user-agent", USER_AGENT],
  ]);
}

/**
 * `grpc-timeout` for the rest of a call's time; `undefined`: there is no limit. At most eight digits, in the finest unit in which that
 * fits, rounded up, and at least one.
 */
export function timeoutField(timeoutMs: number): Field | undefined {
  if (timeoutMs === Number.POSITIVE_INFINITY) return undefined;
  for (const [unit, perMs] of UNITS) {
    const value = Math.max(1, Math.ceil(timeoutMs * perMs));
    if (value < 1e8) return ["grpc-timeout", `${value}${unit}`];
  }
  return ["grpc-timeout", "99999999H"];
}

const UNITS = [
  ["u", 1_000],
  ["m", 1],
  ["S", 1 / 1_000],
  ["M", 1 / 60_000],
] as const;

/** Metadata as header fields: bytes in base64 without padding. */
export function metadataFields(metadata: MetadataPairs): readonly Field[] {
  // Most calls carry no bytes, and their pairs are fields already.
  if (metadata.every(isText)) return metadata;
  return metadata.map((pair) => (isText(pair) ? pair : [pair[0], toBase64(pair[1])]));
}

function isText(pair: MetadataPairs[number]): pair is readonly [string, string] {
  return typeof pair[1] === "string";
}

function toBase64(value: string | Uint8Array): string {
  const bytes =
    typeof value === "string" ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.length);
  return bytes.toString("base64").replace(/=+$/, "");
}
