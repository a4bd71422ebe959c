// SPDX-License-Identifier: Apache-2.0
// The parameter `fields`: what is selected, and what is refused.

import { describe, expect, test } from "@jest/globals";
import { ListServiceAccountsResponse } from "../../../../../generated/google/iam/admin/v1/iam.tables.js";
import { parseFieldSelection, selectFields } from "../../../../../src/emulator/protocols/rest/field-selection.js";

describe("the selection of fields", () => {
  const list = ListServiceAccountsResponse;
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
