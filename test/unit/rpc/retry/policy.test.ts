// SPDX-License-Identifier: Apache-2.0
// Retry policies: the published one, and what may be laid over it.

import { ConfigurationError } from "../../../../src/index.js";
import { DEFAULT_RETRY, NO_RETRY, resolveRetryPolicy } from "../../../../src/rpc/retry/policy.js";

const KEYS = "initialDelay, maxDelay, multiplier, codes, maxAttempts, attemptTimeout";

test("the default is the published policy: 100 ms x 1.3 up to a minute on two codes, without end", () => {
  expect(DEFAULT_RETRY).toEqual({
    initialDelay: 100,
    maxDelay: 60_000,
    multiplier: 1.3,
    codes: ["UNAVAILABLE", "DEADLINE_EXCEEDED"],
    maxAttempts: Number.POSITIVE_INFINITY,
    attemptTimeout: 20_000,
  });
});

test("no retry is one attempt that may take all the time there is", () => {
  expect(NO_RETRY).toMatchObject({ codes: [], maxAttempts: 1, attemptTimeout: Number.POSITIVE_INFINITY });
  expect(resolveRetryPolicy(DEFAULT_RETRY, false)).toBe(NO_RETRY);
});

describe("key by key", () => {
  test.each([
    ["initialDelay", 0],
    ["initialDelay", 5],
    ["maxDelay", 0],
    ["multiplier", 1],
    ["multiplier", 2.5],
    ["codes", ["ABORTED", "DEADLINE_EXCEEDED"]],
    ["maxAttempts", 1],
    ["maxAttempts", Number.POSITIVE_INFINITY],
    ["attemptTimeout", 0.5],
    ["attemptTimeout", Number.POSITIVE_INFINITY],
  ])("%s: %p replaces its own key and no other", (key, value) => {
    expect(resolveRetryPolicy(DEFAULT_RETRY, { [key]: value })).toEqual({ ...DEFAULT_RETRY, [key]: value });
  });

  test("nothing given leaves the policy as it is", () => {
    expect(resolveRetryPolicy(DEFAULT_RETRY, undefined)).toBe(DEFAULT_RETRY);
    expect(resolveRetryPolicy(DEFAULT_RETRY, {})).toEqual(DEFAULT_RETRY);
  });

  test("undefined counts as not given", () => {
    const options = { maxAttempts: undefined, codes: undefined, attemptTimeout: undefined };
    expect(resolveRetryPolicy(DEFAULT_RETRY, options)).toEqual(DEFAULT_RETRY);
  });

  test("options over no retry start from the default policy", () => {
    expect(resolveRetryPolicy(NO_RETRY, { maxAttempts: 3 })).toEqual({ ...DEFAULT_RETRY, maxAttempts: 3 });
  });

  test("the result is frozen and does not follow the caller's list", () => {
    const codes: "UNAVAILABLE"[] = ["UNAVAILABLE"];
    const policy = resolveRetryPolicy(DEFAULT_RETRY, { codes });
    codes.pop();
    expect(policy.codes).toEqual(["UNAVAILABLE"]);
    expect(Object.isFrozen(policy)).toBe(true);
    expect(Object.isFrozen(policy.codes)).toBe(true);
  });
});

describe("the time of an attempt", () => {
  test("is not cut by default where a cut attempt could not be repeated", () => {
    const policy = resolveRetryPolicy(DEFAULT_RETRY, { codes: ["UNAVAILABLE"] });
    expect(policy.attemptTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test("is cut there when somebody says so", () => {
    const options = { codes: ["UNAVAILABLE"], attemptTimeout: 500 } as const;
    expect(resolveRetryPolicy(DEFAULT_RETRY, options).attemptTimeout).toBe(500);
  });

  test("that was given to all calls stays for a call that changes another key", () => {
    const base = resolveRetryPolicy(DEFAULT_RETRY, { codes: ["UNAVAILABLE"], attemptTimeout: 500 });
    expect(resolveRetryPolicy(base, { maxAttempts: 2 }).attemptTimeout).toBe(500);
    expect(resolveRetryPolicy(base, { codes: ["ABORTED"] }).attemptTimeout).toBe(500);
  });
});

describe("refuses by name", () => {
  const delay = "a non-negative number of milliseconds";
  const attempts = "a positive integer (the first attempt counts), or Infinity";
  const timeout = "a positive number of milliseconds, or Infinity";
  const codes = "an array of status names such as";
  test.each<[string, unknown, string]>([
    ...[-1, Number.NaN, Number.POSITIVE_INFINITY, "100", null, 5n].flatMap((value): [string, unknown, string][] => [
      ["initialDelay", value, delay],
      ["maxDelay", value, delay],
    ]),
    ...[0.99, 0, -2, Number.NaN, Number.POSITIVE_INFINITY, "2", null].map((value): [string, unknown, string] => [
      "multiplier",
      value,
      "a number of at least 1",
    ]),
    ...["UNAVAILABLE", [14], ["OK"], ["unavailable"], ["UNAVAILABLE", null], null, {}].map(
      (value): [string, unknown, string] => ["codes", value, codes],
    ),
    ...[0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, "3", null].map((value): [string, unknown, string] => [
      "maxAttempts",
      value,
      attempts,
    ]),
    ...[0, -1, Number.NaN, "500", null].map((value): [string, unknown, string] => ["attemptTimeout", value, timeout]),
  ])("%s: %p", (key, value, expected) => {
    const resolve = () => resolveRetryPolicy(DEFAULT_RETRY, { [key]: value }, "callDefaults.retry");
    expect(resolve).toThrow(ConfigurationError);
    expect(resolve).toThrow(`callDefaults.retry.${key}: must be ${expected}`);
  });

  test.each(["retries", "toString", "__proto__x"])("a key that is called %s", (key) => {
    const resolve = () => resolveRetryPolicy(DEFAULT_RETRY, { [key]: 1 });
    expect(resolve).toThrow(ConfigurationError);
    expect(resolve).toThrow(`retry.${key}: no such key; valid names are ${KEYS}`);
  });

  test.each([[true], [3], ["false"], [null]])("%p for the whole", (options) => {
    const resolve = () => resolveRetryPolicy(DEFAULT_RETRY, options as never); // as: wrong on purpose
    expect(resolve).toThrow(ConfigurationError);
    expect(resolve).toThrow(`retry: must be false or an object with ${KEYS}`);
  });
});
