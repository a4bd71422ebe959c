// SPDX-License-Identifier: Apache-2.0
// The language of the filter box: which calls fit, and what is said of a mistake.

import { readFilter } from "../../../../../src/emulator/console/calls/call-filter.js";
import { aCall } from "../a-call.js";

const denied = aCall();
const passed = aCall({
  id: 2,
  status: "OK",
  method: "GenerateAccessToken",
  durationMs: 120,
  principal: "user:erin@example.com",
});
const fitting = (text: string) => [denied, passed].filter(readFilter(text).fits).map(({ id }) => id);

it.each([
  ["", [1, 2]],
  ["status!=OK", [1]],
  ["status=ok", [2]],
  ["status=O", []],
  ["principal:dana", [1]],
  ["principal!:dana", [2]],
  ["method:Sign*", [1]],
  ["method=*Token", [2]],
  ["method:Sign", [1]],
  ["ms>100", [2]],
  ["ms>=2.5 ms<100", [1]],
  ["status!=OK principal:dana method:Sign*", [1]],
  ["status!=OK principal:erin", []],
  ["demo-project", [1, 2]],
  ["erin", [2]],
  ["via:nobody", []],
  ['principal="user:dana@example.com"', [1]],
  ["account:signer@demo", [1, 2]],
  ["METHOD:signblob", [1]],
] as const)("lets through of a denied and a passed call by %j: %j", (text, ids) => {
  expect(fitting(text)).toEqual(ids);
  expect(readFilter(text).mistake).toBeUndefined();
});

it("names a field that there is not, and filters by the other words", () => {
  const { fits, mistake } = readFilter("statu=OK principal:dana");
  expect(mistake).toMatch(/^Unknown field statu; valid fields are id, time, service, method,/);
  expect([denied, passed].filter(fits)).toEqual([denied]);
});

it("says that a comparison takes a number", () => {
  expect(readFilter("ms>fast").mistake).toBe("ms> needs a number.");
  expect(readFilter("ms>").mistake).toBe("ms> needs a number.");
});

it("takes what is special in an expression as it is", () => {
  expect(fitting("principal:.*")).toEqual([]);
  expect(fitting("message:(+")).toEqual([]);
});
