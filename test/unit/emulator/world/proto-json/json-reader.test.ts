// SPDX-License-Identifier: Apache-2.0
// The emulator's own proto3 JSON of whole messages: what is read, what is written, and what is refused in Google's words.

import { describe, expect, test } from "@jest/globals";
import { EnableServiceResponse } from "../../../../../generated/google/api/serviceusage/v1/serviceusage.js";
import { ServiceAccountKey } from "../../../../../generated/google/iam/admin/v1/iam.js";
import * as tables from "../../../../../generated/google/iam/admin/v1/iam.tables.js";
import { Policy as policy } from "../../../../../generated/google/iam/v1/policy.tables.js";
import { Operation } from "../../../../../generated/google/longrunning/operations.tables.js";
import { BadRequest, ErrorInfo, QuotaFailure } from "../../../../../generated/google/rpc/error_details.tables.js";
import { readMessage } from "../../../../../src/emulator/world/proto-json/json-reader.js";
import { writeMessage } from "../../../../../src/emulator/world/proto-json/json-writer.js";
import { fc } from "../../../../support/property.js";

const { ListRolesRequest, ListServiceAccountKeysRequest, PatchServiceAccountRequest } = tables;
const messages = {
  ServiceAccountKey: tables.ServiceAccountKey,
  ListRolesRequest,
  ListServiceAccountKeysRequest,
  PatchServiceAccountRequest,
  ErrorInfo,
  QuotaFailure,
};

const key = tables.ServiceAccountKey;

