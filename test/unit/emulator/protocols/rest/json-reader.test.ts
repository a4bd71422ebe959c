// SPDX-License-Identifier: Apache-2.0
// The emulator's own proto3 JSON, held against the published rules and examples of ProtoJSON.

import { describe, expect, test } from "@jest/globals";
import { ServiceAccountKey } from "../../../../../generated/google/iam/admin/v1/iam.js";
import { parsePathTemplate } from "../../../../../src/emulator/protocols/http/path-template.js";
import { describeMessage } from "../../../../../src/emulator/protocols/rest/descriptors.js";
import { parseFieldSelection, selectFields } from "../../../../../src/emulator/protocols/rest/field-selection.js";
import { readMessage } from "../../../../../src/emulator/protocols/rest/json-reader.js";
import { writeMessage } from "../../../../../src/emulator/protocols/rest/json-writer.js";
import {
  formatDuration,
  formatFieldMask,
  formatTimestamp,
  readBase64,
  readDuration,
  readFieldMask,
  readTimestamp,
} from "../../../../../src/emulator/protocols/rest/well-known.js";
import { fc } from "../../../../support/property.js";

describe("durations", () => {
  test.each([
    ["0s", "0", 0],
    ["300s", "300", 0],
    ["1.5s", "1", 500_000_000],
    ["3.000000001s", "3", 1],
    ["-1.5s", "-1", -500_000_000],
    ["-0.5s", "0", -500_000_000],
    ["315576000000s", "315576000000", 0],
  ])("%s is %s s and %d ns", (text, seconds, nanos) => {
    expect(readDuration(text)).toEqual({ seconds, nanos });
  });

  test.each(["", "300", "s", "1.s", ".5s", "1.0000000001s", "315576000001s", "315576000000.1s", "1e3s", " 1s", "1S"])(
    "%j is none",
    (text) => {
      expect(readDuration(text)).toBeUndefined();
    },
  );

  test.each([
    ["0", 0, "0s"],
    ["1", 340_012, "1.000340012s"],
    ["1", 10_000_000, "1.010s"],
    ["1", 10_000, "1.000010s"],
    ["0", -1, "-0.000000001s"],
    ["-3", 0, "-3s"],
  ])("%s s and %d ns are written as %s", (seconds, nanos, text) => {
    expect(formatDuration({ seconds, nanos })).toBe(text);
  });
});

describe("timestamps", () => {
  test.each([
    ["1972-01-01T10:00:20.021Z", "63108020", 21_000_000],
    ["1970-01-01T00:00:00Z", "0", 0],
    ["1970-01-01T02:00:00.000000001+02:00", "0", 1],
    ["1969-12-31T23:59:59.5Z", "-1", 500_000_000],
    ["0001-01-01T00:00:00Z", "-62135596800", 0],
    ["9999-12-31T23:59:59.999999999Z", "253402300799", 999_999_999],
    ["2024-02-29t12:00:00z", "1709208000", 0],
  ])("%s is %s s and %d ns", (text, seconds, nanos) => {
    expect(readTimestamp(text)).toEqual({ seconds, nanos });
  });

  test.each([
    "",
    "2024-01-01",
    "2024-01-01T00:00:00",
    "2023-02-29T00:00:00Z",
    "2024-13-01T00:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:60:00Z",
    "0000-12-31T00:00:00Z",
    "9999-12-31T23:59:59-01:00",
    "2024-01-01T00:00:00.0000000001Z",
    "2024-01-01T00:00:00+24:00",
  ])("%j is none", (text) => {
    expect(readTimestamp(text)).toBeUndefined();
  });

  test("come back as they were written", () => {
    const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }).map(String);
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 999_999_999 }), (whole, nanos) => {
        const instant = { seconds: whole, nanos };
        expect(readTimestamp(formatTimestamp(instant))).toEqual(instant);
      }),
    );
    expect(formatTimestamp({ seconds: "63108020", nanos: 21_000_000 })).toBe("1972-01-01T10:00:20.021Z");
  });
});

describe("bytes", () => {
  test("are read from either alphabet, padded or not", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const expected = Buffer.from(bytes);
        const text = expected.toString("base64");
        for (const form of [text, text.replaceAll("=", ""), expected.toString("base64url")]) {
          expect(readBase64(form)?.equals(expected)).toBe(true);
        }
      }),
    );
  });

  test.each(["a", "ab=", "abc==", "a*==", "ab cd", "+_ab", "=", "abcde"])("are not read from %j", (text) => {
    expect(readBase64(text)).toBeUndefined();
  });
});

