// SPDX-License-Identifier: Apache-2.0
// The services as tables of methods: each generated row that is served has what runs, under its own name, with its scopes.

import { expect, it, test } from "@jest/globals";
import { services } from "../../../../src/emulator/services/services.js";
import { READ_ONLY_SCOPE } from "../../../../src/emulator/world/names/scopes.js";

const methods = services.flatMap(({ fullName, host, methods: all }) =>
  all.map((method) => [method.identity.method, { fullName, host, ...method }] as const),
);

it("are the five that the emulator has, each once", () => {
  expect(services.map(({ fullName, host }) => `${fullName} at ${host}`)).toEqual([
    "google.iam.credentials.v1.IAMCredentials at iamcredentials.googleapis.com",
    "google.iam.admin.v1.IAM at iam.googleapis.com",
    "google.cloud.resourcemanager.v3.Projects at cloudresourcemanager.googleapis.com",
    "google.api.serviceusage.v1.ServiceUsage at serviceusage.googleapis.com",
    "google.longrunning.Operations at serviceusage.googleapis.com",
  ]);
});

test.each(methods)("%s runs under the name of its row", (name, { fullName, host, identity, row, method }) => {
  expect(row.path).toBe(`/${fullName}/${method.name}`);
  expect(identity).toEqual({ method: name, service: host });
});

test.each(methods)("%s is opened by a scope that only reads when it only reads", (_, { method, scopes }) => {
  expect(scopes.length).toBeGreaterThan(0);
  const onlyReads = /^(Get|List|Search|Test)/.test(method.name);
  if (!onlyReads) expect(scopes).not.toContain(READ_ONLY_SCOPE);
});

it("methods have names of their own", () => {
  expect(new Set(methods.map(([name]) => name)).size).toBe(methods.length);
});
