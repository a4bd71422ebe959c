// SPDX-License-Identifier: Apache-2.0
// The rows of Resource Manager: what the published gRPC service config says of repeating, and which requests are refused.

import * as methods from "../../../src/resource-manager/methods.js";
import { NO_RETRY } from "../../../src/rpc/retry/policy.js";
import { fieldAndMessage, requestErrorOf } from "../../support/request-error-of.js";

it("repeats reading alone, and only when the service is not available", () => {
  const { getProject, getIamPolicy, searchProjects, setIamPolicy, testIamPermissions } = methods;
  for (const { retry, timeoutMs } of [getProject, getIamPolicy]) {
    expect([retry.codes, timeoutMs]).toEqual([["UNAVAILABLE"], 60_000]);
  }
  for (const { retry } of [searchProjects, setIamPolicy, testIamPermissions]) expect(retry).toEqual(NO_RETRY);
});

test.each<[string, () => unknown, string, string]>([
  [
    "an account where a project belongs",
    () => methods.getIamPolicy.normalize({ resource: "a@b.iam.gserviceaccount.com" }),
    "resource",
    'must be projects/{project}, or the project\'s ID, not "a@b.iam.gserviceaccount.com"',
  ],
  [
    "a policy that would lose its condition",
    () =>
      methods.setIamPolicy.normalize({
        resource: "p",
        policy: { bindings: [{ role: "roles/viewer", condition: { expression: "true" } }] },
      }),
    "policy.version",
    "must be 3, since policy.bindings[0] has a condition",
  ],
  [
    "a page without items",
    () => methods.searchProjects.normalize({ pageSize: 0 }),
    "pageSize",
    "must be a positive integer",
  ],
])("refuses %s", (_what, run, field, problem) => {
  expect(fieldAndMessage(requestErrorOf(run))).toEqual({ field, message: `${field}: ${problem}` });
});
