// SPDX-License-Identifier: Apache-2.0
// From what callers write to messages, and back, for every type that a table can name.

import { Timestamp } from "../../../src/base/timestamp.js";
import { messageFromPlain, plainFromMessage } from "../../../src/messages/plain-messages.js";
import type { MessageFields } from "../../../src/messages/tables.js";
import { enumOf, mapOf, messageOf, optional, repeated } from "../../support/field-types.js";
import { fieldAndMessage, requestErrorOf } from "../../support/request-error-of.js";

const COLOR = enumOf({ NONE: 0, RED: 1 });
const INNER = { text: "string" } as const;
const FIELDS: MessageFields = {
  text: "string",
  flag: "bool",
  bytes: "bytes",
  small: "int32",
  natural: "uint32",
  large: "int64",
  ratio: "double",
  color: COLOR,
  maybe: optional("int32"),
  inner: messageOf(INNER),
  texts: repeated("string"),
  inners: repeated(messageOf(INNER)),
  byKey: mapOf(COLOR),
  length: "duration",
  at: "timestamp",
  mask: "fieldMask",
};
const EMPTY = {
  text: "",
  flag: false,
  bytes: Buffer.alloc(0),
  small: 0,
  natural: 0,
  large: "0",
  ratio: 0,
  color: 0,
  maybe: undefined,
  inner: undefined,
  texts: [],
  inners: [],
  byKey: {},
  length: undefined,
  at: undefined,
  mask: undefined,
};

it("makes a whole message of nothing", () => {
  expect(messageFromPlain(FIELDS, {})).toEqual(EMPTY);
});

test.each<[string, unknown, unknown]>([
  ["bytes", Uint8Array.of(1), Buffer.from([1])],
  ["large", 9_007_199_254_740_993n, "9007199254740993"],
  ["large", 7, "7"],
  ["large", "-7", "-7"],
  ["ratio", 0.5, 0.5],
  ["color", "RED", 1],
  ["color", "17", 17],
  ["maybe", 0, 0],
  ["inner", {}, { text: "" }],
  ["inners", [{ text: "a" }, {}], [{ text: "a" }, { text: "" }]],
  ["byKey", { a: "RED" }, { a: 1 }],
  ["length", { seconds: 3 }, { seconds: "3", nanos: 0 }],
  ["at", new Timestamp(5, 6), { seconds: "5", nanos: 6 }],
  ["mask", ["displayName", "a.bC", "already_so"], ["display_name", "a.b_c", "already_so"]],
])("%s takes %p", (field, value, expected) => {
  expect(messageFromPlain(FIELDS, { [field]: value })).toEqual({ ...EMPTY, [field]: expected });
});

test.each<[string, unknown, string]>([
  ["text", 7, "text: must be a string"],
  ["text", null, "text: must be a string"],
  ["flag", "true", "flag: must be a boolean"],
  ["bytes", "AQ==", "bytes: must be bytes (a Buffer or Uint8Array)"],
  ["small", 2 ** 31, "small: must be an integer from -2147483648 to 2147483647"],
  ["natural", -1, "natural: must be an integer from 0 to 4294967295"],
  ["large", 1.5, "large: must be an integer; beyond 2^53, a string or bigint"],
  ["ratio", "1", "ratio: must be a number"],
  ["color", "BLUE", "color: must be one of NONE, RED"],
  ["color", "toString", "color: must be one of NONE, RED"],
  ["color", 1, "color: must be one of NONE, RED"],
  ["inner", "a", "inner: must be an object with text"],
  ["inner", [], "inner: must be an object with text"],
  ["inner", { txet: "a" }, "inner.txet: no such field; valid names are text"],
  ["texts", "a", "texts: must be an array"],
  ["texts", ["a", 1], "texts[1]: must be a string"],
  ["inners", [{}, { text: 1 }], "inners[1].text: must be a string"],
  ["byKey", { a: "RED", b: "BLUE" }, "byKey.b: must be one of NONE, RED"],
  ["byKey", ["RED"], "byKey: must be an object"],
  ["length", 3, "length: must be an object with seconds and nanos"],
  ["at", { seconds: "x" }, "at: must be an object with seconds and nanos"],
  ["mask", "displayName", "mask: must be an array of field names, such as displayName"],
  ["mask", [""], "mask: must be an array of field names, such as displayName"],
])("%s refuses %p", (field, value, message) => {
  const error = requestErrorOf(() => messageFromPlain(FIELDS, { [field]: value }));
  expect(fieldAndMessage(error)).toEqual({ field: message.split(": ")[0], message });
});

it("asks the check of a field first, also when it is missing", () => {
  const asked: unknown[] = [];
  const check = (value: unknown, field: string) => {
    asked.push([value, field]);
    return value ?? "given";
  };
  expect(messageFromPlain({ text: "string" }, {}, { text: check })).toEqual({ text: "given" });
  expect(asked).toEqual([[undefined, "text"]]);
});

it("gives names of enums and Timestamps back, and leaves what is absent absent", () => {
  const message = { ...EMPTY, color: 1, byKey: { a: 2 }, inners: [{ text: "a" }], at: { seconds: "5", nanos: 6 } };
  const plain = plainFromMessage(FIELDS, message);
  const expected = { ...EMPTY, color: "RED", byKey: { a: "2" }, inners: [{ text: "a" }], at: new Timestamp(5, 6) };
  expect(plain).toEqual(expected);
  expect(plain["at"]).toBeInstanceOf(Timestamp);
});

it("takes back what it gave", () => {
  const message = { ...EMPTY, color: 17, maybe: 3, inner: { text: "a" }, at: { seconds: "5", nanos: 6 } };
  expect(messageFromPlain(FIELDS, plainFromMessage(FIELDS, message))).toEqual(message);
});
