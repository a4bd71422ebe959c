// SPDX-License-Identifier: Apache-2.0
// Every block on every page is accounted for: programs in `js` are run (examples.test.ts), files of data are parsed, and what nothing runs
// here is counted, each with its reason.

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";

const root = resolve(__dirname, "../..");
/** The languages that another test takes care of. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  js: "examples.test.ts",
  cjs: "examples.test.ts, by Jest",
  mjs: "examples.test.ts, as Vitest would call it",
  sh: "command-lines.test.ts runs every iamcreds, and counts the other programs",
  javascript: "own-service.test.ts",
  typescript: "own-service.test.ts",
};

/** The languages that no test runs, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  hcl: "Terraform is not installed where tests run",
  dockerfile: "there is no container engine where tests run",
};
/** Drawings and what programs print. */
const NO_PROGRAM = ["", "text"];

interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

const pages = ["README.md", ...readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"))];
const blocks: readonly Block[] = pages.flatMap((name) => {
  const page = name === "README.md" ? name : `docs/${name}`;
  const markdown = readFileSync(join(root, page), "utf8");
  const fences = markdown.matchAll(/^```([^\n]*)\n(.*?)^```$/gms);
  return Array.from(fences, ([, language = "", text = ""]) => ({ page, language, text }));
});
const blocksIn = (language: string) => blocks.filter((block) => block.language === language);

test("has programs in JavaScript on the pages, which are run, and no language that is not accounted for", () => {
  expect(blocksIn("js").length).toBeGreaterThan(15);
  const known = ["json", "yaml", ...NO_PROGRAM, ...Object.keys(ELSEWHERE), ...Object.keys(NOT_RUN)];
  expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([]);
});

test("counts what is not run, so that more of it is seen in review", () => {
  const counts = Object.keys(NOT_RUN).map((language) => [language, blocksIn(language).length]);
  expect(Object.fromEntries(counts)).toEqual({ hcl: 1, dockerfile: 1 });
});

test.each(blocksIn("yaml").map(({ page, text }) => [page, text]))(
  "%s: YAML is whole, of a kind that is known",
  (_page, text) => {
    const documents = parseAllDocuments(text);
    expect(documents).toHaveLength(1);
    for (const document of documents) {
      expect(document.errors.map(({ message }) => message)).toEqual([]);
      const value: unknown = document.toJS();
      expect(value).toBeInstanceOf(Object);
      // What each of the kinds must have: a workflow, a composition, a resource of Kubernetes, a template of Buf's.
      expect(Object.keys(value as object)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^(jobs|services|apiVersion|plugins)$/)]),
      ); // as: an object, by the line above
    }
  },
);

test("JSON on the pages is JSON", () => {
  for (const { text } of blocksIn("json")) expect(() => JSON.parse(text)).not.toThrow();
});
