// SPDX-License-Identifier: Apache-2.0
// How arguments are read by a table of flags, and the help that is made of it.

import { type FlagGroups, formatFlags, parseDuration, parseFlags, parsePort } from "../../../../src/cli/table/flags.js";

const usageError = (message: string) => expect.objectContaining({ name: "UsageError", message });
const GROUPS: FlagGroups = {
  First: {
    name: { value: "text", text: "a text" },
    "a-flag-with-a-long-name": { value: "number", text: "a number\nin two lines" },
  },
  Second: { item: { value: "text", isList: true, text: "an item" }, on: { text: "is on" } },
};

test("values, lists and switches are read by their names, in either spelling", () => {
  const flags = parseFlags(["--name", "a b", "--item=1", "--item", "2", "--on"], GROUPS);
  expect([flags.text("name"), flags.list("item"), flags.has("on")]).toEqual(["a b", ["1", "2"], true]);
});

test("what is not given is nothing", () => {
  const flags = parseFlags([], GROUPS);
  expect([flags.text("name"), flags.list("item"), flags.has("on")]).toEqual([undefined, [], false]);
  expect(() => flags.text("none")).toThrow("the table has no flag none");
});

test.each([
  [["--nam", "x"], "Unknown option '--nam'"],
  [["-n"], "Unknown option '-n'"],
  [["--name"], "Option '--name <value>' argument missing"],
  [["--name", "--on"], "Option '--name' argument is ambiguous"],
  [["--on=yes"], "Option '--on' does not take an argument"],
  [["x"], "Unexpected argument 'x'"],
])("%j are refused in one line", (args, message) => {
  expect(() => parseFlags(args, GROUPS)).toThrow(usageError(message));
});

test("the help has a line for each flag, in its group", () => {
  expect(formatFlags(GROUPS).split("\n")).toEqual([
    "First:",
    "  --name <text>                 a text",
    "  --a-flag-with-a-long-name <number>",
    "                                a number",
    "                                in two lines",
    "",
    "Second:",
    "  --item <text> …               an item",
    "  --on                          is on",
    "",
  ]);
});

test.each([
  ["0s", 0],
  ["500ms", 500],
  ["1.5s", 1500],
  ["15m", 900_000],
  ["2h", 7_200_000],
  ["7d", 604_800_000],
])("%s is a duration", (text, ms) => {
  expect(parseDuration(text, "--d")).toBe(ms);
});

test.each(["", "5", "s", "-1s", "1 s", "1w", "1e3s", "∞s", `${"9".repeat(400)}s`])("%j is no duration", (text) => {
  const message = `--d must be a duration such as 500ms, 90s, 15m, 2h or 7d, not ${JSON.stringify(text)}`;
  expect(() => parseDuration(text, "--d")).toThrow(usageError(message));
});

test("ports are from 0 to 65535", () => {
  expect(["0", "8519", "65535"].map((text) => parsePort(text, "--port"))).toEqual([0, 8519, 65_535]);
  for (const text of ["", "-1", "65536", "1.5", "0x10", "1e3", " 1"]) {
    const message = `--port must be an integer from 0 to 65535, not ${JSON.stringify(text)}`;
    expect(() => parsePort(text, "--port")).toThrow(usageError(message));
  }
});
