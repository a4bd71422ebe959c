// SPDX-License-Identifier: Apache-2.0
// `npm run docs`: writes docs/commands.md from the table of commands, checks every link and anchor of the pages that README.md leads to,
// and renders them to build/docs-site, with an index for search and the API reference. Needs no network. With --check it writes nothing and fails when
// docs/commands.md is stale. `--root FOLDER` takes the pages of another folder.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, posix, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Marked } from "marked";
import { writeApiReference } from "./api-reference.mjs";

const require = createRequire(import.meta.url);
const HERE = fileURLToPath(new URL("..", import.meta.url));
const { values: flags } = parseArgs({ options: { check: { type: "boolean" }, root: { type: "string" } } });
const ROOT = resolve(flags.root ?? HERE);
/** Pages of another folder have no API. */
const hasApi = ROOT === resolve(HERE);
const SITE = join(ROOT, "build/docs-site");
const START = "README.md";
const CONTENTS = "docs/README.md";
const COMMANDS = "docs/commands.md";
const { homepage } = require("../package.json");
const FILES_AT = `${homepage.replace(/#.*/, "")}/blob/main/`;

const escapeHtml = (text) =>
  text.replace(/[&<>"]/g, (each) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[each]);
const isExternal = (href) => /^[a-z][a-z+.-]*:/i.test(href);

/** The page of commands, of the table that help and completion are made of. */
function formatCommands() {
  const load = (path) => require(join(HERE, "build/src/cli", path));
  const { tree } = load("tree.js");
  const { listCommands } = load("table/command.js");
  const { formatCommandHelp } = load("table/help.js");
  const { formatFlags } = load("table/flags.js");
  const commands = listCommands(tree.entries).map(([path, entry]) => [path, entry.summary, entry.load()]);
  const anchorOf = (path) => `iamcreds-${path.join("-")}`;
  const rows = commands.map(([path, summary]) => `| [\`${path.join(" ")}\`](#${anchorOf(path)}) | ${summary} |`);
  const sections = commands.map(([path, , command]) => {
    const help = formatCommandHelp(path, { ...command, hasCommonFlags: false }, tree).trimEnd();
    const more = command.hasCommonFlags === false ? "" : "\n[Common flags](#common-flags) besides.\n";
    return `## iamcreds ${path.join(" ")}\n\n\`\`\`text\n${help}\n\`\`\`\n${more}`;
  });
  return `# Commands

<!-- Made by \`npm run docs\` of the table of commands, src/cli/tree.ts. Edit that. -->

\`iamcreds\` comes with the package: \`npx iamcreds\` where it is installed, \`npx -p iam-credentials-client iamcreds\` anywhere.
\`iamcreds COMMAND --help\` prints what stands here, and \`iamcreds completion bash\` (\`zsh\`, \`fish\`, \`powershell\`) a completion script.

| command | what it does |
| --- | --- |
${rows.join("\n")}

## Common flags

Every command takes them that calls Google.

\`\`\`text
${formatFlags(tree.commonFlags()).trimEnd()}
\`\`\`

${sections.join("\n")}`;
}

/** The anchors of headings as forges make them: small letters, no punctuation, a number for the second of a name. */
function makeSlugger() {
  const counts = new Map();
  return (text) => {
    const slug = text
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  };
}

/** All tokens of a kind, however deep. */
function tokensOf(marked, tokens, type) {
  const found = [];
  marked.walkTokens(tokens, (token) => {
    if (token.type === type) found.push(token);
  });
  return found;
}

const plainText = (tokens = []) =>
  tokens.map((token) => (token.tokens === undefined ? token.text : plainText(token.tokens))).join("");

/** Reads a page: its tokens, anchors, links and sections. */
function readPage(path) {
  const marked = new Marked({ gfm: true });
  const tokens = marked.lexer(readFileSync(join(ROOT, path), "utf8"));
  const slug = makeSlugger();
  const anchors = new Map();
  const sections = [];
  for (const token of tokens) {
    if (token.type === "heading") {
      const title = plainText(token.tokens);
      const anchor = slug(title);
      anchors.set(token, anchor);
      sections.push({ title, anchor, text: "" });
    } else if (token.type !== "html" && sections.length > 0) sections.at(-1).text += `${token.raw} `;
  }
  const links = [...tokensOf(marked, tokens, "link"), ...tokensOf(marked, tokens, "image")].map(({ href }) => href);
  return { path, marked, tokens, anchors, sections, links, title: sections[0]?.title ?? path };
}

/** Where a link of a page leads: a path from the root, and an anchor. */
function targetOf(page, href) {
  const [path = "", anchor] = href.split("#", 2);
  const target = path === "" ? page : posix.normalize(posix.join(posix.dirname(page), decodeURIComponent(path)));
  return { path: target, anchor };
}

/** The pages that the first one leads to, and what is wrong with their links. */
function readPages() {
  const pages = new Map();
  const problems = [];
  const pending = [START];
  for (const path of pending) {
    if (pages.has(path)) continue;
    const page = readPage(path);
    pages.set(path, page);
    for (const href of page.links.filter((each) => !isExternal(each))) {
      const target = targetOf(path, href).path;
      if (target.startsWith("../") || !existsSync(join(ROOT, target))) problems.push(`${path}: ${href}: no such file`);
      else if (target.endsWith(".md")) pending.push(target);
    }
  }
  for (const { path, links } of pages.values()) {
    for (const href of links.filter((each) => !isExternal(each))) {
      const { path: target, anchor } = targetOf(path, href);
      const found = pages.get(target);
      if (anchor === undefined || found === undefined) continue;
      if (![...found.anchors.values()].includes(anchor)) problems.push(`${path}: ${href}: no such heading`);
    }
  }
  for (const name of readdirSync(join(ROOT, "docs")).filter((each) => each.endsWith(".md"))) {
    if (!pages.has(`docs/${name}`)) problems.push(`docs/${name}: no page leads to it`);
  }
  return { pages, problems };
}

const siteName = (path) => path.replace(/(^|\/)README\.md$/, "$1index.md").replace(/\.md$/, ".html");

/** The pages that the contents list, under its headings; the reports of the API are for review, and it has a reference. */
function readMenu(pages) {
  const groups = [{ title: "", paths: [START, CONTENTS].filter((path) => pages.has(path)) }];
  const contents = pages.get(CONTENTS);
  const seen = new Set(groups[0].paths);
  for (const token of contents?.tokens ?? []) {
    if (token.type === "heading" && token.depth === 2) groups.push({ title: plainText(token.tokens), paths: [] });
    for (const { href } of tokensOf(contents.marked, [token], "link").filter((link) => !isExternal(link.href))) {
      const { path } = targetOf(CONTENTS, href);
      if (seen.has(path) || !pages.has(path) || path.startsWith("docs/api/")) continue;
      seen.add(path);
      groups.at(-1).paths.push(path);
    }
  }
  return groups.filter(({ paths }) => paths.length > 0);
}

function renderMenu(page, pages, here) {
  const item = (place, title, more = "") => `<li><a href="${place}"${more}>${escapeHtml(title)}</a></li>`;
  const groups = readMenu(pages).map(({ title, paths }, number) => {
    const items = paths.map((path) => {
      const name = path === CONTENTS ? "All pages" : pages.get(path).title;
      return item(here(siteName(path)), name, path === page.path ? ' aria-current="page"' : "");
    });
    if (number === 0 && hasApi) items.push(item(here("api/index.html"), "API reference"));
    return `${title === "" ? "" : `<p>${escapeHtml(title)}</p>\n`}<ul>\n${items.join("\n")}\n</ul>`;
  });
  return groups.join("\n");
}

function renderPage(page, pages) {
  const from = dirname(siteName(page.path));
  const here = (path) => relative(from, path) || ".";
  const hrefOf = (href) => {
    if (isExternal(href)) return href;
    const { path, anchor } = targetOf(page.path, href);
    const place = pages.has(path) ? here(siteName(path)) : `${FILES_AT}${path}`;
    return anchor === undefined ? place : `${place}#${anchor}`;
  };
  page.marked.use({
    renderer: {
      heading(token) {
        const anchor = escapeHtml(page.anchors.get(token) ?? "");
        const content = this.parser.parseInline(token.tokens);
        return `<h${token.depth} id="${anchor}">${content} <a class="anchor" href="#${anchor}" aria-label="link">#</a></h${token.depth}>\n`;
      },
      link(token) {
        return `<a href="${escapeHtml(hrefOf(token.href))}">${this.parser.parseInline(token.tokens)}</a>`;
      },
      image: ({ href, text }) =>
        `<img src="${escapeHtml(isExternal(href) ? href : here(targetOf(page.path, href).path))}" alt="${escapeHtml(text)}">`,
      html: ({ text }) => (/^<!--[\s\S]*-->\s*$/.test(text) ? "" : escapeHtml(text)),
    },
  });
  const content = page.marked
    .parser(page.tokens)
    .replaceAll("<table>", '<div class="table"><table>')
    .replaceAll("</table>", "</table></div>");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)} · iam-credentials-client</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${here("style.css")}">
</head>
<body data-root="${here(".")}">
<nav aria-label="Pages">
<input type="search" id="search" placeholder="Search" aria-label="Search">
<ul id="found" aria-label="What was found"></ul>
<details id="menu" open>
<summary>All pages</summary>
${renderMenu(page, pages, here)}
</details>
</nav>
<main>
${content}</main>
<script src="${here("search-index.js")}"></script>
<script src="${here("page.js")}"></script>
</body>
</html>
`;
}

function writeSite(pages) {
  rmSync(SITE, { recursive: true, force: true });
  const write = (name, text) => {
    mkdirSync(dirname(join(SITE, name)), { recursive: true });
    writeFileSync(join(SITE, name), text);
  };
  for (const page of pages.values()) {
    write(siteName(page.path), renderPage(page, pages));
    for (const { href } of tokensOf(page.marked, page.tokens, "image").filter((image) => !isExternal(image.href))) {
      const { path } = targetOf(page.path, href);
      mkdirSync(dirname(join(SITE, path)), { recursive: true });
      copyFileSync(join(ROOT, path), join(SITE, path));
    }
  }
  const index = [...pages.values()].flatMap(({ path, title: on, sections }) =>
    sections.map(({ title, anchor, text }) => ({
      page: siteName(path),
      anchor,
      title,
      on,
      text: text.replace(/[\s|`*#]+/g, " ").slice(0, 4000),
    })),
  );
  write("search-index.js", `globalThis.SEARCH_INDEX = ${JSON.stringify(index)};\n`);
  for (const name of ["page.js", "style.css"]) copyFileSync(join(HERE, "tools/docs-site", name), join(SITE, name));
  return index.length;
}

async function run() {
  const problems = [];
  const commands = formatCommands();
  if (!flags.check) writeFileSync(join(ROOT, COMMANDS), commands);
  else if (!existsSync(join(ROOT, COMMANDS)) || readFileSync(join(ROOT, COMMANDS), "utf8") !== commands)
    problems.push(`${COMMANDS} is stale: npm run docs`);
  const read = readPages();
  problems.push(...read.problems);
  if (problems.length > 0) {
    process.stderr.write(`${problems.join("\n")}\n`);
    process.exitCode = 1;
  } else if (!flags.check) {
    const sections = writeSite(read.pages);
    const doors = hasApi ? await writeApiReference(ROOT, join(SITE, "api")) : 0;
    process.stdout.write(
      `${read.pages.size} pages with ${sections} sections, the API of ${doors} doors: build/docs-site/index.html\n`,
    );
  }
}

await run();
