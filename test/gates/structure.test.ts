// SPDX-License-Identifier: Apache-2.0
// The gate of names, of folders, and of tests that mirror src/.

import { describe, expect, it } from "@jest/globals";
import { filesBelow, readText } from "./repository.js";
import {
  crowdedFolders,
  namesThatStandTwice,
  testsWithoutSource,
  twoWayFolders,
  untestedSources,
} from "./structure.js";

/** Long sources that need no unit test, each with the reason. */
const WITHOUT_TEST: Readonly<Record<string, string>> = {
  "src/iam-admin/requests.ts": "types alone: nothing of it runs; test/types holds them",
  "src/index.ts": "exports alone: docs/api lists them, and `npm run check` compares",
};

const sources = filesBelow("src").filter((path) => path.endsWith(".ts"));
const tests = filesBelow("test").filter((path) => path.endsWith(".test.ts"));

describe("the names of src/", () => {
  it("stand for one file each", () => {
    expect(namesThatStandTwice(sources)).toEqual([]);
  });

  it("are seen to stand twice, but for the parts of services", () => {
    const paths = ["src/a/one.ts", "src/b/one.ts", "src/a/client.ts", "src/b/client.ts"];
    expect(namesThatStandTwice(paths)).toEqual(["src/a/one.ts", "src/b/one.ts"]);
  });
});

describe("the folders of src/", () => {
  it("have few files each", () => {
    expect(crowdedFolders(sources)).toEqual([]);
  });

  it("are seen to be crowded from the fifteenth file on, those of folders in them apart", () => {
    const files = (folder: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${folder}/${index}.ts`);
    expect(crowdedFolders([...files("src/a", 15), ...files("src/b", 14), ...files("src/b/c", 14)])).toEqual(["src/a"]);
  });

  it("are seen to import each other; one that is imported only, or by itself, is none of these", () => {
    const both = [
      ["src/a/one.ts", "src/b/two.ts"],
      ["src/b/three.ts", "src/a/four.ts"],
    ] as const;
    const others = [
      ["src/a/one.ts", "src/c/one.ts"],
      ["src/a/one.ts", "src/a/two.ts"],
    ] as const;
    expect(twoWayFolders([...both, ...others])).toEqual(["src/a <-> src/b"]);
  });
});

describe("the tests of src/", () => {
  it("stand at the path of each source of more than 120 lines in which something runs", () => {
    const lineCounts = new Map(sources.map((path) => [path, readText(path).trimEnd().split("\n").length]));
    // One that has a test now, or is gone, leaves the list.
    expect(untestedSources(lineCounts, tests)).toEqual(Object.keys(WITHOUT_TEST));
  });

  it.each(Object.keys(WITHOUT_TEST))("%s has nothing that runs", (path) => {
    expect(readText(path)).not.toMatch(/^(export )?(async )?(function|class|const|let)\b/m);
  });

  it("stand nowhere below test/unit but at the path of a source", () => {
    expect(testsWithoutSource(tests, sources)).toEqual([]);
    const paths = ["test/unit/a/one.test.ts", "test/unit/a/two/calls.test.ts", "test/unit/b.test.ts", "test/c.test.ts"];
    expect(testsWithoutSource(paths, ["src/a/one.ts", "src/a/two.ts"])).toEqual(["test/unit/b.test.ts"]);
  });

  it("are missed beside a long source, and found as a file or a folder", () => {
    const long = (path: string) => [path, 121] as const;
    const lineCounts = new Map([long("src/a/one.ts"), long("src/a/two.ts"), long("src/a/three.ts"), ["src/b.ts", 120]]);
    const present = ["test/unit/a/one.test.ts", "test/unit/a/two/calls.test.ts", "test/integration/three.test.ts"];
    expect(untestedSources(lineCounts, present)).toEqual(["src/a/three.ts"]);
  });
});
