// SPDX-License-Identifier: Apache-2.0
// Makes the console that ships of what the compiler left in build/console: each module minified for itself, none bundled, beside the
// page, the style sheet and the picture. Decides nothing about what a screen shows.

const esbuild = require("esbuild");
const { cpSync, readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const SOURCE = "src/emulator/console";
const TARGET = "build/console";

for (const name of ["index.html", "console.css", "icon.svg"]) cpSync(join(SOURCE, name), join(TARGET, name));
for (const path of readdirSync(TARGET, { recursive: true }).map((name) => join(TARGET, name))) {
  const text = () => readFileSync(path, "utf8");
  if (path.endsWith(".html")) writeFileSync(path, text().replace(/\n\s*/g, "\n"));
  const loader = path.endsWith(".js") ? "js" : "css";
  if (!path.endsWith(`.${loader}`)) continue;
  const { code } = esbuild.transformSync(text(), { loader, minify: true, legalComments: "none" });
  writeFileSync(path, code);
}
