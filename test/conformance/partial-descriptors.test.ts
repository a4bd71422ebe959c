// SPDX-License-Identifier: Apache-2.0
// Our proto files of the services of which we have a part, against those that Google publishes on npm: what is there is as published.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { compileProtos } from "../support/descriptors.js";
import { PUBLISHED_ADMIN_PROTOS } from "../support/published-protos.js";

const ROOT = resolve(__dirname, "../..");
const PROJECTS = "google/cloud/resourcemanager/v3/projects.proto";
const USAGE = "google/api/serviceusage/v1/serviceusage.proto";
const RESOURCES = "google/api/serviceusage/v1/resources.proto";
const PATHS = [PROJECTS, USAGE, RESOURCES];
const POLICIES = ["iam_policy", "policy", "options"].map((name) => `google/iam/v1/${name}.proto`);

const read = (folder: string, paths: readonly string[] = PATHS): Record<string, string> =>
  Object.fromEntries([...paths, ...POLICIES].map((path) => [path, readFileSync(join(folder, path), "utf8")]));

const ours = compileProtos(read(join(ROOT, "protos")));
const theirs = compileProtos(read(PUBLISHED_ADMIN_PROTOS));

type Json = Readonly<Record<string, unknown>>;

/** What may be left out of a file: whole methods, messages and fields, and imports that nothing needs then. */
const PARTIAL = ["dependency", "messageType", "method", "field"];

/** A published descriptor without what ours leaves out. */
function cut(published: unknown, own: unknown, isPartial = false): unknown {
  if (Array.isArray(published)) {
    const owned = Array.isArray(own) ? own : [];
    const find = (each: unknown) => owned.find((other) => nameOf(other) === nameOf(each));
    const kept = isPartial ? published.filter((each) => find(each) !== undefined) : published;
    return kept.map((each) => cut(each, find(each)));
  }
  if (typeof published !== "object" || published === null) return published;
  const entries = Object.entries(published).map(([key, value]) => [
    key,
    cut(value, (own as Json | undefined)?.[key], PARTIAL.includes(key)), // as: of the same form
  ]);
  return Object.fromEntries(entries);
}

function nameOf(each: unknown): unknown {
  return typeof each === "object" && each !== null && "name" in each ? each.name : each;
}

describe("the compiled descriptors of services in part", () => {
  test.each(PATHS)("of %s are those that Google publishes, as far as they go", (path) => {
    expect(theirs[path]).toBeDefined();
    expect(ours[path]).toEqual(cut(theirs[path], ours[path]));
  });

  test("have the methods that are wanted of them", () => {
    const methods = [PROJECTS, USAGE].map((path) => {
      const services = (ours[path]?.["service"] ?? []) as { method: { name: string }[] }[]; // as: the form of a descriptor
      return services.flatMap(({ method }) => method.map(({ name }) => name));
    });
    expect(methods).toEqual([
      ["GetProject", "SearchProjects", "GetIamPolicy", "SetIamPolicy", "TestIamPermissions"],
      ["EnableService", "DisableService", "GetService", "ListServices", "BatchEnableServices"],
    ]);
  });
});

describe("the comparison sees, in a service in part,", () => {
  test.each([
    ["another number", PROJECTS, "string display_name = 5", "string display_name = 15"],
    ["another type", PROJECTS, "string etag = 9", "bytes etag = 9"],
    ["another HTTP rule", PROJECTS, "/v3/projects:search", "/v3/projects:find"],
    ["a value that an enum lacks", PROJECTS, "DELETE_REQUESTED = 2;", ""],
    ["a method that is not published", USAGE, "rpc GetService(", "rpc ReadService("],
    ["another scope", USAGE, "auth/service.management", "auth/service"],
    ["a field that is not published", USAGE, "string filter = 4;", "string filter = 4;\n  string order_by = 5;"],
    ["another response of an operation", USAGE, '"DisableServiceResponse"', '"EnableServiceResponse"'],
    ["another pattern", RESOURCES, "folders/{folder}/", "folder/{folder}/"],
  ])("%s", (_change, path, from, to) => {
    const sources = read(join(ROOT, "protos"));
    const mutated = sources[path]?.replace(from, to) ?? "";
    expect(mutated).not.toBe(sources[path]);
    const { [path]: descriptor } = compileProtos({ ...sources, [path]: mutated });
    expect(descriptor).toBeDefined();
    expect(descriptor).not.toEqual(cut(theirs[path], descriptor));
  });
});
