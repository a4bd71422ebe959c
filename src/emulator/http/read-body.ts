// SPDX-License-Identifier: Apache-2.0
// Reads the body of a request, up to a limit. Does not look into it.

import type { IncomingMessage } from "node:http";

/** A body over the limit. What is left of it is not read. */
export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
}

/**
 * Reads a whole body.
 *
 * @param limitBytes how much of it is taken
 * @throws BodyTooLargeError when it is longer; the error of the stream when the peer is gone before its end
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer; // no encoding is set on a request
    length += bytes.length;
    if (length > limitBytes) throw new BodyTooLargeError(`The body has more than ${limitBytes} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
