// SPDX-License-Identifier: Apache-2.0
// The canonical status codes, held against those of grpc-js.

import { status as grpcStatus } from "@grpc/grpc-js";
import { isStatusName, Status, statusName } from "../../../../src/base/causes/status.js";

test("the codes are those of gRPC, names and numbers", () => {
  const theirs = Object.fromEntries(Object.entries(grpcStatus).filter(([, code]) => typeof code === "number"));
  expect(Status).toEqual(theirs);
});

test.each(Object.entries(Status))("%s is the name of its number", (name, code) => {
  expect(statusName(code)).toBe(name);
  expect(isStatusName(name)).toBe(true);
});

test.each([-1, 17, 1.5, Number.NaN, 2 ** 40])("%d, outside the canonical set, reads UNKNOWN", (code) => {
  expect(statusName(code)).toBe("UNKNOWN");
});

test.each(["unavailable", "", "toString", "__proto__", 14, undefined, null])("%p is no name of a status", (value) => {
  expect(isStatusName(value)).toBe(false);
});
