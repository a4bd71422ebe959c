// SPDX-License-Identifier: Apache-2.0
// Reads the body of a request, up to a limit. Does not look into it.

import type { IncomingMessage } from "node:http";

/**
 * Reads a whole body.
 *
 * @param limitBytes how much of it is taken
 * @returns undefined when it is longer; what is left of it is not read then
 * @throws the error of the stream when the peer is gone before its end
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer; // no encoding is set on a request
    length += bytes.length;
    if (length > limitBytes) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
