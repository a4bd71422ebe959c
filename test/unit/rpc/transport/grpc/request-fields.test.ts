// SPDX-License-Identifier: Apache-2.0
// What a request says in header fields: its time, its metadata, and what nobody may keep.

import { expect, test } from "@jest/globals";
import {
  fieldPolicy,
  metadataFields,
  methodFields,
  timeoutField,
} from "../../../../../src/rpc/transport/grpc/request-fields.js";

test.each([
  [0, "1u"],
  [-5, "1u"],
  [0.0001, "1u"],
  [1.5, "1500u"],
  [60_000, "60000000u"],
  [99_999.9991, "100000m"],
  [100_000, "100000m"],
  [99_999_999.5, "100000S"],
  [1e11, "1666667M"],
  [1e20, "99999999H"],
])("%d ms is grpc-timeout %s: rounded up, at most eight digits", (timeoutMs, value) => {
  expect(timeoutField(timeoutMs)).toEqual(["grpc-timeout", value]);
});

test("no deadline is no field", () => {
  expect(timeoutField(Number.POSITIVE_INFINITY)).toBeUndefined();
});

test("bytes are base64 without padding, in their place among the others", () => {
  const metadata = [
    ["a", "b"],
    ["x-bin", Buffer.from([1])],
    ["c", "d"],
  ] as const;
  expect(metadataFields(metadata)).toEqual([
    ["a", "b"],
    ["x-bin", "AQ"],
    ["c", "d"],
  ]);
});

test.each([
  ["authorization", "secret"],
  ["x-goog-api-key", "secret"],
  ["cookie", "secret"],
  ["grpc-timeout", "plain"],
  ["traceparent-bin", "plain"],
  ["x-goog-request-params", "index"],
])("%s is sent as %s", (name, policy) => {
  expect(fieldPolicy(name)).toBe(policy);
});

test("pseudo fields come first, and the only te is trailers", () => {
  const names = methodFields("/a/B", "h:443", "https").fields.map(([name]) => name);
  expect(names.slice(0, 4)).toEqual([":method", ":scheme", ":path", ":authority"]);
  expect(names.slice(4).some((name) => name.startsWith(":"))).toBe(false);
  expect(methodFields("/a/B", "h:443", "https").fields).toContainEqual(["te", "trailers"]);
});
