// SPDX-License-Identifier: Apache-2.0
// The caller's headers in the drop-in: what is sent of them, and what cannot be.

import { describe, expect, test } from "@jest/globals";
import { formatRouting, headersFrom, withRoutingHeader } from "../../../../src/gapic/call/headers.js";

describe("headers", () => {
  test("are sent with lower-case keys, lists one by one, and anything else as text", () => {
    expect(headersFrom({ "X-A": ["1", "2"], n: 5, nothing: undefined })).toEqual([
      ["x-a", "1"],
      ["x-a", "2"],
      ["n", "5"],
      ["nothing", "undefined"],
    ]);
  });

  test("of the same key in two spellings end up as the last of them", () => {
    expect(headersFrom({ "x-a": "1", "X-A": "2" })).toEqual([["x-a", "2"]]);
  });

  test("hold no client header of the caller's own", () => {
    expect(headersFrom({ "X-Goog-Api-Client": "mine/1" })).toEqual([]);
  });

  test("with what cannot be sent are refused without the value", () => {
    expect(() => headersFrom({ "a b": "1" })).toThrow('Metadata key "a b" contains illegal characters');
    expect(() => headersFrom({ a: "line\nbreak" })).toThrow(
      new Error('Metadata string value of "a" contains illegal characters'),
    );
    expect(() => headersFrom({ "a-bin": "text" })).toThrow(
      "keys that end with '-bin' must have Buffer values: \"a-bin\"",
    );
  });
});

describe("the routing header", () => {
  test("stands over any spelling of the caller's own, in a copy", () => {
    const own = Object.freeze({ "X-Goog-Request-Params": "name=mine", a: "b" });
    const name = "projects/-/serviceAccounts/a@b";
    const routing = "name=projects%2F-%2FserviceAccounts%2Fa%40b";
    expect(formatRouting(name)).toBe(routing);
    expect(withRoutingHeader(own, routing)).toEqual({ a: "b", "x-goog-request-params": routing });
    expect(headersFrom(own, routing)).toEqual([
      ["a", "b"],
      ["x-goog-request-params", routing],
    ]);
  });

  test("joins headers that are inherited, as in google-gax", () => {
    const own = Object.create({ "x-inherited": "1" });
    const routing = "name=n";
    expect(withRoutingHeader(own, routing)).toEqual({ "x-inherited": "1", "x-goog-request-params": routing });
    expect(headersFrom(own, routing)).toEqual([
      ["x-inherited", "1"],
      ["x-goog-request-params", routing],
    ]);
  });

  test("is sent for an empty name too, and without other headers", () => {
    expect(headersFrom(undefined, formatRouting(""))).toEqual([["x-goog-request-params", "name="]]);
    expect(withRoutingHeader(undefined, "name=")).toEqual({ "x-goog-request-params": "name=" });
  });

  test("of the caller's own is sent where no other is given, as by a call of innerApiCalls", () => {
    expect(headersFrom({ "X-Goog-Request-Params": "name=mine" })).toEqual([["x-goog-request-params", "name=mine"]]);
  });
});
