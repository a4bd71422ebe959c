// SPDX-License-Identifier: Apache-2.0
// One result and lists in each form, quoting for a shell, and the question before what can't be taken back.

import { describe, expect, it, test } from "@jest/globals";
import type { Host } from "../../../../src/cli/host/host.js";
import { confirm, printList, printResult, quote } from "../../../../src/cli/print/result.js";
import { parseFlags } from "../../../../src/cli/table/flags.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { rejectionOf } from "../../../support/rejection-of.js";

const GROUPS = { All: { format: { value: "F", text: "" }, quiet: { text: "" }, "no-header": { text: "" } } };
const given = (line = "") => parseFlags(line === "" ? [] : line.split(" "), GROUPS);

function openHost({ line = "", isTerminal = false } = {}) {
  const out = { text: "", errors: "" };
  const host: Host = {
    print: (text) => {
      out.text += text;
    },
    printBytes: (bytes) => {
      out.text += Buffer.from(bytes).toString("latin1");
    },
    complain: (text) => {
      out.errors += text;
    },
    readInput: async () => Buffer.from(line),
    readLine: async () => line,
    isTerminal: { input: isTerminal, output: isTerminal, errors: isTerminal },
    columns: undefined,
    variables: {},
    clock: new ManualClock(),
  };
  return { host, out };
}

const RESULT = {
  json: { tags: ["a b", "c"], name: "robot", isOn: true, none: "", deep: { x: 1 } },
  env: { TOKEN: "it's" },
  headers: { authorization: "Bearer x" },
};

test.each([
  ["", 'deep: {"x":1}\nisOn: true\nname: robot\ntags:\n- a b\n- c\n'],
  ["--format ndjson", '{"deep":{"x":1},"isOn":true,"name":"robot","tags":["a b","c"]}\n'],
  ["--format env", "export TOKEN='it'\\''s'\n"],
  ["--format header", "authorization: Bearer x\n"],
  ["--format value(name,tags,nothing,deep.x)", "robot\ta b;c\t\t1\n"],
])("a result with %j", (line, text) => {
  const { host, out } = openHost();
  printResult(given(line), host, RESULT);
  expect(out.text).toBe(text);
});

it("a result has its own text, and is exact where it says so", () => {
  const { host, out } = openHost();
  printResult(given(), host, { ...RESULT, text: "robot is on\n" });
  printResult(given("--format ndjson"), host, { json: { none: "", zero: 0 }, isExact: true });
  expect(out.text).toBe('robot is on\n{"none":"","zero":0}\n');
});

describe("a list", () => {
  const ITEMS = [{ name: "a" }, { name: "b" }];
  const COLUMNS = [{ name: "NAME", of: ({ name }: { name: string }) => name }] as never; // as: one column is enough
  const list = async (line: string, items: Iterable<{ name: string }> = ITEMS) => {
    const { host, out } = openHost();
    await printList(given(line), host, items, COLUMNS);
    return out;
  };

  it("is an array in JSON, and a line for each item in the forms for scripts", async () => {
    expect(JSON.parse((await list("--format json")).text)).toEqual(ITEMS);
    expect((await list("--format ndjson")).text).toBe('{"name":"a"}\n{"name":"b"}\n');
    expect((await list("--format value(name)")).text).toBe("a\nb\n");
  });

  it("that is empty says so where people look, and prints nothing", async () => {
    expect(await list("", [])).toEqual({ text: "", errors: "Listed 0 items.\n" });
    expect((await list("--format json", [])).text).toBe("[]\n");
  });

  it("throws what its items throw, after those that came in lines", async () => {
    const { host, out } = openHost();
    function* items() {
      yield { name: "a" };
      throw new Error("no more");
    }
    expect(await rejectionOf(printList(given("--format ndjson"), host, items(), COLUMNS))).toMatchObject({
      message: "no more",
    });
    expect(out.text).toBe('{"name":"a"}\n');
  });
});

test.each([
  ["plain/word:1@x", "plain/word:1@x"],
  ["two words", "'two words'"],
  ["it's", "'it'\\''s'"],
  ["$HOME", "'$HOME'"],
  ["", "''"],
])("%j is quoted as %s", (text, quoted) => {
  expect(quote(text)).toBe(quoted);
});

it("what is no object is a line of its own", () => {
  const { host, out } = openHost();
  for (const json of ["x", 5]) printResult(given(), host, { json, isExact: true });
  expect(out.text).toBe("x\n5\n");
});

describe("the question before what can't be taken back", () => {
  it("is not asked with --quiet", async () => {
    const { host, out } = openHost();
    await confirm(given("--quiet"), host, "You are about to delete it");
    expect(out.errors).toBe("");
  });

  it("can't be asked without a terminal", async () => {
    expect(await rejectionOf(confirm(given(), openHost().host, "You are about to delete it"))).toMatchObject({
      name: "UsageError",
      message: "You are about to delete it: there is no terminal to ask on; pass --quiet to continue",
    });
  });

  test.each(["", "y", " YES "])("is answered with %j to go on", async (line) => {
    const { host, out } = openHost({ line, isTerminal: true });
    await confirm(given(), host, "You are about to delete it");
    expect(out.errors).toBe("You are about to delete it. Do you want to continue (Y/n)? ");
  });

  test.each(["n", "no", "what"])("is answered with %j to stop", async (line) => {
    const { host } = openHost({ line, isTerminal: true });
    expect(await rejectionOf(confirm(given(), host, "?"))).toMatchObject({ message: "stopped; nothing was changed" });
  });
});
