// SPDX-License-Identifier: Apache-2.0
// What is wrong with JSON or a message that does not match its table, and where. Quotes no values, which may be secret.

/** Something does not match the table. The message names the field and what it should be. */
export class ProtoJsonError extends Error {
  static {
    ProtoJsonError.prototype.name = "ProtoJsonError";
  }

  /** The field, as JSON spells it: `"details[1].retryDelay"`. */
  readonly field: string;
  /** What it should be. */
  readonly expected: string;

  constructor(field: string, expected: string) {
    super(`${field === "" ? "the message" : field}: must be ${expected}`);
    this.field = field;
    this.expected = expected;
  }
}

/** Returns the value, or throws a ProtoJsonError when it is not right. */
export function requireValue<Value>(isRight: boolean, value: Value, at: string, expected: string): Value {
  if (!isRight) throw new ProtoJsonError(at, expected);
  return value;
}

/** The path of a member below another path: `"details[1].metadata"`. */
export function fieldWithin(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}
