// SPDX-License-Identifier: Apache-2.0
// Our proto files against those that Google publishes with its own client: no difference but comments.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { compileProtos } from "../support/descriptors.js";
import { PUBLISHED_PROTOS } from "../support/published-protos.js";

const ROOT = resolve(__dirname, "../..");
const COMMON = "google/iam/credentials/v1/common.proto";
const SERVICE = "google/iam/credentials/v1/iamcredentials.proto";

const read = (folder: string): Record<string, string> => ({
  [COMMON]: readFileSync(join(folder, COMMON), "utf8"),
  [SERVICE]: readFileSync(join(folder, SERVICE), "utf8"),
});

const ours = compileProtos(read(join(ROOT, "protos")));
const theirs = compileProtos(read(PUBLISHED_PROTOS));

describe("the compiled descriptors", () => {
  test.each([COMMON, SERVICE])("of %s are those that Google publishes", (path) => {
    expect(theirs[path]).toBeDefined();
    expect(ours[path]).toEqual(theirs[path]);
  });

  test("hold what the comparison is about", () => {
    const text = JSON.stringify(theirs);
    for (const fact of [
      "[google.api.http]",
      "[google.api.method_signature]",
      "[google.api.field_behavior]",
      "[google.api.resource_definition]",
      "[google.api.resource_reference]",
      "[google.api.default_host]",
      "[google.api.oauth_scopes]",
      "javaPackage",
      "goPackage",
      "csharpNamespace",
      "phpNamespace",
    ]) {
      expect(text).toContain(fact);
    }
  });
});

describe("the comparison sees", () => {
  test.each<[string, string, string | RegExp, string]>([
    ["another number", COMMON, "lifetime = 7", "lifetime = 8"],
    ["another name", COMMON, "string key_id = 1", "string key_ident = 1"],
    ["another type", COMMON, "bool include_email", "string include_email"],
    ["another field behavior", COMMON, "field_behavior) = REQUIRED", "field_behavior) = OPTIONAL"],
    ["another resource", COMMON, "{service_account}", "{account}"],
    ["another reference", COMMON, '{type: "iam.googleapis.com/ServiceAccount"}', '{type: "iam.googleapis.com/Key"}'],
    ["another HTTP rule", SERVICE, ":signBlob", ":signBytes"],
    ["another signature", SERVICE, '"name,delegates,payload"', '"name,payload"'],
    ["another host", SERVICE, "iamcredentials.googleapis.com", "iam.googleapis.com"],
    ["another scope", SERVICE, "auth/cloud-platform", "auth/iam"],
    ["another Java class", SERVICE, "IAMCredentialsProto", "IamCredentialsProto"],
    ["another Go package", COMMON, "credentialspb;credentialspb", "credentials;credentials"],
    ["a missing method", SERVICE, /rpc SignJwt\([\s\S]*?\n {2}\}\n/, ""],
  ])("%s", (_change, path, from, to) => {
    const sources = read(join(ROOT, "protos"));
    const mutated = sources[path]?.replace(from, to) ?? "";
    expect(mutated).not.toBe(sources[path]);
    const { [path]: descriptor } = compileProtos({ ...sources, [path]: mutated });
    expect(descriptor).toBeDefined();
    expect(descriptor).not.toEqual(theirs[path]);
  });
});
