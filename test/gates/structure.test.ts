// SPDX-License-Identifier: Apache-2.0
// The gate of names and of tests that mirror src/. The list of sources that are tested elsewhere may only become shorter.

import { describe, expect, it } from "@jest/globals";
import { filesBelow, readText } from "./repository.js";
import { crowdedFolders, namesThatStandTwice, twoWayFolders, untestedSources } from "./structure.js";

/** Tested from above: by the tests of what calls them, and over real sockets in test/integration. */
const TESTED_ELSEWHERE: readonly string[] = [
  "src/auth/google-library/library-token-provider.ts",
  "src/auth/tokens/renewing-credentials.ts",
  "src/base/http/http-exchange.ts",
  "src/base/telemetry.ts",
  "src/cli/commands/configure/configure.ts",
  "src/cli/commands/iam/chain-commands.ts",
  "src/cli/commands/iam/roles.ts",
  "src/cli/commands/iam/service-accounts/keys/change-keys.ts",
  "src/cli/commands/policies/policy-commands.ts",
  "src/cli/commands/session/exec.ts",
  "src/cli/print/result.ts",
  "src/cli/session/exchange-answers.ts",
  "src/cli/session/metadata-answers.ts",
  "src/cli/session/minter.ts",
  "src/cli/source/caller.ts",
  "src/cli/source/source.ts",
  "src/cli/table/find.ts",
  "src/cli/tree.ts",
  "src/diagnosis/steps/identity.ts",
  "src/gapic/stub/service-stub.ts",
  "src/iam-admin/requests.ts",
  "src/iam-admin/resources.ts",
  "src/index.ts",
];

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
  it("stand at the path of each source of more than 120 lines, but for those that are tested from above", () => {
    const lineCounts = new Map(sources.map((path) => [path, readText(path).trimEnd().split("\n").length]));
    const untested = untestedSources(lineCounts, tests);
    expect(untested.filter((path) => !TESTED_ELSEWHERE.includes(path))).toEqual([]);
    const listed = new Map(TESTED_ELSEWHERE.map((path) => [path, Number.POSITIVE_INFINITY]));
    expect(untestedSources(listed, tests)).toEqual(TESTED_ELSEWHERE); // one that has a test now leaves the list
  });

  it("are missed beside a long source, and found as a file or a folder", () => {
    const long = (path: string) => [path, 121] as const;
    const lineCounts = new Map([long("src/a/one.ts"), long("src/a/two.ts"), long("src/a/three.ts"), ["src/b.ts", 120]]);
    const present = ["test/unit/a/one.test.ts", "test/unit/a/two/calls.test.ts", "test/integration/three.test.ts"];
    expect(untestedSources(lineCounts, present)).toEqual(["src/a/three.ts"]);
  });
});
