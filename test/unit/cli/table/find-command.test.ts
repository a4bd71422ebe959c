// SPDX-License-Identifier: Apache-2.0
// Which command words name, and what is wrong with what one is given, before it runs.

import { describe, expect, it, test } from "@jest/globals";
import type { Command, Tree } from "../../../../src/cli/table/command.js";
import { findCommand, flagsOf, readGiven } from "../../../../src/cli/table/find-command.js";

const usageError = (message: string) => expect.objectContaining({ name: "UsageError", message });
const common = () => ({
  Common: { project: { value: "ID", text: "the project" }, format: { value: "F", text: "the form" } },
});

const copy: Command = {
  text: "Copies.",
  positionals: [{ name: "FROM" }, { name: "MODE", isOptional: true, values: ["fast", "safe"] }],
  flags: { Own: { force: { text: "whatever is there" } } },
  run: async () => 0,
};
const list: Command = { ...copy, positionals: [{ name: "FILE", isList: true }], hasTokenForms: true };
const bare: Command = { text: "Runs.", hasCommonFlags: false, rest: "COMMAND", run: async () => 0 };

const TREE: Tree = {
  commonFlags: common,
  aliases: { cp: ["files", "copy"] },
  entries: {
    files: {
      summary: "Files.",
      entries: {
        copy: { summary: "Copies.", load: () => copy },
        list: { summary: "Lists.", load: () => list },
      },
    },
    run: { summary: "Runs.", load: () => bare },
  },
};

const words = (line: string) => (line === "" ? [] : line.split(" "));
const find = (line: string) => findCommand(words(line), TREE);
const read = (command: Command, line: string) => readGiven(command, { ...find(""), args: words(line) }, common, {});

test.each([
  ["files copy a b", ["files", "copy"], ["files", "copy"], ["a", "b"]],
  ["cp a", ["files", "copy"], ["cp"], ["a"]],
  ["run -- x", ["run"], ["run"], ["--", "x"]],
  ["--project p files copy a", ["files", "copy"], ["files", "copy"], ["--project", "p", "a"]],
  ["--project=p cp a", ["files", "copy"], ["cp"], ["--project=p", "a"]],
  ["files", ["files"], ["files"], []],
  ["files --help", ["files"], ["files"], ["--help"]],
])("%j names %j", (line, path, written, args) => {
  expect(find(line)).toMatchObject({ path, written, args, unknown: undefined });
});

test.each([
  ["file", "file", []],
  ["files move", "move", ["files"]],
  ["files constructor", "constructor", ["files"]],
])("%j names no command: %j is unknown", (line, unknown, path) => {
  expect(find(line)).toMatchObject({ unknown, path });
});

it("no words, or unknown flags before them, name nothing", () => {
  expect(find("").node).toBeUndefined();
  expect(find("--nothing files").node).toBeUndefined();
});

describe("what a command is given", () => {
  it("is its flags, its arguments, and what stands behind --", () => {
    const given = read(copy, "a fast --force --project p");
    expect([given.positionals, given.has("force"), given.text("project"), given.rest]).toEqual([
      ["a", "fast"],
      true,
      "p",
      undefined,
    ]);
    expect(read(bare, "-- ls -l").rest).toEqual(["ls", "-l"]);
    expect(read(list, "a b c").positionals).toEqual(["a", "b", "c"]);
  });

  test.each<[Command, string, string]>([
    [copy, "", "FROM is missing"],
    [copy, "a fast more", "Unexpected argument 'more'"],
    [copy, "a slow", 'MODE must be one of fast, safe, not "slow"'],
    [copy, "a -- b", "nothing may follow --"],
    [
      copy,
      "a --format env",
      "--format env: this command does not support that format; valid formats are text, json, ndjson, value(FIELD)",
    ],
    [copy, "a --format value()", "--format must be value(FIELD) or value(FIELD,FIELD), not value()"],
  ])("is refused by name: %#", (command, line, message) => {
    expect(() => read(command, line)).toThrow(usageError(message));
  });

  it("may have the forms of a token where the command has one", () => {
    expect(read(list, "a --format env").text("format")).toBe("env");
  });

  test.each(["ya29.abc", "eyJhbGciOiJSUzI1NiJ9.x.y", "--project=ya29.abc"])(
    "has no token in it, which is not repeated: %#",
    (token) => {
      const message =
        "a token must not be an argument, which everyone on this machine can see: pass it in a file or on standard input (-)";
      expect(() => read(list, `a ${token}`)).toThrow(usageError(message));
      expect(read(bare, `-- echo ${token}`).rest).toEqual(["echo", token]);
    },
  );
});

it("a command has the common flags unless it says that it has not", () => {
  expect(Object.keys(flagsOf(copy, common))).toEqual(["Own", "Common"]);
  expect(flagsOf(bare, common)).toEqual({});
});
