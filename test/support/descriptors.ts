// SPDX-License-Identifier: Apache-2.0
// Compiles proto files with buf into descriptors as JSON: all that is in them but comments.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { SHARED_PROTOS } from "./published-protos.js";

const ROOT = resolve(__dirname, "../..");

/** What the service's files import, and what that imports. */
const SHARED = [
  ...["annotations", "client", "field_behavior", "http", "launch_stage", "resource"].map(
    (it) => `google/api/${it}.proto`,
  ),
  ...["descriptor", "duration", "empty", "field_mask", "timestamp"].map((it) => `google/protobuf/${it}.proto`),
  "google/type/expr.proto",
];

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
    for (const path of SHARED) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      copyFileSync(join(SHARED_PROTOS, path), join(folder, path));
    }
    for (const [path, source] of Object.entries(files)) {
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
