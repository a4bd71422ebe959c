// SPDX-License-Identifier: Apache-2.0
// Our proto files of the admin API against those that Google publishes on npm: no difference but comments.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { compileProtos } from "../support/descriptors.js";
import { PUBLISHED_ADMIN_PROTOS } from "../support/published-protos.js";

const ROOT = resolve(__dirname, "../..");
const ADMIN = "google/iam/admin/v1/iam.proto";
const PATHS = [ADMIN, ...["iam_policy", "policy", "options"].map((name) => `google/iam/v1/${name}.proto`)];

const read = (folder: string): Record<string, string> =>
  Object.fromEntries(PATHS.map((path) => [path, readFileSync(join(folder, path), "utf8")]));

const ours = compileProtos(read(join(ROOT, "protos")));
const theirs = compileProtos(read(PUBLISHED_ADMIN_PROTOS));

describe("the compiled descriptors of the admin API", () => {
  test.each(PATHS)("of %s are those that Google publishes", (path) => {
    expect(theirs[path]).toBeDefined();
    expect(ours[path]).toEqual(theirs[path]);
  });
});

describe("the comparison sees, in the admin API,", () => {
  test.each<[string, string | RegExp, string]>([
    ["another number", "bool disabled = 11", "bool disabled = 12"],
    ["another HTTP rule", ":undelete", ":restore"],
    ["a binding that is not there", 'additional_bindings: {get: "/v1/{parent=projects/*}/roles"}', ""],
    ["another enum value", "KEY_ALG_RSA_2048 = 2", "KEY_ALG_RSA_2048 = 3"],
    ["another signature", '"name,key_types"', '"name"'],
    ["a method that is not deprecated", "option deprecated = true;", ""],
  ])("%s", (_change, from, to) => {
    const sources = read(join(ROOT, "protos"));
    const mutated = sources[ADMIN]?.replace(from, to) ?? "";
    expect(mutated).not.toBe(sources[ADMIN]);
    expect(compileProtos({ ...sources, [ADMIN]: mutated })[ADMIN]).not.toEqual(theirs[ADMIN]);
  });
});
