// SPDX-License-Identifier: Apache-2.0
// The documentation's site as a reader has it, from a server of files: every page light, dark and in a narrow window; the search; the API
// reference against the doors. Builds the site where `npm run docs` has not.

import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { filesBelow, ROOT, readText, runNode } from "../gates/repository.js";
import { findings } from "./axe.js";
import { collectComplaints, openBrowser } from "./console-stage.js";

const SITE = join(ROOT, "build/docs-site");

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};
const server = createServer(({ url = "/" }, response) => {
  const path = join(SITE, decodeURIComponent(new URL(url, "http://localhost").pathname));
  // A browser asks for it where a page names none, as those of the reference.
  if (url === "/favicon.ico") response.writeHead(204).end();
  else if (!existsSync(path)) response.writeHead(404).end();
  else response.setHeader("content-type", TYPES[extname(path)] ?? "image/png").end(readFileSync(path));
});

let browser: Browser;
let pages: readonly string[];
beforeAll(async () => {
  if (!existsSync(join(SITE, "api/index.html"))) {
    const { exitCode, stderr } = await runNode([join(ROOT, "tools/docs.mjs")]);
    if (exitCode !== 0) throw new Error(`the site cannot be made: ${stderr}`);
  }
  pages = filesBelow("build/docs-site")
    .map((path) => path.slice("build/docs-site/".length))
    .filter((path) => path.endsWith(".html") && (!path.startsWith("api/") || isOfDoor(path)));
  await once(server.listen(0, "127.0.0.1"), "listening");
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  server.closeAllConnections();
  server.close();
});

/** A page of the reference that lists what a door exports; those of the messages in `protos` are as many again. */
const isOfDoor = (path: string): boolean => path.startsWith("api/modules/") && !path.includes(".protos");

/** A window on the site, and what its pages complain of. */
async function openSite(colorScheme: "light" | "dark", width: number) {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
  const page = await context.newPage();
  const complaints = collectComplaints(page);
  return {
    page,
    complaints,
    visit: (path: string) => page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`), // as: it listens
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** By how much what the page shows is wider than its window. */
const excessOf = (page: Page): Promise<number> => page.evaluate("document.scrollingElement.scrollWidth - innerWidth");

describe.each([
  ["light", 1280],
  ["dark", 1280],
  ["light", 400],
  ["dark", 400],
] as const)("the documentation's site, %s and %d pixels wide", (colors, width) => {
  it("has no page with an error in its console, a missing file or a part that is wider than the window", async () => {
    await using site = await openSite(colors, width);
    expect(pages.length).toBeGreaterThan(40);
    const wide: string[] = [];
    for (const path of pages) {
      await site.visit(path);
      const excess = await excessOf(site.page);
      if (excess > 0) wide.push(`${path}: ${excess}`);
    }
    expect({ wide, complaints: site.complaints }).toEqual({ wide: [], complaints: [] });
  });

  it.each(["index.html", "docs/performance.html", "docs/permissions.html", "docs/console.html"])(
    "axe finds nothing on %s",
    async (path) => {
      await using site = await openSite(colors, width);
      await site.visit(path);
      expect(await findings(site.page)).toEqual([]);
    },
  );
});

describe("the search", () => {
  it.each(["index.html", "docs/chains.html"])("of %s finds a section by its words, and goes there", async (path) => {
    await using site = await openSite("light", 1280);
    await site.visit(path);
    await site.page.getByRole("searchbox").fill("grants program need");
    const found = site.page.locator("#found").getByRole("link");
    expect(await found.first().textContent()).toBe("Which grants did my program need?");
    await found.first().click();
    await site.page.waitForURL(/docs\/permissions\.html#which-grants-did-my-program-need$/);
    expect(await site.page.getByRole("heading", { level: 1 }).textContent()).toMatch(
      /^Which grants did my program need\?/,
    );
  });

  it("says that nothing was found, and nothing when nothing is asked", async () => {
    await using site = await openSite("light", 400);
    await site.visit("index.html");
    const found = site.page.locator("#found li");
    await site.page.getByRole("searchbox").fill("xyzzy");
    expect(await found.allTextContents()).toEqual(["Nothing found."]);
    await site.page.getByRole("searchbox").fill("  ");
    expect(await found.count()).toBe(0);
  });
});

it("has a menu that is closed in a narrow window, and opens", async () => {
  await using site = await openSite("light", 400);
  await site.visit("docs/chains.html");
  const link = site.page.getByRole("link", { name: "Cookbook", exact: true });
  expect(await link.isVisible()).toBe(false);
  await site.page.getByText("All pages").first().click();
  expect(await link.isVisible()).toBe(true);
});

describe("the API reference", () => {
  const doors = ["index", "admin", "diagnose", "emulator", "gapic", "grpc-js", "google-auth-library"];

  it.each(doors)("has an entry for every export of the door %s", (door) => {
    const report = readText(`docs/api/${door}.api.md`);
    const declared = Array.from(
      report.matchAll(/^export (?:declare )?(?:abstract )?(?:class|const|function|interface|namespace|type) (\w+)/gm),
      ([, name = ""]) => name,
    );
    // `export { type A as B }`, and the same without a new name
    const renamed = Array.from(report.matchAll(/^export \{ (?:\w+ as )?(\w+) \}/gm), ([, name = ""]) => name);
    const names = [...new Set([...declared, ...renamed])];
    const file = door === "index" ? "iam-credentials-client" : `iam-credentials-client_${door}`;
    const listed = readFileSync(join(SITE, `api/modules/${file}.html`), "utf8").replaceAll("<wbr/>", "");
    expect(names.filter((name) => !new RegExp(`>${name}<`).test(listed))).toEqual([]);
    expect(names).not.toEqual([]);
  });
});
