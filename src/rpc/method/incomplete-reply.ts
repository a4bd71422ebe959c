// SPDX-License-Identifier: Apache-2.0
// What a reply must have to be an answer. On the wire a field that is empty and one that is not there are the same; a token without
// characters would be sent on as a header without one. Knows no call.

/** A reply lacks what it is for. Becomes an RpcError of the call. */
export class IncompleteReply extends Error {
  static {
    IncompleteReply.prototype.name = "IncompleteReply";
  }
}

/** Checks that fields of a reply are there. @throws IncompleteReply naming the first that is not */
export function checkReplyFields(reply: unknown, fields: readonly string[]): void {
  const missing = fields.find((field) => isEmpty(Reflect.get(Object(reply), field)));
  if (missing !== undefined) throw new IncompleteReply(`the answer has no ${missing}`);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (value instanceof Uint8Array && value.length === 0);
}
