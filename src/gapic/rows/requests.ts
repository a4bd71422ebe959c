// SPDX-License-Identifier: Apache-2.0
// Turns what a caller of the drop-in may write into a canonical message, as leniently as protobufjs's fromObject: only what cannot be sent
// at all is refused. Loads protobufjs only for the odd cases.

import type * as methods from "../../iam-credentials/methods.js";

/** A request as it comes: anything. */
type Loose = Readonly<Record<string, unknown>>;

/** The canonical message of a row. */
type MessageOf<Row extends keyof typeof methods> = (typeof methods)[Row] extends {
  encode(message: infer Message): Buffer;
}
  ? Message
  : never;

const PACKAGE = "google.iam.credentials.v1";

/** A GenerateAccessTokenRequest. @throws TypeError naming the field that cannot be converted at all */
export function accessTokenRequestFrom(request: Loose): MessageOf<"generateAccessToken"> {
  const type = `.${PACKAGE}.GenerateAccessTokenRequest`;
  return {
    name: textFrom(request["name"]),
    delegates: textsFrom(request["delegates"], `${type}.delegates`),
    scope: textsFrom(request["scope"], `${type}.scope`),
    lifetime: durationFrom(request["lifetime"], `${type}.lifetime`),
  };
}

/** A GenerateIdTokenRequest. @throws TypeError naming the field that cannot be converted at all */
export function idTokenRequestFrom(request: Loose): MessageOf<"generateIdToken"> {
  return {
    name: textFrom(request["name"]),
    delegates: textsFrom(request["delegates"], `.${PACKAGE}.GenerateIdTokenRequest.delegates`),
    audience: textFrom(request["audience"]),
    includeEmail: Boolean(request["includeEmail"]),
  };
}

/** A SignBlobRequest. @throws TypeError naming the field that cannot be converted at all */
export function signBlobRequestFrom(request: Loose): MessageOf<"signBlob"> {
  return {
    name: textFrom(request["name"]),
    delegates: textsFrom(request["delegates"], `.${PACKAGE}.SignBlobRequest.delegates`),
    payload: bytesFrom(request["payload"]),
  };
}

/** A SignJwtRequest. @throws TypeError naming the field that cannot be converted at all */
export function signJwtRequestFrom(request: Loose): MessageOf<"signJwt"> {
  return {
    name: textFrom(request["name"]),
    delegates: textsFrom(request["delegates"], `.${PACKAGE}.SignJwtRequest.delegates`),
    payload: textFrom(request["payload"]),
  };
}

function textFrom(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}

function textsFrom(value: unknown, field: string): string[] {
  if (!value) return [];
  if (!Array.isArray(value)) throw new TypeError(`${field}: array expected`);
  return value.map(String);
}

function durationFrom(value: unknown, field: string): MessageOf<"generateAccessToken">["lifetime"] {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object") throw new TypeError(`${field}: object expected`);
  const { seconds, nanos } = value as Loose; // as: an object, whatever its members
  return { seconds: integer64From(seconds), nanos: Number(nanos ?? 0) | 0 };
}

/** A whole number as text: a number, text, or an object of the package `long`. */
function integer64From(value: unknown): string {
  if (value === undefined || value === null) return "0";
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  if (typeof value === "string" && /^-?\d{1,18}$/.test(value)) return BigInt(value).toString();
  // as: whatever it is, that function decides
  return protobufUtil()
    .Long.fromValue(value as never, false)
    .toString();
}

function bytesFrom(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === "string") return base64From(value);
  const isListLike = typeof value === "object" && value !== null && "length" in value && Number(value.length) >= 0;
  return isListLike ? Buffer.from(Array.from(value as ArrayLike<number>)) : Buffer.alloc(0); // as: it has a length
}

function base64From(text: string): Buffer {
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return Buffer.from(text, "base64");
  const { base64 } = protobufUtil();
  const bytes = Buffer.alloc(base64.length(text));
  base64.decode(text, bytes, 0);
  return bytes;
}

/** The parts of protobufjs that are used here. */
interface ProtobufUtil {
  readonly Long: { fromValue(value: never, unsigned?: boolean): { toString(): string } };
  readonly base64: { length(text: string): number; decode(text: string, buffer: Uint8Array, offset: number): number };
}

function protobufUtil(): ProtobufUtil {
  return (require("protobufjs/minimal") as { util: ProtobufUtil }).util; // as: what is used of it
}
