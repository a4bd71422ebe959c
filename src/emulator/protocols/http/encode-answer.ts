// SPDX-License-Identifier: Apache-2.0
// Decides whether an answer is compressed with gzip. Sends nothing.

import { gzipSync } from "node:zlib";
import type { OutgoingAnswer } from "./http-operation.js";

const MIN_BYTES = 1024; // compressing less is not worth the time

// Whether a list of encodings includes gzip with a weight other than 0 (RFC 9110, 12.5.3).
function acceptsGzip(accepted: string): boolean {
  return accepted
    .toLowerCase()
    .split(",")
    .some((each) => /^\s*(x-)?gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/.test(each));
}

/**
 * Encodes an answer as the client accepts it.
 *
 * @param accepted the header `accept-encoding`; undefined: no encoding
 */
export function encodeAnswer(answer: OutgoingAnswer, accepted: string | string[] | undefined): OutgoingAnswer {
  if (accepted === undefined || Buffer.byteLength(answer.body) < MIN_BYTES || !acceptsGzip(String(accepted))) {
    return answer;
  }
  const vary = [answer.headers?.["vary"], "Accept-Encoding"].filter((each) => each !== undefined).join(", ");
  const headers = { ...answer.headers, vary, "content-encoding": "gzip" };
  return { ...answer, headers, body: gzipSync(answer.body, { level: 1 }) };
}
