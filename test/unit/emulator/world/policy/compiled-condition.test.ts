// SPDX-License-Identifier: Apache-2.0
// Conditions that would cost more than they are worth, and their texts, which look like anything.

import { describe, expect, test } from "@jest/globals";
import {
  type ConditionContext,
  compileCondition,
  extractFrom,
} from "../../../../../src/emulator/world/policy/compiled-condition.js";
import { installedPeers } from "../../../../../src/emulator/world/runtime/optional-peer.js";

const compile = (expression: string) =>
  compileCondition(installedPeers, { expression, title: "", description: "", location: "" });
const context: ConditionContext = {
  at: Date.UTC(2026, 0, 1),
  resourceName: "projects/p/serviceAccounts/1",
  resourceType: "iam.googleapis.com/ServiceAccount",
  resourceService: "iam.googleapis.com",
};

describe("a condition", () => {
  test("with nested macros over lists is refused before it is computed", () => {
    const list = `[${Array.from({ length: 12 }, (_, index) => index).join(",")}]`;
    const nested = ["a", "b", "c", "d", "e", "f", "g"].reduceRight(
      (inner, name) => `${list}.all(${name}, ${inner})`,
      "true",
    );
    expect(() => compile(nested)).toThrow("IAM Conditions do not support macros over lists");
  });

  test.each(["all", "exists", "exists_one", "map", "filter"])("has no macro %s", (macro) => {
    const body = macro === "map" ? "[1].map(x, true) == [true]" : `[1].${macro}(x, true)`;
    expect(() => compile(body)).toThrow("IAM Conditions do not support macros over lists");
    expect(() => compile(`r"\\" != "" && ${body}`)).toThrow("IAM Conditions do not support macros over lists");
  });

  test("may have the words of macros in a text", () => {
    expect(compile(`resource.name != ".all(x)" && resource.type != '.map('`).holds(context)).toBe(true);
    expect(compile(`resource.name != r".filter(x)\\"`).holds(context)).toBe(true);
  });

  test("that is too long or nested too deep is refused", () => {
    expect(() => compile(`"${"a".repeat(5000)}" == ""`)).toThrow("the expression must have at most 2048 bytes");
    expect(() => compile(`${"(".repeat(500)}true${")".repeat(500)}`)).toThrow("nested at most 32 levels deep");
  });

  test("of IAM's own functions holds as they say", () => {
    expect(compile(`resource.name.extract("serviceAccounts/{id}") == "1"`).holds(context)).toBe(true);
    expect(compile(`request.time < timestamp("2026-01-02T00:00:00Z")`).holds(context)).toBe(true);
    expect(extractFrom("projects/p/x", "projects/{name}/x")).toBe("p");
  });
});
