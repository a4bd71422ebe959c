// SPDX-License-Identifier: Apache-2.0
// The plugin that writes rows and tables, run by Buf on protos of a test: what it writes by default, and what it refuses.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../../..");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rows-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the plugin on protos. @returns what it complained of, and the files that it wrote */
function generate(protos: Readonly<Record<string, string>>, options: readonly string[] = []) {
  writeFileSync(join(folder, "buf.yaml"), "version: v2\n");
  for (const [path, source] of Object.entries(protos)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `syntax = "proto3";\n${source}`);
  }
  const plugin = {
    local: ["node", join(ROOT, "tools/protoc-gen-rows.cjs")],
    out: "out",
    strategy: "all",
    opt: options,
  };
  const template = JSON.stringify({ version: "v2", plugins: [plugin] });
  const args = ["generate", "--template", template, "--path", Object.keys(protos)[0] ?? ""];
  const { stderr } = spawnSync(join(ROOT, "node_modules/.bin/buf"), args, { cwd: folder, encoding: "utf8" });
  const out = join(folder, "out");
  const paths = stderr === "" ? readdirSync(out, { recursive: true, encoding: "utf8" }).sort() : [];
  const files = paths.filter((path) => path.endsWith(".ts"));
  return { stderr, files, read: (path: string) => readFileSync(join(out, path), "utf8") };
}

const SHOP = {
  "shop/v1/shop.proto": `package shop.v1;
    import "money/money.proto";
    message Price { money.Sum sum = 1; }
    service Shop { rpc Buy(Price) returns (money.Sum); }`,
  "money/money.proto": 'package money; import "nothing.proto"; message Sum { int64 cents = 1; }',
  "nothing.proto": "package nothing; message Nothing {}",
};

it("takes the types from the package, and writes the tables of imported files that it needs, and no others", () => {
  const { files, read } = generate(SHOP);
  expect(files).toEqual(["money/money.tables.ts", "shop/v1/shop.tables.ts"]);
  const source = read("shop/v1/shop.tables.ts");
  expect(source).toContain('import type { MessageType, RowsOf } from "iam-credentials-client";\n');
  expect(source).toContain('import { Sum as money_Sum } from "../../money/money.tables.js";\n');
  expect(source).toContain('import { Price as shop_v1_Price_codec, ShopService } from "./shop.js";\n');
  expect(source).toContain("requestEncode: (message, writer) => shop_v1_Price_codec.encode(message, writer),\n");
  // Nobody says how it goes over HTTP, nor where it is served.
  expect(source).toContain("bindings: [],\n    routing: [],\n");
  expect(source).toContain('fullName: "shop.v1.Shop",\n  scopes: [],\n} as const;');
});

it("leaves imported files to another run when told to", () => {
  expect(generate(SHOP, ["emitImportedFiles=false"]).files).toEqual(["shop/v1/shop.tables.ts"]);
});

test.each<[string, string, readonly string[], string]>([
  [
    "an option that there is not",
    "message A {}",
    ["type=x"],
    "type: no such option; there are types, emitImportedFiles",
  ],
  [
    "a field whose JSON has another name than the stubs",
    'package a; message B { string some_name = 1 [json_name = "other"]; }',
    [],
    "a.B.some_name: its json_name is not someName, its name in the stubs",
  ],
])("refuses %s", (_what, source, options, problem) => {
  expect(generate({ "a.proto": source }, options).stderr).toContain(problem);
});

it("writes a message that holds itself by way of another", () => {
  const { read } = generate({
    "a.proto": "message A { B b = 1; } message B { repeated A list = 1; map<int32, B> map = 2; }",
  });
  const source = read("a.tables.ts");
  expect(source.indexOf("export const B:")).toBeLessThan(source.indexOf("export const A:"));
  expect(source.match(/get fields\(\) \{ return A\.fields; \}/g)).toHaveLength(1);
  expect(source.match(/get fields\(\) \{ return B\.fields; \}/g)).toHaveLength(1);
});
