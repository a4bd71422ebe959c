// SPDX-License-Identifier: Apache-2.0
// Turns the details of a fault, written as JSON with `@type`, into the messages of google.rpc. Does not know what struck.

import * as stubs from "../../../../generated/google/rpc/error_details.js";
import * as tables from "../../../../generated/google/rpc/error_details.tables.js";
import { readMessage } from "../proto-json/json-reader.js";

/** A detail of an error as JSON: `@type` and the fields of that message, in lowerCamelCase. */
export interface EmulatorErrorDetail {
  /** The message's type, for example `type.googleapis.com/google.rpc.RetryInfo`. Required. */
  readonly "@type": string;
  /** The fields of the message. */
  readonly [field: string]: unknown;
}

/** A detail as it goes into google.rpc.Status. */
export interface EncodedDetail {
  /** The type's URL. Required. */
  readonly typeUrl: string;
  /** The message's bytes. Required. */
  readonly value: Buffer;
}

const PREFIX = "type.googleapis.com/google.rpc.";

interface Codec {
  encode(message: unknown): { finish(): Uint8Array };
}

/** The top-level messages of the proto, and what encodes them. */
const types = new Map(Object.entries(tables).filter(([name]) => !name.includes("_")));
const codecs = new Map<string, unknown>(Object.entries(stubs));

/**
 * Encodes a detail.
 *
 * @throws TypeError when its type is none of google/rpc/error_details.proto, or a field is not of its
 */
export function encodeErrorDetail(detail: EmulatorErrorDetail): EncodedDetail {
  const { "@type": typeUrl, ...fields } = detail;
  const name = String(typeUrl).startsWith(PREFIX) ? String(typeUrl).slice(PREFIX.length) : "";
  const type = types.get(name);
  if (type === undefined) {
    const known = [...types.keys()].join(", ");
    throw new TypeError(`@type must be ${PREFIX} and one of ${known}, not ${JSON.stringify(typeUrl)}`);
  }
  const { message, violations } = readMessage(type, fields);
  const [violation] = violations;
  if (violation !== undefined) throw new TypeError(violation.description);
  const codec = codecs.get(name) as Codec; // a table and its stub have one name, and the one says what the other takes
  return { typeUrl, value: Buffer.from(codec.encode(message).finish()) };
}
