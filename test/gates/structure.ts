// SPDX-License-Identifier: Apache-2.0
// Finds names that stand for two files, and long sources that no test stands beside.

import { basename } from "node:path";

/** The parts that every service has, and doors. */
const MAY_STAND_TWICE: readonly string[] = [
  "index.ts",
  "client.ts",
  "methods.ts",
  "requests.ts",
  "request-checks.ts",
  "resource-names.ts",
];
/** A command, a step and a source of credentials are named after what they do, and so is what does it. */
const NAMED_AFTER = /^src\/(cli|diagnosis\/steps)\//;

/** Names that more than one file has. */
export function namesThatStandTwice(paths: readonly string[]): string[] {
  const counted = paths.filter((path) => !NAMED_AFTER.test(path) && !MAY_STAND_TWICE.includes(basename(path)));
  return counted.filter((path) => counted.some((other) => other !== path && basename(other) === basename(path))).sort();
}

/** The longest source that needs no test of its own: what calls it is tested. */
const LONGEST_WITHOUT_TEST = 120;

/**
 * Sources of more than 120 lines without a unit test at their path: `test/unit/rpc/metadata.test.ts`, or files below
 * `test/unit/rpc/metadata/`.
 *
 * @param lineCounts the lines of each source, by path
 */
export function untestedSources(lineCounts: ReadonlyMap<string, number>, tests: readonly string[]): string[] {
  return [...lineCounts]
    .filter(([, lines]) => lines > LONGEST_WITHOUT_TEST)
    .map(([path]) => path)
    .filter((path) => {
      const mirrored = path.replace(/^src\//, "test/unit/").replace(/[.]ts$/, "");
      return !tests.some((test) => test === `${mirrored}.test.ts` || test.startsWith(`${mirrored}/`));
    })
    .sort();
}