describe("messages", () => {
  test("are read with either spelling of a name, enums by name or number, and a bool in a string", () => {
    const { message, violations } = readMessage(key, {
      name: "n",
      private_key_type: "TYPE_GOOGLE_CREDENTIALS_FILE",
      keyAlgorithm: 2,
      public_key_data: "_-8",
      validAfterTime: "1970-01-01T00:00:01.000000001Z",
      disabled: "true",
      keyOrigin: "1",
      keyType: null,
    });
    expect(violations).toEqual([]);
    expect(message).toEqual({
      name: "n",
      privateKeyType: 2,
      keyAlgorithm: 2,
      privateKeyData: Buffer.alloc(0),
      publicKeyData: Buffer.from([0xff, 0xef]),
      validAfterTime: { seconds: "1", nanos: 1 },
      validBeforeTime: undefined,
      keyOrigin: 1,
      keyType: 0,
      disabled: true,
    });
    // What was read is what the generated codec takes.
    const bytes = ServiceAccountKey.encode(message as unknown as ServiceAccountKey).finish();
    expect(ServiceAccountKey.decode(bytes)).toEqual(message);
  });

  test("come back as they were written, with defaults left out", () => {
    const json = {
      version: 3,
      bindings: [{ role: "r", members: ["a", "b"], condition: { title: "t" } }],
      etag: "BwU=",
    };
    expect(writeMessage(policy, readMessage(policy, json).message, "names")).toEqual(json);
    expect(writeMessage(policy, readMessage(policy, { version: 0, bindings: [], etag: "" }).message, "names")).toEqual(
      {},
    );
    const ofKey = { keyType: "USER_MANAGED", validAfterTime: "1970-01-01T00:00:00.001Z", disabled: true };
    const { message } = readMessage(key, ofKey);
    expect(writeMessage(key, message, "names")).toEqual(ofKey);
    expect(writeMessage(key, message, "numbers")).toEqual({ ...ofKey, keyType: 1 });
  });

  test("with maps, 64-bit numbers and fields that can be absent come back as they were written", () => {
    const quota = {
      subject: "s",
      quotaDimensions: { region: "r" },
      quotaValue: "9007199254740993",
      futureQuotaValue: "0",
    };
    for (const [type, json] of [
      [ErrorInfo, { reason: "R", metadata: { a: "b", "": "" } }],
      [QuotaFailure, { violations: [quota, {}] }],
      [BadRequest, { fieldViolations: [{ localizedMessage: { locale: "de" } }] }],
    ] as const) {
      const { message, violations } = readMessage(type, json);
      expect(violations).toEqual([]);
      expect(writeMessage(type, message, "names")).toEqual(json);
    }
    const { message } = readMessage(QuotaFailure, { violations: [{ quotaValue: 5 }] });
    expect(message["violations"]).toEqual([
      expect.objectContaining({ quotaValue: "5", quotaDimensions: {}, futureQuotaValue: undefined }),
    ]);
  });

  test.each<[keyof typeof messages, object, string]>([
    ["ServiceAccountKey", { name: 1 }, "Invalid value at 'name' (TYPE_STRING), 1"],
    ["ServiceAccountKey", { disabled: "maybe" }, `Invalid value at 'disabled' (TYPE_BOOL), "maybe"`],
    ["ServiceAccountKey", { disabled: 1 }, "Invalid value at 'disabled' (TYPE_BOOL), 1"],
    [
      "ServiceAccountKey",
      { privateKeyData: "*" },
      `Invalid value at 'private_key_data' (TYPE_BYTES), Base64 decoding failed for "*"`,
    ],
    [
      "ServiceAccountKey",
      { keyType: "NONE" },
      `Invalid value at 'key_type' (type.googleapis.com/google.iam.admin.v1.ListServiceAccountKeysRequest.KeyType), "NONE"`,
    ],
    [
      "ServiceAccountKey",
      { validAfterTime: "today" },
      `Invalid value at 'valid_after_time' (type.googleapis.com/google.protobuf.Timestamp), "today"`,
    ],
    [
      "ServiceAccountKey",
      { validAfterTime: {} },
      "Invalid value at 'valid_after_time' (type.googleapis.com/google.protobuf.Timestamp), {}",
    ],
    ["ServiceAccountKey", { name: {} }, "Invalid value at 'name' (TYPE_STRING), Starting an object on a scalar field"],
    [
      "ServiceAccountKey",
      { name: ["x"] },
      'Invalid JSON payload received. Unknown name "name": Proto field is not repeating, cannot start list.',
    ],
    ["ServiceAccountKey", { colour: 1 }, 'Invalid JSON payload received. Unknown name "colour": Cannot find field.'],
    [
      "ServiceAccountKey",
      JSON.parse('{"__proto__":{}}'),
      'Invalid JSON payload received. Unknown name "__proto__": Cannot find field.',
    ],
    [
      "ListServiceAccountKeysRequest",
      { keyTypes: [1, null] },
      "Invalid value at 'key_types[1]' (type.googleapis.com/google.iam.admin.v1.ListServiceAccountKeysRequest.KeyType), null",
    ],
    [
      "PatchServiceAccountRequest",
      { serviceAccount: { x: 1 } },
      `Invalid JSON payload received. Unknown name "x" at 'service_account': Cannot find field.`,
    ],
    [
      "PatchServiceAccountRequest",
      { serviceAccount: "x" },
      `Invalid value at 'service_account' (type.googleapis.com/google.iam.admin.v1.ServiceAccount), "x"`,
    ],
    ["ListRolesRequest", { pageSize: 1.5 }, "Invalid value at 'page_size' (TYPE_INT32), 1.5"],
    ["ListRolesRequest", { pageSize: "2147483648" }, `Invalid value at 'page_size' (TYPE_INT32), "2147483648"`],
    ["ErrorInfo", { metadata: ["a"] }, `Invalid value at 'metadata' (map), ["a"]`],
    ["ErrorInfo", { metadata: { a: 1 } }, "Invalid value at 'metadata.a' (TYPE_STRING), 1"],
    [
      "QuotaFailure",
      { violations: [{ quotaValue: "9223372036854775808" }] },
      `Invalid value at 'violations[0].quota_value' (TYPE_INT64), "9223372036854775808"`,
    ],
    ["ListRolesRequest", { pageSize: "ten" }, `Invalid value at 'page_size' (TYPE_INT32), "ten"`],
  ])("of %s with %j are refused in Google's words", (name, json, description) => {
    const { violations } = readMessage(messages[name], json);
    expect(violations.map((violation) => violation.description)).toEqual([description]);
  });

  test.each([[[]], [null], ["x"], [1]])("are not %j", (json) => {
    expect(readMessage(key, json).violations[0]?.description).toBe(
      'Invalid JSON payload received. Unknown name "": Root element must be a message.',
    );
  });

  test("name everything that is wrong", () => {
    expect(readMessage(key, { a: 1, name: 2, disabled: 3 }).violations).toHaveLength(3);
  });

  test("survive any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("name", "disabled", "validAfterTime", "keyType"), (value, field) => {
        readMessage(key, value);
        readMessage(key, { [field]: value });
        readMessage(policy, { bindings: value, etag: value });
      }),
    );
  });
});

test("an operation is written with what is in it, by the name of its type", () => {
  const service = { name: "projects/1/services/iam.googleapis.com", parent: "projects/1", config: undefined, state: 2 };
  const typeUrl = "type.googleapis.com/google.api.serviceusage.v1.EnableServiceResponse";
  const value = EnableServiceResponse.encode({ service }).finish();
  const operation = { name: "operations/1", done: true, response: { typeUrl, value } };
  expect(writeMessage(Operation, operation, "names")).toEqual({
    name: "operations/1",
    done: true,
    response: { "@type": typeUrl, service: { name: service.name, parent: "projects/1", state: "ENABLED" } },
  });
  const unknown = { ...operation, response: { typeUrl: "type.googleapis.com/x.Y", value } };
  expect(() => writeMessage(Operation, unknown, "names")).toThrow("type.googleapis.com/x.Y");
});

test.each([
  ["True", true],
  ["FALSE", false],
  ["t", true],
  ["No", false],
  ["1", true],
  ["0", false],
])("a boolean may be written %s, as in the queries of gcloud", (text, value) => {
  const { message, violations } = readMessage(messages.ServiceAccountKey, { disabled: text });
  expect([message["disabled"], violations]).toEqual([value, []]);
});
