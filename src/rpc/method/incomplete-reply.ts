// SPDX-License-Identifier: Apache-2.0
// What a reply must have to be usable. On the wire, an empty field and an absent one are the same; an empty token
// would be passed on as a header without one. Knows no call.

/** A reply lacks what the call is for. Becomes an RpcError of the call. */
export class IncompleteReply extends Error {
  static {
    IncompleteReply.prototype.name = "IncompleteReply";
  }
}

/** Checks that fields of a reply are present. @throws IncompleteReply naming the first that is not */
export function checkReplyFields(reply: unknown, fields: readonly string[]): void {
  const missing = fields.find((field) => isEmpty(Reflect.get(Object(reply), field)));
  if (missing !== undefined) throw new IncompleteReply(`the response has no ${missing}`);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (value instanceof Uint8Array && value.length === 0);
}
