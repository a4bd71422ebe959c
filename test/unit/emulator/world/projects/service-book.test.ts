// SPDX-License-Identifier: Apache-2.0
// Which services a project uses: at the start, while a change takes effect, and as it is written down.

import { expect, test } from "@jest/globals";
import { ServiceBook, type ServiceStates } from "../../../../../src/emulator/world/projects/service-book.js";

const IAM = "iam.googleapis.com";
const of = (service: string, project = "demo-project") => `projects/${project}/services/${service}`;

let now = 0;
const open = (start: Partial<ServiceStates> = {}) =>
  new ServiceBook(() => now, { disabled: [], enabled: [], ...start });
const change = (services: readonly string[], isEnabled: boolean) => {
  return { projectId: "demo-project", services, isEnabled, isBatch: false };
};

test("the emulator's own services are on and every other one is off, unless told otherwise", () => {
  const book = open({ disabled: [IAM, of("sts.googleapis.com")], enabled: [of(IAM), of("storage.googleapis.com")] });
  const isOn = (service: string, project: string) => book.isEnabled(project, service);
  const rows = [IAM, "sts.googleapis.com", "storage.googleapis.com"].map((service) => [
    isOn(service, "demo-project"),
    isOn(service, "other-project"),
  ]);
  expect(rows).toEqual([
    [true, false],
    [false, true],
    [true, false],
  ]);
  expect(book.servicesOf("demo-project")).toContain("storage.googleapis.com");
  expect(book.servicesOf("other-project")).not.toContain("storage.googleapis.com");
});

test("a change is in effect when its operation is done, and written down at once", () => {
  const book = open();
  now = 0;
  const { name } = book.begin(change([IAM], false), "42", 1000);
  expect(book.isEnabled("demo-project", IAM)).toBe(true);
  expect(book.states()).toEqual({ disabled: [of(IAM)], enabled: [] });
  now = 1000;
  expect(book.isEnabled("demo-project", IAM)).toBe(false);
  expect(book.findOperation(name)?.doneAt).toBe(1000);
});

test("what is as it would be anyhow is not written down", () => {
  const book = open({ disabled: [of(IAM), "sts.googleapis.com"] });
  book.begin(change([IAM, "sts.googleapis.com"], true), "42", 0);
  expect(book.states()).toEqual({ disabled: ["sts.googleapis.com"], enabled: [of("sts.googleapis.com")] });
  book.begin(change([IAM, "sts.googleapis.com"], false), "42", 0);
  expect(book.states()).toEqual({ disabled: ["sts.googleapis.com", of(IAM)], enabled: [] });
  book.clear();
  expect(book.states()).toEqual({ disabled: [of(IAM), "sts.googleapis.com"], enabled: [] });
});
