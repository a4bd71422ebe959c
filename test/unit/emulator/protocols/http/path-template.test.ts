// SPDX-License-Identifier: Apache-2.0
// Which paths a template of an HTTP rule matches, and what its variables are then.

import { describe, expect, test } from "@jest/globals";
import { parsePathTemplate } from "../../../../../src/emulator/protocols/http/path-template.js";

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
