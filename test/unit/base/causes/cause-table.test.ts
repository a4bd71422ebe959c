// SPDX-License-Identifier: Apache-2.0
// The table of causes and the page of causes: the same ids, in the same order, with the same commands.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CAUSES } from "../../../../src/base/causes/cause-table.js";
import { CAUSE_IDS } from "../../../../src/base/causes/classify.js";
import { explainCause } from "../../../../src/base/causes/explain-error.js";

const PAGE = readFileSync(join(__dirname, "../../../../docs/troubleshooting.md"), "utf8");
const sections = new Map(
  PAGE.split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("\n")), section] as const),
);
/** A command's words up to the first that is a value. */
const stem = (command: string) => command.split(/ (?=[A-Z-]|\S*[@/])/)[0] ?? command;

test("every cause has its section, in the order in which people meet them, and no section is without a cause", () => {
  expect([...sections.keys()]).toEqual([...CAUSE_IDS]);
});

test("the table has every cause", () => {
  expect(Object.keys(CAUSES).sort()).toEqual([...CAUSE_IDS].sort());
});

test.each(CAUSE_IDS)("the section of %s says something, and links to sections that exist", (id) => {
  const section = sections.get(id) ?? "";
  expect(section.length).toBeGreaterThan(id.length + 20);
  for (const [, anchor] of section.matchAll(/\]\(#([^)]+)\)/g)) expect(sections.has(anchor ?? "")).toBe(true);
});

test.each(CAUSE_IDS)("the commands of %s stand in its section, or in the one that it points to", (id) => {
  const section = sections.get(id) ?? "";
  const pointed = [...section.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => sections.get(anchor ?? "") ?? "");
  const text = [section, ...pointed].join("\n");
  for (const command of explainCause(id, { member: "deleted:serviceAccount:a@b.iam.gserviceaccount.com?uid=1" })
    .commands) {
    expect(text).toContain(stem(command));
  }
});

test.each(CAUSE_IDS)("the text of %s is whole without any name, and one line", (id) => {
  const { text, commands, runBy } = explainCause(id, {});
  for (const each of [text, runBy, ...commands]) expect(each).not.toMatch(/undefined|\n|^$/);
});
