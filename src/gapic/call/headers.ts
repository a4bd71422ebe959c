// SPDX-License-Identifier: Apache-2.0
// The caller's headers as google-gax takes them: any key with a value or a list of values, everything but bytes written as text.

import { stringify } from "node:querystring";
import { memoize } from "../../base/collections/memo.js";
import type { MetadataPairs } from "../../rpc/transport/transport.js";

const CLIENT_HEADER = "x-goog-api-client";
const ROUTING_HEADER = "x-goog-request-params";
const KEY = /^[0-9a-z_.-]+$/;
const TEXT = /^[ -~]*$/;

/**
 * The pairs of an object of headers. A client header of the caller's own is dropped, and so is a routing header if another is given.
 *
 * @param routing of {@link formatRouting}; `undefined`: that of the headers, if they have one
 * @throws Error naming the key (never the value) when a key or value cannot be sent
 */
export function headersFrom(headers: unknown, routing?: string): MetadataPairs {
  let pairs: (readonly [string, string | Uint8Array])[] = [];
  if (typeof headers === "object") {
    for (const key in headers) {
      const lower = key.toLowerCase();
      if (lower === CLIENT_HEADER || (lower === ROUTING_HEADER && routing !== undefined)) continue;
      const value: unknown = Reflect.get(headers as object, key); // as: null has no keys
      // Like grpc-js's metadata: a list adds, a single value replaces what was there under any spelling of the key.
      if (Array.isArray(value)) for (const each of value) pairs.push([lower, checked(lower, each)]);
      else {
        if (pairs.some(([other]) => other === lower)) pairs = pairs.filter(([other]) => other !== lower);
        pairs.push([lower, checked(lower, value)]);
      }
    }
  }
  if (routing !== undefined) pairs.push([ROUTING_HEADER, routing]);
  return pairs;
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

const routingOfText = memoize((name) => stringify({ name }));

/** The value of the routing header: `name=…` in the form of a query. @param name anything, as in google-gax. Source: AIP-4222. */
export function formatRouting(name: unknown): string {
  return typeof name === "string" ? routingOfText(name) : stringify({ name: name as string }); // as: it accepts anything
}

/** A copy of an object of headers, inherited ones included, with the routing header over the caller's own of any spelling. */
export function withRoutingHeader(headers: unknown, routing: string): object {
  const given: object = Object(headers);
  const copied: [string, unknown][] = [];
  for (const key in given) if (key.toLowerCase() !== ROUTING_HEADER) copied.push([key, Reflect.get(given, key)]);
  return Object.fromEntries([...copied, [ROUTING_HEADER, routing]]);
}
