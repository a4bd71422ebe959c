// SPDX-License-Identifier: Apache-2.0
// Reads the body of a request, up to a size and time limit, and decodes it. Does not interpret it.

import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, inflateRaw } from "node:zlib";
import { startTimer, stopTimer } from "../../world/runtime/timers.js";
import type { OutgoingAnswer } from "./http-operation.js";
import type { HttpWire } from "./http-wire.js";
import { pageAnswer, tooLargePage } from "./page.js";

/** How slowly a body may arrive. */
export interface BodyPace {
  /** For how many milliseconds it may arrive at any rate. Required. */
  readonly graceMs: number;
  /** How many bytes a second it must have after that, on average. Required. */
  readonly bytesPerSecond: number;
}

/** A body that can't be accepted. */
export class BodyError extends Error {
  override readonly name = "BodyError";

  /** @param answer the answer to the request */
  constructor(readonly answer: OutgoingAnswer) {
    super(`the body is refused with ${answer.code}`);
  }
}

async function collect(body: HttpWire["body"], limitBytes: number, arrived: (length: number) => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    const bytes = chunk as Buffer; // no encoding is set on a request
    length += bytes.length;
    arrived(length);
    if (length > limitBytes) throw new BodyError(tooLargePage());
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function tooSlow(): BodyError {
  return new BodyError(pageAnswer(408, "Request Timeout", "Your client has taken too long to issue its request."));
}

async function readInTime(body: HttpWire["body"], limitBytes: number, pace: BodyPace): Promise<Buffer> {
  let received = 0;
  let elapsedMs = 0;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const look = () => {
        elapsedMs += pace.graceMs;
        if (received < (elapsedMs / 1000) * pace.bytesPerSecond) reject(tooSlow());
        else timer = startTimer(look, pace.graceMs);
      };
      timer = startTimer(look, pace.graceMs);
      collect(body, limitBytes, (length) => {
        received = length;
      }).then(resolve, reject);
    });
  } finally {
    stopTimer(timer);
  }
}

// `deflate` means zlib's form (RFC 9110, 8.4.1.2), and some clients send raw deflate.
async function inflateAny(bytes: Buffer, options: { readonly maxOutputLength: number }): Promise<Buffer> {
  const isWrapped = ((bytes[0] ?? 0) & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;
  // as: promisify knows one of the overloads
  return promisify(isWrapped ? inflate : inflateRaw)(bytes, options) as Promise<Buffer>;
}

const decoders: Readonly<
  Record<string, (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>>
> = {
  identity: async (bytes) => bytes,
  // as: promisify knows one of the overloads, here and below
  gzip: promisify(gunzip) as (bytes: Buffer) => Promise<Buffer>,
  "x-gzip": promisify(gunzip) as (bytes: Buffer) => Promise<Buffer>,
  deflate: inflateAny,
  br: promisify(brotliDecompress) as (bytes: Buffer) => Promise<Buffer>,
};

async function decode(bytes: Buffer, encoding: string, limitBytes: number): Promise<Buffer> {
  const decoder = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  if (decoder === undefined) {
    const text = "The content encoding of your client's request is not supported.";
    throw new BodyError(pageAnswer(415, "Unsupported Media Type", text));
  }
  try {
    return await decoder(bytes, { maxOutputLength: limitBytes });
  } catch (error) {
    // A few bytes can expand to gigabytes: zlib stops at the limit.
    const isLong = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    if (isLong) throw new BodyError(tooLargePage());
    throw new BodyError(pageAnswer(400, "Bad Request", `The body of your client's request is not ${encoding}.`));
  }
}

/**
 * Reads a whole body.
 *
 * @param limitBytes how long it may be, encoded or not
 * @throws BodyError when it is longer, comes too slowly or has an unknown encoding; the rest is then not read.
 * The error of the stream when the peer is gone before its end
 */
export async function readBody(
  { body, headers }: Pick<HttpWire, "body" | "headers">,
  limitBytes: number,
  pace: BodyPace,
): Promise<Buffer> {
  const bytes = await readInTime(body, limitBytes, pace);
  const encodings = (headers["content-encoding"] ?? "identity").toLowerCase().split(",");
  let decoded = bytes;
  if (decoded.length > 0) {
    for (const encoding of encodings.reverse()) decoded = await decode(decoded, encoding.trim(), limitBytes);
  }
  return decoded;
}
