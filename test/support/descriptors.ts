// SPDX-License-Identifier: Apache-2.0
// Compiles proto files with buf into descriptors as JSON: all that is in them but comments.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { SHARED_PROTOS } from "./published-protos.js";

const ROOT = resolve(__dirname, "../..");

/** A google.protobuf.FileDescriptorProto in its JSON form; extensions stand under `[their.name]`. */
export type FileDescriptor = Readonly<Record<string, unknown>> & { readonly name: string };

/**
 * Compiles proto files, Google's shared ones at hand.
 *
 * @param files source text by import path
 * @returns the descriptors of these files and no other, by import path
 */
export function compileProtos(files: Readonly<Record<string, string>>): Record<string, FileDescriptor> {
  const folder = mkdtempSync(join(tmpdir(), "protos-"));
  try {
    writeFileSync(join(folder, "buf.yaml"), "version: v2\n");
    const all = new Map<string, string>();
    for (const path of Object.keys(files)) addWithImports(all, path, files);
    for (const [path, source] of all) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), source);
    }
    const paths = Object.keys(files).flatMap((path) => ["--path", path]);
    const arguments_ = ["build", "--as-file-descriptor-set", "--exclude-source-info", "-o", "-#format=json", ...paths];
    const json = execFileSync(join(ROOT, "node_modules/.bin/buf"), arguments_, { cwd: folder, encoding: "utf8" });
    const { file } = JSON.parse(json) as { file: FileDescriptor[] }; // as: a FileDescriptorSet, by the option above
    return Object.fromEntries(file.filter(({ name }) => name in files).map((each) => [each.name, each]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Adds a file and all that it imports: of those given, else of Google's shared ones. */
function addWithImports(all: Map<string, string>, path: string, files: Readonly<Record<string, string>>): void {
  if (all.has(path)) return;
  const source = files[path] ?? readFileSync(join(SHARED_PROTOS, path), "utf8");
  all.set(path, source);
  for (const [, imported = ""] of source.matchAll(/^import "([^"]+)";/gm)) addWithImports(all, imported, files);
}
