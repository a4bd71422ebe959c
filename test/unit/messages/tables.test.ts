// SPDX-License-Identifier: Apache-2.0
// The generated tables against the generated stubs, which another program makes of the same protos: no name and no default differs.

import * as admin from "../../../generated/google/iam/admin/v1/iam.js";
import * as adminTables from "../../../generated/google/iam/admin/v1/iam.tables.js";
import * as common from "../../../generated/google/iam/credentials/v1/common.js";
import * as commonTables from "../../../generated/google/iam/credentials/v1/common.tables.js";
import * as iamPolicy from "../../../generated/google/iam/v1/iam_policy.js";
import * as iamPolicyTables from "../../../generated/google/iam/v1/iam_policy.tables.js";
import * as policy from "../../../generated/google/iam/v1/policy.js";
import * as policyTables from "../../../generated/google/iam/v1/policy.tables.js";
import * as details from "../../../generated/google/rpc/error_details.js";
import * as detailTables from "../../../generated/google/rpc/error_details.tables.js";
import type { EnumType, MessageType } from "../../../src/messages/tables.js";
import { decodeMessage } from "../../../src/rpc/transport/rest/decode-message.js";

type Stub = Readonly<Record<string, unknown>> & { decode(bytes: Uint8Array): object };
type Stubs = Readonly<Record<string, unknown>>;

const modules: readonly (readonly [file: string, tables: Stubs, stubs: Stubs])[] = [
  ["iam.proto", adminTables, admin],
  ["common.proto", commonTables, common],
  ["iam_policy.proto", iamPolicyTables, iamPolicy],
  ["policy.proto", policyTables, policy],
  ["error_details.proto", detailTables, details],
];

const tablesOf = <Kind extends string>(kind: Kind, tables: Stubs) =>
  Object.entries(tables).filter((entry): entry is [string, Extract<MessageType | EnumType, { kind: Kind }>] => {
    return Object(entry[1]).kind === kind;
  });

describe.each(modules)("%s", (_file, tables, stubs) => {
  const messages = tablesOf("message", tables);

  it("has a table for every message", () => {
    const names = Object.keys(stubs).filter((name) => Object(stubs[name]).decode !== undefined);
    expect(messages.map(([name]) => name).sort()).toEqual(names.filter((name) => !name.endsWith("Entry")).sort());
    expect(messages.length).toBeGreaterThan(3);
  });

  test.each(messages)("%s has the names and the defaults of its stub", (name, { fields }) => {
    const stub = stubs[name] as Stub; // as: the test above says that it is there
    expect(decodeMessage(fields, {})).toEqual(stub.decode(new Uint8Array()));
  });
});

it("enums have the names and numbers of their stubs", () => {
  const enums = modules.flatMap(([, tables, stubs]) => tablesOf("enum", tables).map((each) => [each, stubs] as const));
  expect(enums.length).toBeGreaterThan(10);
  for (const [[name, { values }], stubs] of enums) {
    expect(stubs[name] as Readonly<Record<string, number>>).toMatchObject(values); // as: an enum of TypeScript
  }
});