test("field masks are read in either spelling and written in camel case", () => {
  expect(readFieldMask("displayName,a.bC, snake_case")).toEqual(["display_name", "a.b_c", "snake_case"]);
  expect(readFieldMask("")).toEqual([]);
  for (const text of ["a,,b", "a..b", "a-b", "1a"]) expect(readFieldMask(text)).toBeUndefined();
  expect(formatFieldMask(["display_name", "a.b_c"])).toBe("displayName,a.bC");
});

describe("messages", () => {
  const key = describeMessage("google.iam.admin.v1.ServiceAccountKey");
  const policy = describeMessage("google.iam.v1.Policy");

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

  test.each<[string, object, string]>([
    ["ServiceAccountKey", { name: 1 }, "Invalid value at 'name' (TYPE_STRING), 1"],
    ["ServiceAccountKey", { disabled: "yes" }, `Invalid value at 'disabled' (TYPE_BOOL), "yes"`],
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
    ["ListRolesRequest", { pageSize: "ten" }, `Invalid value at 'page_size' (TYPE_INT32), "ten"`],
  ])("of %s with %j are refused in Google's words", (name, json, description) => {
    const { violations } = readMessage(describeMessage(`google.iam.admin.v1.${name}`), json);
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

describe("the selection of fields", () => {
  const list = describeMessage("google.iam.admin.v1.ListServiceAccountsResponse");
  const json = { accounts: [{ name: "n1", email: "e1", uniqueId: "1" }, { name: "n2" }], nextPageToken: "t" };

  test.each([
    ["*", json],
    ["nextPageToken", { nextPageToken: "t" }],
    ["next_page_token", { nextPageToken: "t" }],
    ["accounts/name", { accounts: [{ name: "n1" }, { name: "n2" }] }],
    ["accounts.email", { accounts: [{ email: "e1" }, {}] }],
    ["accounts(name,email),nextPageToken", { ...json, accounts: [{ name: "n1", email: "e1" }, { name: "n2" }] }],
    ["accounts/name,accounts/email", { accounts: [{ name: "n1", email: "e1" }, { name: "n2" }] }],
    ["accounts,accounts/name", { accounts: json.accounts }],
  ])("%s", (text, expected) => {
    expect(selectFields(json, parseFieldSelection(list, text))).toEqual(expected);
  });

  test.each([
    "",
    "colour",
    "accounts/colour",
    "accounts(",
    "accounts(name",
    "a b",
    "nextPageToken/x",
    ",",
    "accounts()",
  ])("%j is refused", (text) => {
    expect(() => parseFieldSelection(list, text)).toThrow("Request contains an invalid argument.");
  });
});

describe("path templates", () => {
  const match = (template: string, path: string) => {
    const variables = parsePathTemplate(template).match(path);
    return variables === undefined ? undefined : Object.fromEntries(variables);
  };
  const account = "/v1/{name=projects/*/serviceAccounts/*}";

  test.each([
    [account, "/v1/projects/-/serviceAccounts/a%40b.c", { name: "projects/-/serviceAccounts/a@b.c" }],
    [`${account}:signBlob`, "/v1/projects/-/serviceAccounts/x:signBlob", { name: "projects/-/serviceAccounts/x" }],
    [`${account}/keys`, "/v1/projects/d.com:p/serviceAccounts/x/keys", { name: "projects/d.com:p/serviceAccounts/x" }],
    ["/v1/{service_account.name=projects/*}", "/v1/projects/p", { "service_account.name": "projects/p" }],
    ["/v1/roles:lintPolicy", "/v1/roles:lintPolicy", {}],
    [account, "/v1/projects/a%2Fb/serviceAccounts/x", { name: "projects/a%2Fb/serviceAccounts/x" }],
  ])("%s matches %s", (template, path, variables) => {
    expect(match(template, path)).toEqual(variables);
  });

  test.each([
    [account, "/v1/projects/-/serviceAccounts/x:signBlob"],
    [account, "/v1/projects/-/serviceAccounts/"],
    [account, "/v1/projects/-/serviceAccounts/x/y"],
    [account, "/v1/projects/-/serviceAccounts/%zz"],
    [`${account}:signBlob`, "/v1/projects/-/serviceAccounts/x:signJwt"],
    [`${account}:signBlob`, "/v2/projects/-/serviceAccounts/x:signBlob"],
  ])("%s does not match %s", (template, path) => {
    expect(match(template, path)).toBeUndefined();
  });
});
