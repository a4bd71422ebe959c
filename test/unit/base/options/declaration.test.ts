// SPDX-License-Identifier: Apache-2.0
// A declared options object: which are refused and how that reads, what is filled in, and what no field can say alone.

import { describe, expect, it, test } from "@jest/globals";
import { anyText, flag, integer, listOf, object } from "../../../../src/base/options/checks.js";
import {
  checkKnown,
  declare,
  fieldPath,
  optional,
  type Problem,
  required,
  settle,
} from "../../../../src/base/options/declaration.js";

/** The error of this test: its path and its text. */
const refuse = ({ path, text, given }: Problem): Error =>
  new RangeError(`${path}|${text}${given === undefined ? "" : `|${JSON.stringify(given)}`}`);

const CRATE = declare({
  unknown: (name) => `is nothing of a crate's ("${name}")`,
  fields: { weight: required(integer(1)), label: optional(anyText) },
  rule: ({ label }) => (label === "heavy" ? { path: "label", text: "is no label" } : undefined),
});
const SHIP = declare({
  unknown: "is not an option of the ship",
  fields: { name: required(anyText), isFast: optional(flag, false), crates: optional(listOf(object(CRATE)), []) },
  rule: ({ name, crates }) =>
    name === "raft" && crates.length > 1 ? { path: "", text: "carries one crate" } : undefined,
});

const settleShip = (given: unknown, path?: string) =>
  settle(SHIP, given, path === undefined ? { refuse } : { path, refuse });

describe("an options object", () => {
  it("has what was given, and the defaults of what was not, undefined among it", () => {
    expect(settleShip({ name: "a" })).toEqual({ name: "a", isFast: false, crates: [] });
    expect(settleShip({ name: "a", isFast: undefined })).toEqual({ name: "a", isFast: false, crates: [] });
    expect(settleShip({ name: "a", isFast: true, crates: [{ weight: 1 }] })).toEqual({
      name: "a",
      isFast: true,
      crates: [{ weight: 1, label: undefined }],
    });
  });

  test.each([
    [undefined, "options|must be an object"],
    [[], "options|must be an object"],
    ["text", "options|must be an object"],
    [{}, "name|is missing"],
    [{ nam: "a" }, "nam|is not an option of the ship; valid names are name, isFast, crates"],
    [{ name: 5 }, "name|must be a string|5"],
    [{ name: "a", isFast: null }, "isFast|must be a boolean|null"],
    [{ name: "a", crates: {} }, "crates|must be an array"],
    [{ name: "a", crates: [5] }, "crates[0]|must be an object"],
    [{ name: "a", crates: [{ weight: 1 }, { weight: 0 }] }, "crates[1].weight|must be an integer of at least 1|0"],
    [
      { name: "a", crates: [{ weight: 1, lid: 1 }] },
      'crates[0].lid|is nothing of a crate\'s ("lid"); valid names are weight, label',
    ],
    [{ name: "a", crates: [{ weight: 1, label: "heavy" }] }, "crates[0].label|is no label"],
    [{ name: "raft", crates: [{ weight: 1 }, { weight: 1 }] }, "|carries one crate"],
  ])("of %j is refused: %s", (given, message) => {
    expect(() => settleShip(given)).toThrow(new RangeError(message));
  });

  it("that is named has its name before each path", () => {
    expect(() => settleShip(5, "ship")).toThrow(new RangeError("ship|must be an object"));
    expect(() => settleShip({}, "ship")).toThrow(new RangeError("ship.name|is missing"));
    const full = { name: "raft", crates: [{ weight: 1 }, { weight: 1 }] };
    expect(() => settleShip(full, "ship")).toThrow(new RangeError("ship|carries one crate"));
  });

  it("is read for its unknown fields first: a misspelt one explains what is missing", () => {
    expect(() => settleShip({ Name: "a", isFast: 5 })).toThrow(/^Name\|/);
  });
});

test("known fields pass, and the first that is not is named", () => {
  const about = { known: ["a", "b"], what: "is unknown", path: "x", refuse };
  expect(checkKnown({ a: 1, b: undefined }, about)).toBeUndefined();
  expect(() => checkKnown({ a: 1, c: undefined, d: 1 }, about)).toThrow("x.c|is unknown; valid names are a, b");
});

test("a field without a path before it stands alone", () => {
  expect([fieldPath("", "a"), fieldPath("x[0]", "a")]).toEqual(["a", "x[0].a"]);
});

test("a declaration cannot be changed", () => {
  expect(Object.isFrozen(SHIP)).toBe(true);
});
