// SPDX-License-Identifier: Apache-2.0
// The caller's headers as google-gax takes them: any key with a value or a list of values, everything but bytes written as text.

import { stringify } from "node:querystring";
import type { MetadataPairs } from "../gax/transport/transport.js";

const CLIENT_HEADER = "x-goog-api-client";
const ROUTING_HEADER = "x-goog-request-params";
const KEY = /^[0-9a-z_.-]+$/;
const TEXT = /^[ -~]*$/;

/**
 * The pairs of an object of headers. A client header of the caller's own is dropped.
 *
 * @throws Error naming the key (never the value) when a key or value cannot be sent
 */
export function headersFrom(headers: unknown): MetadataPairs {
  if (typeof headers !== "object" || headers === null) return [];
  const values = new Map<string, (string | Uint8Array)[]>();
  for (const key in headers) {
    const lower = key.toLowerCase();
    if (lower === CLIENT_HEADER) continue;
    const value: unknown = Reflect.get(headers, key);
    // As grpc-js's own metadata: a list adds, a single value stands in for what was there under any spelling of the key.
    if (Array.isArray(value))
      values.set(lower, [...(values.get(lower) ?? []), ...value.map((each) => checked(lower, each))]);
    else values.set(lower, [checked(lower, value)]);
  }
  return [...values].flatMap(([key, all]) => all.map((value) => [key, value] as const));
}

function checked(key: string, value: unknown): string | Uint8Array {
  if (!KEY.test(key)) throw new Error(`Metadata key "${key}" contains illegal characters`);
  if (key.endsWith("-bin")) {
    if (value instanceof Uint8Array) return value;
    throw new Error(`keys that end with '-bin' must have Buffer values: "${key}"`);
  }
  const text = String(value);
  if (!TEXT.test(text)) throw new Error(`Metadata string value of "${key}" contains illegal characters`);
  return text;
}

/**
 * A copy of an object of headers with the routing header, over the caller's own of any spelling: `name=…` in the form of a query.
 * Source: AIP-4222.
 */
export function withRoutingHeader(headers: unknown, name: unknown): object {
  const own = Object.entries(Object(headers)).filter(([key]) => key.toLowerCase() !== ROUTING_HEADER);
  const routing = stringify({ name: name as string }); // as: it writes anything, as google-gax lets it
  return { ...Object.fromEntries(own), [ROUTING_HEADER]: routing };
}
