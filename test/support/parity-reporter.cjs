// SPDX-License-Identifier: Apache-2.0
// The parity table, read and held against the tests of a run. As a reporter it fails a whole run in which a test that the table
// names did not run or did not pass.

const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const TABLE = join(__dirname, "../conformance/parity-table.md");

const TURN = /^over (grpc|grpc-js|rest) /;

/**
 * The rows of the table.
 *
 * @param {string} [text] default: the table of the repository
 * @returns {{ row: string, fact: string, tests: string[], differences: string[], others: string[] }[]}
 */
function parseParityTable(text = readFileSync(TABLE, "utf8")) {
  const rows = text.split("\n").filter((line) => /^\| \d/.test(line));
  return rows.map((line) => {
    const [row = "", fact = "", here = ""] = line.slice(2, -2).split(" | ");
    const entries = here.split("<br>").map((entry) => entry.trim());
    const of = (kind) => entries.filter((entry) => entry.startsWith(kind)).map((entry) => entry.slice(kind.length));
    const others = entries.filter((entry) => !/^(test|differs): ./.test(entry));
    return { row, fact, tests: of("test: "), differences: of("differs: "), others };
  });
}

/**
 * A title of the table as a pattern of real titles.
 *
 * @param {string} title
 */
function patternOf(title) {
  const literal = title.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`, "s");
}

/**
 * What is wrong with the tests that the table names.
 *
 * @param {readonly string[]} titles of the table
 * @param {readonly { fullName: string, status: string }[]} results of a run
 * @returns {string[]}
 */
function problemsOf(titles, results) {
  return [...new Set(titles)].flatMap((title) => {
    const pattern = patternOf(title);
    // A test that is played over several transports counts over each of them.
    const matching = results.filter(({ fullName }) =>
      [fullName, fullName.replace(TURN, "")].some((name) => pattern.test(name)),
    );
    if (matching.length === 0) return [`no such test: ${title}`];
    const bad = matching.find(({ status }) => status !== "passed");
    return bad === undefined ? [] : [`${bad.status}: ${title}`];
  });
}

/** For Jest. */
class ParityReporter {
  #isWhole;
  #error;

  constructor({ testPathPatterns, testNamePattern, onlyChanged, findRelatedTests, shard, nonFlagArgs }) {
    const patterns = testPathPatterns?.patterns ?? nonFlagArgs ?? [];
    this.#isWhole = patterns.length === 0 && !testNamePattern && !onlyChanged && !findRelatedTests && !shard;
  }

  onRunComplete(_contexts, { testResults, wasInterrupted }) {
    if (!this.#isWhole || wasInterrupted) return;
    const results = testResults.flatMap((file) => file.testResults);
    const problems = problemsOf(
      parseParityTable().flatMap(({ tests }) => tests),
      results,
    );
    if (problems.length === 0) return;
    this.#error = new Error(`test/conformance/parity-table.md\n  ${problems.join("\n  ")}`);
    process.stderr.write(`${this.#error.message}\n`);
  }

  getLastError() {
    return this.#error;
  }
}

module.exports = ParityReporter;
module.exports.parseParityTable = parseParityTable;
module.exports.patternOf = patternOf;
module.exports.problemsOf = problemsOf;
