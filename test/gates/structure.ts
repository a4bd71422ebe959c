// SPDX-License-Identifier: Apache-2.0
// Finds names that stand for two files, crowded folders, folders that import each other, and long sources that no test stands beside.

import { basename, dirname } from "node:path";

/** The parts that every service has, and doors. */
const MAY_STAND_TWICE: readonly string[] = ["index.ts", "client.ts", "methods.ts", "requests.ts", "resource-names.ts"];
/** Names that more than one file has. */
export function namesThatStandTwice(paths: readonly string[]): string[] {
  const counted = paths.filter((path) => !MAY_STAND_TWICE.includes(basename(path)));
  return counted.filter((path) => counted.some((other) => other !== path && basename(other) === basename(path))).sort();
}

/** How many files a stranger looks through without asking for a folder. */
const MOST_FILES_IN_A_FOLDER = 14;

/** Folders with more files directly in them than a stranger wants to look through. */
export function crowdedFolders(paths: readonly string[]): string[] {
  const folders = new Set(paths.map((path) => dirname(path)));
  return [...folders]
    .filter((folder) => paths.filter((path) => dirname(path) === folder).length > MOST_FILES_IN_A_FOLDER)
    .sort();
}

/** An import: of the second file by the first. */
export type Arrow = readonly [from: string, to: string];

/** Pairs of folders below src/ of which each imports from the other, whichever of their files; one may stand in the other. */
export function twoWayFolders(arrows: readonly Arrow[]): string[] {
  const inside = arrows.filter((arrow) => arrow.every((path) => path.startsWith("src/")));
  const pairs = new Set(inside.map(([from, to]) => `${dirname(from)} <-> ${dirname(to)}`));
  return [...pairs]
    .filter((pair) => {
      const [one = "", other = ""] = pair.split(" <-> ");
      return one < other && pairs.has(`${other} <-> ${one}`);
    })
    .sort();
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

/** Tools have unit tests, too, by the names of their files in tools/. */
const TOOLS = "test/unit/tools/";

/** Unit tests at no source's path: whoever looks for the test of a source does not find them. */
export function testsWithoutSource(tests: readonly string[], sources: readonly string[]): string[] {
  const places = sources.map((path) => path.replace(/^src\//, "test/unit/").replace(/[.]ts$/, ""));
  return tests
    .filter((test) => test.startsWith("test/unit/") && !test.startsWith(TOOLS))
    .filter((test) => !places.some((place) => test === `${place}.test.ts` || test.startsWith(`${place}/`)))
    .sort();
}
