// SPDX-License-Identifier: Apache-2.0
// The gate of exports: what no other file imports is the file's own.

import { parseSources } from "./doc-comments.js";
import { filesBelow, readText } from "./repository.js";
import { unusedExports } from "./unused-exports.js";

const isSource = (path: string): boolean => /[.]ts$/.test(path) && !/[.]d[.]ts$|[/]consumers[/]/.test(path);

/** The seed's schema is written of the emulator's declarations, which the tool finds by their form. */
const isDeclaration = (id: string): boolean => {
  const [path = "", name = ""] = id.split("#");
  return path.startsWith("src/emulator/") && new RegExp(`^export const ${name} = declare\\(`, "m").test(readText(path));
};

/** Types of declarations that are inferred in other files: tsc has to name them in what it emits. */
const NAMED_BY_TSC: readonly string[] = [
  "src/base/options/declaration.ts#Field",
  "src/cli/commands/policies/policy-commands.ts#PolicyCommands",
  "src/emulator/world/logins/login-options.ts#KeySet",
];

describe("the exports of src/", () => {
  it("are imported by another file each", () => {
    const paths = [...filesBelow("src"), ...filesBelow("test")].filter(isSource);
    const sources = parseSources(paths.map((path) => [path, readText(path)]));
    const tools = [...filesBelow("tools"), ...filesBelow("test").filter((path) => /[.][cm]js$/.test(path))];
    const unused = unusedExports(sources, tools.map((path) => readText(path)).join("\n"));
    expect(unused.filter((id) => !isDeclaration(id))).toEqual(NAMED_BY_TSC);
  });

  it.each([
    ["a name", 'import { used } from "./a.js";'],
    ["another name", 'import { used as other } from "./a.js";'],
    ["a door", 'export { used } from "./a.js";'],
    ["a namespace", 'import * as a from "./a.js"; a.used;'],
    ["a type in a namespace", 'import type * as a from "./a.js"; let x: a.used;'],
    ["an import() in a type", 'let x: import("./a.js").used;'],
    ["the names of a require()", 'const { used } = require("./a.js") as object;'],
    ["the module of a require()", 'const a = require("./a.js"); a.used;'],
  ])("count as imported through %s, and no others do", (_, text) => {
    const exports = "export const used = 1; export interface Unused {} export function unused() {}";
    const sources = parseSources([
      ["src/a.ts", exports],
      ["src/b.ts", text],
      ["src/c/index.ts", "export const forOthers = 1;"],
    ]);
    expect(unusedExports(sources, "")).toEqual(["src/a.ts#Unused", "src/a.ts#unused"]);
  });

  it("count as imported where a tool names them", () => {
    const sources = parseSources([["src/a.ts", "export const used = 1; export const usedNot = 2;"]]);
    expect(unusedExports(sources, "build.used")).toEqual(["src/a.ts#usedNot"]);
  });
});
