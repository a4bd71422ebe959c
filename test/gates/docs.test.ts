// SPDX-License-Identifier: Apache-2.0
// The gate of the documentation: every link and anchor leads somewhere, every page is led to, every command has its entry as the
// program's help has it; and the site is whole.

import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesBelow, openTemporaryFolder, ROOT, readText, runNode } from "./repository.js";

const SCRIPT = join(ROOT, "tools/docs.mjs");

it("finds nothing wrong with the pages of the repository", async () => {
  expect(await runNode([SCRIPT, "--check"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
});

it("finds a section for every word that the program's help lists as a command", () => {
  const help = execFileSync(process.execPath, [join(ROOT, "build/iamcreds.js"), "--help"], { encoding: "utf8" });
  const [, list = ""] = /^Commands:\n(.*?)\n\n/ms.exec(help) ?? [];
  const words = list.split("\n").map((line) => line.trim().split(/ +/)[0] ?? "");
  expect(words.length).toBeGreaterThan(8);
  const page = readText("docs/commands.md");
  expect(words.filter((word) => !new RegExp(`^## iamcreds ${word}( |$)`, "m").test(page))).toEqual([]);
});

describe("a folder of pages", () => {
  function openPages(readme: string) {
    const folder = openTemporaryFolder();
    mkdirSync(join(folder.path, "docs"));
    writeFileSync(join(folder.path, "README.md"), `# Start\n\n[commands](docs/commands.md#iamcreds-exec)\n\n${readme}`);
    return folder;
  }
  const build = (root: string, ...args: string[]) => runNode([SCRIPT, "--root", root, ...args]);

  it("is not built with a link, an anchor or an image that leads nowhere, or a page that nothing leads to", async () => {
    const links = ["[a](docs/absent.md)", "[b](docs/commands.md#no-such)", "![c](docs/c.svg)", "[d](../README.md)"];
    using folder = openPages(`${links.join(" ")} [good](#start) \`[code](nowhere.md)\`\n`);
    writeFileSync(join(folder.path, "docs/lonely.md"), "# Lonely\n");
    const { exitCode, stderr } = await build(folder.path);
    expect(exitCode).toBe(1);
    expect(stderr.trim().split("\n").sort()).toEqual([
      "README.md: ../README.md: no such file",
      "README.md: docs/absent.md: no such file",
      "README.md: docs/c.svg: no such file",
      "README.md: docs/commands.md#no-such: no such heading",
      "docs/lonely.md: no page leads to it",
    ]);
    expect(existsSync(join(folder.path, "build"))).toBe(false);
  });

  it("is stale when a command is not as its page says", async () => {
    using folder = openPages("");
    expect((await build(folder.path)).exitCode).toBe(0);
    expect((await build(folder.path, "--check")).exitCode).toBe(0);
    appendFileSync(join(folder.path, "docs/commands.md"), "more\n");
    const { exitCode, stderr } = await build(folder.path, "--check");
    expect([exitCode, stderr]).toEqual([1, "docs/commands.md is stale: npm run docs\n"]);
  });

  it("becomes pages whose links lead to pages, with headings that can be linked and found", async () => {
    using folder = openPages(
      "## A `b` & <c>, twice\n\n## A `b` & <c>, twice\n\n[second](#a-b--c-twice-1)\n\n<script>x</script>\n",
    );
    expect((await build(folder.path)).stderr).toBe("");
    const site = join(folder.path, "build/docs-site");
    const start = readFileSync(join(site, "index.html"), "utf8");
    expect(start).toContain('<h2 id="a-b--c-twice-1">');
    expect(start).toContain('href="#a-b--c-twice-1"');
    expect(start).toContain('href="docs/commands.html#iamcreds-exec"');
    expect(start).not.toContain("<script>x");
    expect(readFileSync(join(site, "search-index.js"), "utf8")).toContain('"anchor":"iamcreds-exec"');
  });

  it("has no address on the pages that is not there, that of the repository's files aside", async () => {
    using folder = openPages("");
    await build(folder.path);
    const site = join(folder.path, "build/docs-site");
    const pages = filesBelow("build/docs-site", folder.path).filter((path) => path.endsWith(".html"));
    expect(pages).toHaveLength(2);
    for (const page of pages) {
      const text = readFileSync(join(folder.path, page), "utf8");
      for (const [, address = ""] of text.matchAll(/(?:href|src)="([^"#:]+)[^":]*"/g)) {
        expect([page, address, existsSync(join(folder.path, dirname(page), address))]).toEqual([page, address, true]);
      }
    }
    expect(existsSync(join(site, "page.js"))).toBe(true);
  });
});
