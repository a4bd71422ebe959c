// SPDX-License-Identifier: Apache-2.0
// Resource names, held against Python's templates and regular expressions.

import { IAMCredentialsAsyncClient as Client } from "../../../src/index.js";

test("the builders fill the templates, in the order of the parts", () => {
  expect(Client.serviceAccountPath("squid", "clam")).toBe("projects/squid/serviceAccounts/clam");
  expect(Client.commonBillingAccountPath("oyster")).toBe("billingAccounts/oyster");
  expect(Client.commonFolderPath("cuttlefish")).toBe("folders/cuttlefish");
  expect(Client.commonOrganizationPath("winkle")).toBe("organizations/winkle");
  expect(Client.commonProjectPath("scallop")).toBe("projects/scallop");
  expect(Client.commonLocationPath("squid", "clam")).toBe("projects/squid/locations/clam");
});

test("the builders escape and check nothing", () => {
  expect(Client.serviceAccountPath("", "a/b@c d")).toBe("projects//serviceAccounts/a/b@c d");
});

const PARSERS = {
  parseServiceAccountPath: Client.parseServiceAccountPath,
  parseCommonBillingAccountPath: Client.parseCommonBillingAccountPath,
  parseCommonFolderPath: Client.parseCommonFolderPath,
  parseCommonOrganizationPath: Client.parseCommonOrganizationPath,
  parseCommonProjectPath: Client.parseCommonProjectPath,
  parseCommonLocationPath: Client.parseCommonLocationPath,
};
type Parser = keyof typeof PARSERS;

// The right column is what Python's re.match(...).groupdict() gives for the same path.
test.each<[Parser, string, object]>([
  [
    "parseServiceAccountPath",
    "projects/whelk/serviceAccounts/octopus",
    { project: "whelk", serviceAccount: "octopus" },
  ],
  ["parseServiceAccountPath", "projects/-/serviceAccounts/a@b.c", { project: "-", serviceAccount: "a@b.c" }],
  ["parseServiceAccountPath", "projects/a/serviceAccounts/b/keys/k", { project: "a", serviceAccount: "b/keys/k" }],
  ["parseServiceAccountPath", "projects/a/b/serviceAccounts/c", { project: "a/b", serviceAccount: "c" }],
  [
    "parseServiceAccountPath",
    "projects/a/serviceAccounts/b/serviceAccounts/c",
    { project: "a", serviceAccount: "b/serviceAccounts/c" },
  ],
  ["parseServiceAccountPath", "projects/a/serviceAccounts/b\n", { project: "a", serviceAccount: "b" }],
  ["parseServiceAccountPath", "projects/a\u2028\r/serviceAccounts/b", { project: "a\u2028\r", serviceAccount: "b" }],
  ["parseServiceAccountPath", "projects/a/serviceAccounts/b\n\n", {}],
  ["parseServiceAccountPath", "projects/a\n/serviceAccounts/b", {}],
  ["parseServiceAccountPath", "projects/a/serviceAccounts/", {}],
  ["parseServiceAccountPath", "projects//serviceAccounts/b", {}],
  ["parseServiceAccountPath", "/projects/a/serviceAccounts/b", {}],
  ["parseServiceAccountPath", "Projects/a/serviceAccounts/b", {}],
  ["parseServiceAccountPath", "projects/a/serviceaccounts/b", {}],
  ["parseServiceAccountPath", "", {}],
  ["parseCommonBillingAccountPath", "billingAccounts/nudibranch", { billingAccount: "nudibranch" }],
  ["parseCommonBillingAccountPath", "billingAccounts/", {}],
  ["parseCommonFolderPath", "folders/mussel", { folder: "mussel" }],
  ["parseCommonFolderPath", "folder/mussel", {}],
  ["parseCommonOrganizationPath", "organizations/nautilus", { organization: "nautilus" }],
  ["parseCommonOrganizationPath", "organizations", {}],
  ["parseCommonProjectPath", "projects/abalone", { project: "abalone" }],
  ["parseCommonProjectPath", "projects/a/locations/b", { project: "a/locations/b" }],
  ["parseCommonProjectPath", "x/projects/a", {}],
  ["parseCommonLocationPath", "projects/whelk/locations/octopus", { project: "whelk", location: "octopus" }],
  ["parseCommonLocationPath", "projects/a/b/locations/c/d", { project: "a/b", location: "c/d" }],
  ["parseCommonLocationPath", "projects/a", {}],
])("%s(%j) gives %j", (parser, path, expected) => {
  const parts = PARSERS[parser](path);
  expect(parts).toEqual(expected);
  expect(Object.getPrototypeOf(parts)).toBe(Object.prototype);
});
