// SPDX-License-Identifier: Apache-2.0
// Messages to proto3 JSON and back, and a reader that is older than the writer.

import type { MessageFields } from "../../../../../src/messages/tables.js";
import { decodeMessage } from "../../../../../src/rpc/transport/rest/decode-message.js";
import { encodeMessage } from "../../../../../src/rpc/transport/rest/encode-message.js";
import { enumOf, mapOf, messageOf, optional, repeated } from "../../../../support/field-types.js";

const ALL: MessageFields = {
  text: "string",
  flag: "bool",
  blob: "bytes",
  small: "int32",
  count: "uint32",
  big: "int64",
  bigCount: "uint64",
  ratio: "double",
  half: "float",
  lifetime: "duration",
  expireTime: "timestamp",
  mask: "fieldMask",
  color: enumOf({ NONE: 0, RED: 1, BLUE: 2 }),
  items: repeated("string"),
  colors: repeated(enumOf({ NONE: 0, RED: 1 })),
  labels: mapOf("int64"),
  child: messageOf(() => ALL),
  maybe: optional("int32"),
};

const EMPTY = {
  text: "",
  flag: false,
  blob: Buffer.alloc(0),
  small: 0,
  count: 0,
  big: "0",
  bigCount: "0",
  ratio: 0,
  half: 0,
  lifetime: undefined,
  expireTime: undefined,
  mask: undefined,
  color: 0,
  items: [],
  colors: [],
  labels: {},
  child: undefined,
  maybe: undefined,
};

const FULL = {
  text: "a",
  flag: true,
  blob: Buffer.from([0xfb, 0xff]),
  small: -1,
  count: 4_294_967_295,
  big: "-9223372036854775808",
  bigCount: "18446744073709551615",
  ratio: 1.5,
  half: Number.NEGATIVE_INFINITY,
  lifetime: { seconds: "751", nanos: 0 },
  expireTime: { seconds: "0", nanos: 1 },
  mask: ["display_name"],
  color: 2,
  items: ["a", ""],
  colors: [1, 0],
  labels: { a: "1", __proto__x: "2" },
  child: { ...EMPTY, text: "b" },
  maybe: 0,
};

const FULL_JSON = {
  text: "a",
  flag: true,
  blob: "+/8=",
  small: -1,
  count: 4_294_967_295,
  big: "-9223372036854775808",
  bigCount: "18446744073709551615",
  ratio: 1.5,
  half: "-Infinity",
  lifetime: "751s",
  expireTime: "1970-01-01T00:00:00.000000001Z",
  mask: "displayName",
  color: 2,
  items: ["a", ""],
  colors: [1, 0],
  labels: { a: "1", __proto__x: "2" },
  child: { text: "b" },
  maybe: 0,
};

it("every kind of field goes to JSON and comes back as it was", () => {
  expect(encodeMessage(ALL, FULL)).toEqual(FULL_JSON);
  expect(decodeMessage(ALL, JSON.parse(JSON.stringify(FULL_JSON)))).toEqual(FULL);
});

it("leaves defaults out and puts them back", () => {
  expect(encodeMessage(ALL, EMPTY)).toEqual({});
  expect(decodeMessage(ALL, {})).toEqual(EMPTY);
});

it("sends an optional field at its default, but not one that is absent", () => {
  expect(encodeMessage({ maybe: optional("bool") }, { maybe: false })).toEqual({ maybe: false });
  expect(encodeMessage({ maybe: optional("bool") }, { maybe: undefined })).toEqual({});
});

it("takes null for absent, everywhere", () => {
  const nulls = Object.fromEntries(Object.keys(ALL).map((name) => [name, null]));
  expect(decodeMessage(ALL, nulls)).toEqual(EMPTY);
});

it("takes names in the proto's spelling", () => {
  const json = { expire_time: "1970-01-01T00:00:01Z", big_count: 5 };
  expect(decodeMessage(ALL, json)).toEqual({ ...EMPTY, expireTime: { seconds: "1", nanos: 0 }, bigCount: "5" });
});

it("ignores fields and enum names that it does not know", () => {
  const json = { newer: { deep: [1] }, constructor: "x", toString: 1, color: "GREEN", colors: ["GREEN", "RED"] };
  expect(decodeMessage(ALL, json)).toEqual({ ...EMPTY, colors: [1] });
});

