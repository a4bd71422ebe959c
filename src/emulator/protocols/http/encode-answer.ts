// SPDX-License-Identifier: Apache-2.0
// Decides whether an answer goes out in gzip. Sends nothing.

import { gzipSync } from "node:zlib";
import type { HttpAnswer } from "./http-operation.js";

const MIN_BYTES = 1024; // below it is not worth the time

// Whether a list of encodings has gzip in it, with a weight that is not 0 (RFC 9110, 12.5.3).
function acceptsGzip(accepted: string): boolean {
  return accepted
    .toLowerCase()
    .split(",")
    .some((each) => /^\s*(x-)?gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/.test(each));
}

/**
 * Encodes an answer as its reader accepts it.
 *
 * @param accepted the header `accept-encoding`; undefined: nothing but the answer as it is
 */
export function encodeAnswer(answer: HttpAnswer, accepted: string | string[] | undefined): HttpAnswer {
  if (accepted === undefined || Buffer.byteLength(answer.body) < MIN_BYTES || !acceptsGzip(String(accepted))) {
    return answer;
  }
  const vary = [answer.headers?.["vary"], "Accept-Encoding"].filter((each) => each !== undefined).join(", ");
  const headers = { ...answer.headers, vary, "content-encoding": "gzip" };
  return { ...answer, headers, body: gzipSync(answer.body, { level: 1 }) };
}
