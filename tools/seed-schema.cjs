// SPDX-License-Identifier: Apache-2.0
// Writes the JSON schema of the emulator's seed, of the declarations that the emulator checks seeds by: their checks from the build,
// their texts from the doc comments in the sources.

const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join, resolve } = require("node:path");
const ts = require("typescript");

const ROOT = resolve(__dirname, "..");
const SOURCES = "src/emulator";

/** The one paragraph of a doc comment, without what is for TypeScript alone. */
function textOf(node) {
  const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = docs.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "").join(" ");
  const plain = text
    .replace(/\s+/g, " ")
    .replace(/ ?\bRequired\.$/, "")
    .trim();
  return plain === "" ? {} : { description: plain };
}

/** The doc comments of a declaration: its own, and those of its fields. */
function docsOf(statement, declaration) {
  const fields = new Map();
  const visit = (node) => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === "fields") {
      for (const field of node.initializer.properties ?? []) {
        if (ts.isPropertyAssignment(field)) fields.set(field.name.getText(), textOf(field));
      }
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return { own: textOf(statement), fields };
}

/** Every declaration of the emulator's by what the build made of it. */
function readDocs(build) {
  const docs = new Map();
  for (const name of readdirSync(join(ROOT, SOURCES), { recursive: true }).filter((each) => each.endsWith(".ts"))) {
    const path = join(SOURCES, name);
    const text = readFileSync(join(ROOT, path), "utf8");
    if (!text.includes("declare({")) continue;
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    const built = build(path);
    for (const statement of source.statements.filter(ts.isVariableStatement)) {
      for (const declaration of statement.declarationList.declarations) {
        const value = built[declaration.name.getText()];
        if (value?.fields !== undefined) docs.set(value, docsOf(statement, declaration));
      }
    }
  }
  return docs;
}

/** The schema. @param build gives the module that a source was built to */
function buildSeedSchema(build) {
  const docs = readDocs(build);
  const define = (declaration) => {
    const { own = {}, fields = new Map() } = docs.get(declaration) ?? {};
    const entries = Object.entries(declaration.fields);
    return {
      ...own,
      type: "object",
      required: entries.filter(([, { need }]) => need === "required").map(([name]) => name),
      ...declaration.schema,
      additionalProperties: false,
      properties: Object.fromEntries(
        entries.map(([name, { check }]) => [name, { ...check.schema(define), ...fields.get(name) }]),
      ),
    };
  };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Seed of the IAM credentials emulator",
    ...define(build(join(SOURCES, "seed/seed.ts")).SEED),
  };
}

module.exports = { buildSeedSchema };

if (require.main === module) {
  const build = (path) => require(join(ROOT, "build", path.replace(/[.]ts$/, ".js")));
  const file = join(ROOT, "build/src/emulator/seed/seed.schema.json");
  writeFileSync(file, `${JSON.stringify(buildSeedSchema(build), undefined, 2)}\n`);
}