it("keeps the number of an enum value that is newer than the table", () => {
  expect(decodeMessage(ALL, { color: 7 })["color"]).toBe(7);
});

it("takes enums by name and numbers as text, with an exponent, with a fraction of zeros", () => {
  const json = { color: "RED", small: "12", count: 1e2, big: 1e3, bigCount: "2.0", ratio: "1.25", half: "NaN" };
  expect(decodeMessage(ALL, json)).toEqual({
    ...EMPTY,
    color: 1,
    small: 12,
    count: 100,
    big: "1000",
    bigCount: "2",
    ratio: 1.25,
    half: Number.NaN,
  });
});

it("makes a map's key __proto__ a member and nothing else", () => {
  const { labels } = decodeMessage(ALL, JSON.parse('{"labels":{"__proto__":"1"}}'));
  expect(Object.entries(labels as object)).toEqual([["__proto__", "1"]]);
  expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
});

test.each([
  ["text", 1, "text: must be a string"],
  ["flag", "true", "flag: must be a boolean"],
  ["blob", "?", "blob: must be base64"],
  ["small", 2 ** 31, "small: must be a 32-bit number"],
  ["small", 1.5, "small: must be a 32-bit number"],
  ["small", "", "small: must be a 32-bit number"],
  ["small", true, "small: must be a 32-bit number"],
  ["count", -1, "count: must be an unsigned 32-bit number"],
  ["big", "9223372036854775808", "big: must be a 64-bit number"],
  ["big", "1.5", "big: must be a 64-bit number"],
  ["bigCount", "-1", "bigCount: must be an unsigned 64-bit number"],
  ["ratio", "1e999", "ratio: must be a number"],
  ["lifetime", "300", 'lifetime: must be a Duration such as "3.5s"'],
  ["lifetime", 300, 'lifetime: must be a Duration such as "3.5s"'],
  ["expireTime", "tomorrow", "expireTime: must be an RFC 3339 timestamp"],
  ["color", true, "color: must be the name or number of an enum"],
  ["items", "a", "items: must be an array"],
  ["items", ["a", 1], "items[1]: must be a string"],
  ["labels", [], "labels: must be an object"],
  ["labels", { a: "x" }, "labels.a: must be a 64-bit number"],
  ["child", [], "child: must be an object"],
  ["child", { child: { text: 1 } }, "child.child.text: must be a string"],
])("refuses %s of %j without quoting it", (name, value, message) => {
  expect(() => decodeMessage(ALL, { [name]: value })).toThrow(message);
});

test.each([[null], [[]], ["x"], [1]])("refuses %j for a message", (json) => {
  expect(() => decodeMessage(ALL, json)).toThrow("the message: must be an object");
});

test.each([
  ["text", 1, "text: must be a string"],
  ["big", "1.5", "big: must be an integer as a string"],
  ["lifetime", { seconds: "1", nanos: -1 }, "lifetime: must be a Duration"],
  ["lifetime", "300s", "lifetime: must be a Duration"],
  ["items", [undefined], "items[0]: must be a string"],
  ["child", "x", "child: must be an object"],
])("does not send %s of %j", (name, value, message) => {
  expect(() => encodeMessage(ALL, { [name]: value })).toThrow(message);
});

it("carries plain JSON as it is, and of an Any its type alone", () => {
  const fields: MessageFields = { plain: "json", any: "any" };
  for (const plain of ["", 0, false, null, { a: [1] }]) {
    expect(encodeMessage(fields, { plain })).toEqual(plain === null ? {} : { plain });
  }
  const typeUrl = "type.googleapis.com/x.Y";
  const json = { plain: { a: [null] }, any: { "@type": typeUrl, z: 1 } };
  expect(decodeMessage(fields, json)).toEqual({ plain: { a: [null] }, any: { typeUrl, value: Buffer.alloc(0) } });
  expect(decodeMessage(fields, {})).toEqual({ plain: undefined, any: undefined });
  expect(() => decodeMessage(fields, { any: "x" })).toThrow('an object with "@type"');
  expect(() => encodeMessage(fields, { any: { typeUrl, value: Buffer.from("x") } })).toThrow("cannot carry an Any");
});
