// SPDX-License-Identifier: Apache-2.0
// The HTTP rules and field tables of the rows against Google's own descriptors, as its npm package ships them.

import { readFileSync } from "node:fs";
import * as methods from "../../../src/iam-credentials/methods.js";
import { decodeMessage } from "../../../src/rpc/transport/rest/decode-message.js";

interface Descriptor {
  readonly fields: Readonly<Record<string, { readonly type: string; readonly rule?: string }>>;
}

const protos = JSON.parse(
  readFileSync(require.resolve("@google-cloud/iam-credentials/build/protos/protos.json"), "utf8"),
);
const v1 = protos.nested.google.nested.iam.nested.credentials.nested.v1.nested;
const rows = {
  GenerateAccessToken: methods.generateAccessToken,
  GenerateIdToken: methods.generateIdToken,
  SignBlob: methods.signBlob,
  SignJwt: methods.signJwt,
};

function tableOf({ fields }: Descriptor): Record<string, unknown> {
  const typeOf = (type: string): string =>
    ({ "google.protobuf.Duration": "duration", "google.protobuf.Timestamp": "timestamp" })[type] ?? type;
  return Object.fromEntries(
    Object.entries(fields).map(([name, { type, rule }]) => [
      name,
      rule === "repeated" ? { kind: "repeated", of: typeOf(type) } : typeOf(type),
    ]),
  );
}

it("has a row for every method", () => {
  expect(Object.keys(rows).sort()).toEqual(Object.keys(v1.IAMCredentials.methods).sort());
});

describe.each(Object.entries(rows))("%s", (rpc, row) => {
  const { requestType, responseType, options } = v1.IAMCredentials.methods[rpc];

  it("has the published HTTP rule", () => {
    const template = options["(google.api.http).post"];
    expect(row.http?.bindings).toEqual([{ verb: "post", template, body: options["(google.api.http).body"] }]);
  });

  it("has the fields of the published messages", () => {
    expect(row.http?.request).toEqual(tableOf(v1[requestType]));
    expect(row.http?.reply).toEqual(tableOf(v1[responseType]));
  });

  it("makes the same empty reply of JSON as the stubs make of protobuf", () => {
    expect(decodeMessage(row.http?.reply ?? {}, {})).toEqual(row.decode(Buffer.alloc(0)));
  });
});
