// SPDX-License-Identifier: Apache-2.0
// What each check takes, what it says of the rest, and how JSON Schema puts the same.

import { describe, expect, it, test } from "@jest/globals";
import {
  anyText,
  flag,
  flagOr,
  integer,
  listOf,
  mapOf,
  object,
  oneOf,
  text,
  value,
} from "../../../../src/base/options/checks.js";
import {
  type Check,
  type Declaration,
  declare,
  optional,
  type Problem,
} from "../../../../src/base/options/declaration.js";

const refuse = ({ path, text: problem, given }: Problem): Error =>
  new RangeError(`${path}|${problem}${given === undefined ? "" : `|${JSON.stringify(given)}`}`);
const read = <Given, Settled>(check: Check<Given, Settled>, given: unknown): Settled => check.read(given, "f", refuse);
const noReference = (): never => {
  throw new Error("nothing is referred to");
};

const WORD = text({ pattern: /^[a-z]+$/, expected: "a word", maxLength: 3 });
const PIN = text({ pattern: /^\d+$/, expected: "a PIN", isSecret: true });
const CRATE = declare({ unknown: "is nothing of a crate's", fields: { label: optional(anyText) } });

// Jest looks at the names alone.
const CHECKS = {
  word: WORD,
  pin: PIN,
  text: anyText,
  flag,
  small: integer(1, 3),
  count: integer(0),
  color: oneOf(["red", "blue"], { crimson: "red" }),
  words: listOf(WORD),
  pair: listOf(WORD, { min: 1, max: 2 }),
  triple: listOf(WORD, { min: 3 }),
  crate: object(CRATE),
  map: mapOf(/^[a-z]$/, WORD),
  either: flagOr(object(CRATE)),
  even: value<number>((given) => Number(given) % 2 === 0, "an even number"),
} as const;
type Name = keyof typeof CHECKS;

test.each<[Name, unknown]>([
  ["word", "abc"],
  ["pin", "123"],
  ["text", ""],
  ["flag", false],
  ["small", 3],
  ["count", Number.MAX_SAFE_INTEGER],
  ["color", "blue"],
  ["words", []],
  ["pair", ["a", "b"]],
  ["map", { a: "b" }],
  ["map", {}],
  ["either", true],
  ["either", { label: "x" }],
  ["even", 4],
])("a %s may be %j", (name, given) => {
  expect(read<unknown, unknown>(CHECKS[name], given)).toEqual(given);
});

test.each<[Name, unknown, string]>([
  ["word", "ABC", 'must be a word|"ABC"'],
  ["word", "abcd", 'must be a word|"abcd"'],
  ["word", 5, "must be a word|5"],
  ["pin", "hunter2", "must be a PIN"],
  ["text", null, "must be a string|null"],
  ["flag", "true", 'must be a boolean|"true"'],
  ["small", 4, "must be an integer from 1 to 3|4"],
  ["small", 0, "must be an integer from 1 to 3|0"],
  ["small", 1.5, "must be an integer from 1 to 3|1.5"],
  ["count", -1, "must be an integer of at least 0|-1"],
  ["color", "green", 'must be one of red, blue|"green"'],
  ["color", "crimson", 'has been renamed to "red"|"crimson"'],
  ["color", "toString", 'must be one of red, blue|"toString"'],
  ["words", "a", "must be an array"],
  ["pair", [], "must have at least one item"],
  ["pair", ["a", "b", "c"], "must have at most 2 items"],
  ["triple", ["a"], "must have at least 3 items"],
  ["map", [], "must be an object"],
  ["map", { AA: "a" }, 'must have keys that match ^[a-z]$|"AA"'],
  ["either", "yes", "must be a boolean or an object"],
  ["even", 3, "must be an even number|3"],
])("a %s may not be %j", (name, given, problem) => {
  expect(() => read<unknown, unknown>(CHECKS[name], given)).toThrow(new RangeError(`f|${problem}`));
});

test.each<[Name, unknown, string]>([
  ["words", ["a", 5], "f[1]|must be a word|5"],
  ["map", { a: "b", c: 5 }, "f.c|must be a word|5"],
  ["crate", { label: 5 }, "f.label|must be a string|5"],
  ["either", { lid: 5 }, "f.lid|is nothing of a crate's; valid names are label"],
])("what is wrong within a %s is named by its path: %j", (name, given, message) => {
  expect(() => read<unknown, unknown>(CHECKS[name], given)).toThrow(new RangeError(message));
});

describe("the JSON schema", () => {
  test.each<[Name, unknown]>([
    ["word", { type: "string", maxLength: 3, pattern: "^[a-z]+$" }],
    ["pin", { type: "string", pattern: "^\\d+$" }],
    ["text", { type: "string" }],
    ["flag", { type: "boolean" }],
    ["small", { type: "integer", minimum: 1, maximum: 3 }],
    ["count", { type: "integer", minimum: 0 }],
    ["color", { enum: ["red", "blue"] }],
    ["words", { type: "array", items: { type: "string", maxLength: 3, pattern: "^[a-z]+$" } }],
    [
      "map",
      {
        type: "object",
        propertyNames: { pattern: "^[a-z]$" },
        additionalProperties: { type: "string", maxLength: 3, pattern: "^[a-z]+$" },
      },
    ],
    ["even", undefined],
  ])("of a %s is %j", (name, schema) => {
    expect(CHECKS[name].schema(noReference)).toEqual(schema);
  });

  it("bounds a list", () => {
    expect(CHECKS.pair.schema(noReference)).toMatchObject({ minItems: 1, maxItems: 2 });
  });

  it("refers to the declaration of an object", () => {
    const asked: Declaration[] = [];
    const define = (declaration: Declaration) => {
      asked.push(declaration);
      return { $ref: "#/$defs/crate" };
    };
    expect(CHECKS.crate.schema(define)).toEqual({ $ref: "#/$defs/crate" });
    expect(CHECKS.either.schema(define)).toEqual({ anyOf: [{ type: "boolean" }, { $ref: "#/$defs/crate" }] });
    expect(asked).toEqual([CRATE, CRATE]);
  });
});
