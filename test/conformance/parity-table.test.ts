// SPDX-License-Identifier: Apache-2.0
// The parity table names tests that there are and differences that are explained; and what would notice a test that did not run
// does notice it.

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import ParityReporter from "../support/parity-reporter.cjs";
import { titlePatternsOf } from "../support/test-titles.js";

const root = resolve(__dirname, "../..");
const { parseParityTable, problemsOf } = ParityReporter;
const rows = parseParityTable();
const differences = readFileSync(join(__dirname, "differences.md"), "utf8")
  .split(/^### /m)
  .slice(1)
  .map((section) => section.split("\n"));

describe("the parity table", () => {
  test("has rows for every section that it is about", () => {
    const sections = new Set(rows.map(({ row }) => row.split(".").slice(0, 2).join(".")));
    const expected = ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "2.1", "2.2", "2.3", "2.4", "2.5"];
    expect([...sections]).toEqual(expect.arrayContaining([...expected, "3.1", "3.2", "3.3", "3.5", "3.6", "4.7"]));
  });

  test("says in every row what shows it or where the difference is explained, and nothing else", () => {
    const silent = rows.filter(
      ({ tests, differences: named, others }) => tests.length + named.length === 0 || others.length > 0,
    );
    expect(silent).toEqual([]);
  });

  test("names no test that does not exist", () => {
    const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" });
    const patterns = files
      .filter((file) => file.endsWith(".test.ts"))
      .flatMap((file) => titlePatternsOf(file, readFileSync(join(root, "test", file), "utf8")));
    expect(patterns.length).toBeGreaterThan(300);
    const missing = rows
      .flatMap(({ tests }) => tests)
      .filter((title) => !patterns.some((pattern) => pattern.test(title)));
    expect(missing).toEqual([]);
  });

  test("names no difference without an explanation, and every explanation is named", () => {
    const named = new Set(rows.flatMap((row) => row.differences));
    expect(differences.map(([heading]) => heading).sort()).toEqual([...named].sort());
    const empty = differences.filter(([, ...text]) => text.join("").trim() === "");
    expect(empty).toEqual([]);
  });
});

describe("the check of a run", () => {
  const passed = { fullName: "a thing does 7 well", status: "passed" };

  test.each([
    ["a test that is not there", [], ["no such test: a thing does * well"]],
    ["a test that was skipped", [{ ...passed, status: "pending" }], ["pending: a thing does * well"]],
    [
      "a test that failed",
      [passed, { fullName: "a thing does 8 well", status: "failed" }],
      ["failed: a thing does * well"],
    ],
    ["nothing in a run in which all of them passed", [passed], []],
  ])("finds %s", (_what, results, problems) => {
    expect(problemsOf(["a thing does * well"], results)).toEqual(problems);
  });

  test("is made by a reporter of the whole suite, and of no part of it", () => {
    const run = (testPathPatterns: readonly string[]) => {
      const { write } = process.stderr;
      process.stderr.write = () => true;
      try {
        const reporter = new ParityReporter({ testPathPatterns: { patterns: testPathPatterns } });
        reporter.onRunComplete(new Set(), { testResults: [], wasInterrupted: false });
        return reporter.getLastError();
      } finally {
        process.stderr.write = write;
      }
    };
    expect(run([])?.message).toContain("no such test: the constants are Python's");
    expect(run(["test/unit"])).toBeUndefined();
    expect(readFileSync(join(root, "jest.config.cjs"), "utf8")).toContain("test/support/parity-reporter.cjs");
  });
});
