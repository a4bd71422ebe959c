// SPDX-License-Identifier: Apache-2.0
// The method table of the admin API against the published descriptors and the published retry policies.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { IAMAsyncClient } from "../../../src/iam-admin/client.js";
import * as methods from "../../../src/iam-admin/methods.js";
import type { MethodRow } from "../../../src/rpc/method.js";
import { DEFAULT_RETRY, NO_RETRY } from "../../../src/rpc/retry/policy.js";
import { decodeMessage } from "../../../src/rpc/transport/rest/decode-message.js";
import { bindingsOf, expanded, PUBLISHED_METHODS, tableOf } from "./published-service.js";

type Row = MethodRow<never, never, object, unknown>;

const { IAM, ...table } = methods;
const rows = table as unknown as Readonly<Record<string, Row>>; // as: nobody here calls them with a request of their own
const camelCase = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

/** Source: the published gRPC service config of the service. */
const REPEATED = [
  "ListServiceAccounts",
  "GetServiceAccount",
  "UpdateServiceAccount",
  "DeleteServiceAccount",
  "ListServiceAccountKeys",
  "GetServiceAccountKey",
  "DeleteServiceAccountKey",
];

it("describes the published service", () => {
  expect(IAM).toEqual({
    name: "IAM",
    hostPrefix: "iam",
    scopes: ["https://www.googleapis.com/auth/cloud-platform"],
    emulatorVariable: "IAM_CREDENTIALS_EMULATOR_HOST",
    logName: "iam-admin",
  });
});

it("has a row and a method of the class for every RPC, and no other", () => {
  const published = PUBLISHED_METHODS.map(({ name }) => camelCase(name));
  expect(published).toHaveLength(31);
  expect(Object.keys(rows).sort()).toEqual([...published].sort());
  expect(Object.getOwnPropertyNames(IAMAsyncClient.prototype)).toEqual(expect.arrayContaining(published));
});

it("marks as deprecated what the proto marks so, and nothing else", () => {
  const source = readFileSync(resolve(__dirname, "../../../src/iam-admin/client.ts"), "utf8");
  const marked = Array.from(source.matchAll(/@deprecated[^/]*\*\/\n {2}(\w+)\(/g), ([, name]) => name);
  const published = PUBLISHED_METHODS.filter(({ options }) => options.deprecated).map(({ name }) => camelCase(name));
  expect(published).toEqual(["signBlob", "signJwt"]);
  expect(marked).toEqual(published);
});

describe.each(PUBLISHED_METHODS.map((method) => [method.name, method] as const))("%s", (rpc, published) => {
  const row = rows[camelCase(rpc)] as Row; // as: the test above says that it is there

  it("has the published path and label, and 60 seconds", () => {
    const { label, path, timeoutMs } = row;
    const expected = { label: `IAM.${rpc}`, path: `/google.iam.admin.v1.IAM/${rpc}`, timeoutMs: 60_000 };
    expect({ label, path, timeoutMs }).toEqual(expected);
  });

  it("is repeated only where the published policy says so", () => {
    expect(row.retry).toBe(REPEATED.includes(rpc) ? DEFAULT_RETRY : NO_RETRY);
  });

  it("has the published HTTP bindings, in their order", () => {
    expect(row.http?.bindings).toEqual(bindingsOf(published));
  });

  it("has the fields of the published messages", () => {
    expect(expanded(row.http?.request)).toEqual(tableOf(published.inputType));
    expect(expanded(row.http?.reply)).toEqual(tableOf(published.outputType));
  });

  it("makes the same empty reply of JSON as the stubs make of protobuf", () => {
    expect(decodeMessage(row.http?.reply ?? {}, {})).toEqual(row.decode(Buffer.alloc(0)));
  });

  it("is routed by the variables of its first path, and by nothing when it has none", () => {
    const variables = Array.from(
      JSON.stringify(bindingsOf(published)[0]).matchAll(/\{([a-z_.]+)=/g),
      ([, name]) => name,
    );
    const message = { name: "N", resource: "R", parent: "P", serviceAccount: { name: "S" } };
    const values = { name: "N", resource: "R", parent: "P", "service_account.name": "S" };
    const expected = variables.map((name) => [name, values[name as keyof typeof values]]);
    expect(row.routing(message as never)).toEqual(expected); // as: routing reads these fields alone
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
