// SPDX-License-Identifier: Apache-2.0
// The command lines on the pages: each names a command that is there, with flags and arguments that it takes. Runs none.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isGroup } from "../../../../src/cli/table/command.js";
import { findCommand, readGiven } from "../../../../src/cli/table/find-command.js";
import { tree } from "../../../../src/cli/tree.js";
import { readCommands } from "../../../support/shell-words.js";

const root = join(__dirname, "../../../..");
const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter(
  (path) => path.endsWith(".md") && path !== "docs/commands.md",
);

/** The arguments of each `iamcreds` in the shell's blocks of a page, with what stands before or behind it left out. */
function commandLines(page: string): [page: string, line: string][] {
  const text = readFileSync(join(root, page), "utf8").replaceAll("\\\n", " ");
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = ""]) => block.split("\n"));
  return blocks.flatMap((line) => {
    const [, words] = /^(?:npx (?:-p iam-credentials-client )?)?iamcreds (.*?)(?: +#.*)?$/.exec(line) ?? [];
    return words === undefined ? [] : [[page, words] as [string, string]];
  });
}

const lines = pages.flatMap(commandLines);

it("are found on the pages", () => {
  expect(new Set(lines.map(([page]) => page)).size).toBeGreaterThan(3);
});

it.each(lines)("%s: iamcreds %s is a command with what it takes", (_, line) => {
  const found = findCommand(readCommands(line)[0] ?? [], tree);
  expect(found.unknown).toBeUndefined();
  const { node } = found;
  if (node === undefined || isGroup(node)) throw new Error(`no command: ${line}`);
  expect(() => readGiven(node.load(), found, tree.commonFlags, {})).not.toThrow();
});
