// SPDX-License-Identifier: Apache-2.0
// Attempts at calls of the streaming test service and of ours, as a transport is handed them.

import { Readable } from "node:stream";
import { signBlob } from "../../src/iam-credentials/methods.js";
import type { StreamCall, UnaryCall } from "../../src/rpc/transport/transport.js";
import { counterRows } from "./counter-client.js";

type Changes = { readonly timeoutMs?: number; readonly signal?: AbortSignal; readonly firstReplyTimeoutMs?: number };
type SignBlobMessage = Parameters<typeof signBlob.encode>[0];
type SignBlobReply = ReturnType<typeof signBlob.decode>;

/** SignBlob, with a payload. */
export function signBlobCall(payload = "x", changes: Partial<UnaryCall<SignBlobMessage, SignBlobReply>> = {}) {
  const message = { name: "projects/-/serviceAccounts/a@b.example", delegates: [], payload: Buffer.from(payload) };
  const call: UnaryCall<SignBlobMessage, SignBlobReply> = {
    method: signBlob,
    message,
    metadata: [
      ["authorization", "Bearer x"],
      ["x-bytes-bin", Buffer.from([0xff, 0])],
    ],
    timeoutMs: 20_000,
    signal: undefined,
  };
  return { ...call, ...changes };
}

const streamParts = { metadata: [], timeoutMs: 20_000, firstReplyTimeoutMs: Number.POSITIVE_INFINITY };

/** Count: replies from 1 to a number. */
export function countCall(to: number, changes: Changes = {}) {
  const messages = Readable.from([{ to, paddingBytes: 0 }]);
  const signal = new AbortController().signal;
  return { method: counterRows.count, messages, ...streamParts, signal, ...changes } satisfies StreamCall<
    unknown,
    unknown
  >;
}

/** DoubleEach: a reply to each request. */
export function doubleEachCall(numbers: AsyncIterable<number> | Iterable<number>, changes: Changes = {}) {
  async function* messages() {
    for await (const number of numbers) yield { number, padding: Buffer.alloc(0) };
  }
  const signal = new AbortController().signal;
  return {
    method: counterRows.doubleEach,
    messages: messages(),
    ...streamParts,
    signal,
    ...changes,
  } satisfies StreamCall<unknown, unknown>;
}
