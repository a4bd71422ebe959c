// SPDX-License-Identifier: Apache-2.0
// Remembering a pure function's answers without growing.

import { memoize } from "../../../../src/base/collections/memo.js";

function countingUpperCase() {
  const asked: string[] = [];
  const memo = memoize((text) => {
    asked.push(text);
    if (text === "") throw new Error("nothing given");
    return text.toUpperCase();
  });
  return { memo, asked };
}

test("computes an answer once", () => {
  const { memo, asked } = countingUpperCase();
  expect([memo("a"), memo("b"), memo("a")]).toEqual(["A", "B", "A"]);
  expect(asked).toEqual(["a", "b"]);
});

test("does not remember what throws", () => {
  const { memo, asked } = countingUpperCase();
  expect(() => memo("")).toThrow("nothing given");
  expect(() => memo("")).toThrow("nothing given");
  expect(asked).toEqual(["", ""]);
});

test("starts afresh after 256 answers, and stays right", () => {
  const { memo, asked } = countingUpperCase();
  for (let index = 0; index < 1_000; index++) expect(memo(`a${index}`)).toBe(`A${index}`);
  expect(memo("a999")).toBe("A999");
  expect(asked).toHaveLength(1_000);
  expect(memo("a0")).toBe("A0");
  expect(asked).toHaveLength(1_001);
});
