// SPDX-License-Identifier: Apache-2.0
// The rows of the admin API: one for each that is generated, with the published retry policies.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { IAMRows } from "../../../generated/google/iam/admin/v1/iam.tables.js";
import { IAMAsyncClient } from "../../../src/iam-admin/client.js";
import * as methods from "../../../src/iam-admin/methods.js";
import type { MethodTables } from "../../../src/messages/tables.js";
import type { MethodRow } from "../../../src/rpc/method/method.js";
import { DEFAULT_RETRY, NO_RETRY } from "../../../src/rpc/retry/policy.js";

type Row = MethodRow<never, never, object, unknown>;

const { IAM, ...table } = methods;
const rows = table as unknown as Readonly<Record<string, Row>>; // as: nobody here calls them with a request of their own
const generated = Object.entries<MethodTables & { path: string }>(IAMRows);

/** Source: the published gRPC service config of the service. */
const REPEATED = [
  "listServiceAccounts",
  "getServiceAccount",
  "updateServiceAccount",
  "deleteServiceAccount",
  "listServiceAccountKeys",
  "getServiceAccountKey",
  "deleteServiceAccountKey",
];

it("describes the published service", () => {
  expect(IAM).toEqual({
    name: "IAM",
    fullName: "google.iam.admin.v1.IAM",
    hostPrefix: "iam",
    scopes: ["https://www.googleapis.com/auth/cloud-platform"],
    emulatorVariable: "IAM_CREDENTIALS_EMULATOR_HOST",
    logName: "iam-admin",
  });
});

it("has a row and a method of the class for every RPC, and no other", () => {
  const published = generated.map(([name]) => name).sort();
  expect(published).toHaveLength(31);
  expect(Object.keys(rows).sort()).toEqual(published);
  expect(Object.getOwnPropertyNames(IAMAsyncClient.prototype)).toEqual(expect.arrayContaining(published));
});

it("marks as deprecated what the proto marks so, and nothing else", () => {
  const source = readFileSync(resolve(__dirname, "../../../src/iam-admin/client.ts"), "utf8");
  const marked = Array.from(source.matchAll(/@deprecated[^/]*\*\/\n {2}(\w+)\(/g), ([, name]) => name);
  const published = generated.filter(([, { deprecated }]) => deprecated).map(([name]) => name);
  expect(published).toEqual(["signBlob", "signJwt"]);
  expect(marked).toEqual(published);
});

describe.each(generated)("%s", (name, { path, bindings, request, reply }) => {
  const row = rows[name] as Row; // as: the test above says that it is there

  it("is its own generated row, and has 60 seconds", () => {
    const rpc = path.replace(/^.*\//, "");
    expect(name.toLowerCase()).toBe(rpc.toLowerCase());
    expect(row).toMatchObject({ path, label: `IAM.${rpc}`, timeoutMs: 60_000 });
    expect(row.http).toEqual({ bindings, request: request.fields, reply: reply.fields });
  });

  it("is repeated only where the published policy says so", () => {
    expect(row.retry).toEqual(REPEATED.includes(name) ? DEFAULT_RETRY : NO_RETRY);
  });
});

it("routes by the account within the request of PatchServiceAccount, and ListRoles not at all", () => {
  const request = { serviceAccount: { name: "a@b.iam.gserviceaccount.com", displayName: "A" } };
  const patch = methods.patchServiceAccount;
  expect(patch.routing(patch.normalize(request))).toEqual([
    ["service_account.name", "projects/-/serviceAccounts/a@b.iam.gserviceaccount.com"],
  ]);
  const { listRoles } = methods;
  expect(listRoles.routing(listRoles.normalize({ parent: "projects/my-project" }))).toEqual([]);
});
