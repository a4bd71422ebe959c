// SPDX-License-Identifier: Apache-2.0
// What may be written to Service Usage, and what the error says of anything else.

import { batchEnableServices, enableService, getOperation, listServices } from "../../../src/service-usage/methods.js";
import { fieldAndMessage, requestErrorOf } from "../../support/request-error-of.js";

it("makes the project's name of its id", () => {
  expect(listServices.normalize({ parent: "my-project" })).toMatchObject({
    parent: "projects/my-project",
    pageSize: 0,
  });
  const name = "projects/example.com:p/services/iam.googleapis.com";
  expect(enableService.normalize({ name })).toEqual({ name });
});

const FORMS = "projects/{project}/services/{service}, with a service name such as iam.googleapis.com";
const LIST = "must be an array of 1 to 20 service names such as iam.googleapis.com";

test.each<[string, () => unknown, string, string]>([
  [
    "a service alone",
    () => enableService.normalize({ name: "iam.googleapis.com" }),
    "name",
    `must be ${FORMS}, not "iam.googleapis.com"`,
  ],
  [
    "a service without dots",
    () => enableService.normalize({ name: "projects/p/services/iam" }),
    "name",
    `must be ${FORMS}, not "projects/p/services/iam"`,
  ],
  ["no service", () => batchEnableServices.normalize({ parent: "p", serviceIds: [] }), "serviceIds", LIST],
  [
    "too many",
    () => batchEnableServices.normalize({ parent: "p", serviceIds: Array(21).fill("a.b") }),
    "serviceIds",
    LIST,
  ],
  [
    "a wrong one",
    () => batchEnableServices.normalize({ parent: "p", serviceIds: ["a.b", "iam"] }),
    "serviceIds[1]",
    'must be a service name such as iam.googleapis.com, not "iam"',
  ],
  [
    "no operation",
    () => getOperation.normalize({ name: "" }),
    "name",
    "is missing; must be an operation name such as operations/acat.p2-1",
  ],
])("refuses %s", (_what, run, field, problem) => {
  expect(fieldAndMessage(requestErrorOf(run))).toEqual({ field, message: `${field}: ${problem}` });
});
