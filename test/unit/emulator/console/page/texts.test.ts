// SPDX-License-Identifier: Apache-2.0
// How the console writes times and names.

import { formatSpan, formatTime, memberOf, shortName } from "../../../../../src/emulator/console/page/texts.js";

it.each([
  [0, "0 s"],
  [61_000, "1 min 1 s"],
  [3_600_000, "1 h"],
  [13 * 86_400_000 + 1000, "13 d 1 s"],
  [-90_061_000, "1 d 1 h"],
])("writes %j ms as %s", (ms, text) => {
  expect(formatSpan(ms)).toBe(text);
});

it("writes the time of day of an instant in UTC", () => {
  expect(formatTime("2026-11-27T12:01:02.345Z")).toBe("12:01:02.345");
});

it("leaves out of a name what all have", () => {
  expect(shortName("serviceAccount:ci@demo.iam.gserviceaccount.com")).toBe("ci@demo");
  expect(shortName("user:dana@example.com")).toBe("dana@example.com");
  expect(shortName("principal://iam.googleapis.com/x")).toBe("principal://iam.googleapis.com/x");
});

it.each([
  ["dana@example.com", "user:dana@example.com"],
  [" ci@demo.iam.gserviceaccount.com ", "serviceAccount:ci@demo.iam.gserviceaccount.com"],
  ["group:team@example.com", "group:team@example.com"],
  ["allUsers", "allUsers"],
  ["owner", "owner"],
])("takes %j for the member %s", (text, member) => {
  expect(memberOf(text)).toBe(member);
});
