// SPDX-License-Identifier: Apache-2.0
// Lifetimes: the forms that there are, and the bounds.

import { normalizeLifetime } from "../../../../src/iam-credentials/requests.js";
import { fieldAndMessage, requestErrorOf } from "../../../support/request-error-of.js";

describe("lifetime", () => {
  test.each([
    [3600, "3600", 0],
    [1.5, "1", 500_000_000],
    [0.000_000_001, "0", 1],
    [0.999_999_999_9, "1", 0],
    [43_200, "43200", 0],
    ["3600s", "3600", 0],
    ["1.5s", "1", 500_000_000],
    ["0.000000001s", "0", 1],
    ["43200.000s", "43200", 0],
    ["007s", "7", 0],
    [{ seconds: 900 }, "900", 0],
    [{ seconds: "900", nanos: 5 }, "900", 5],
    [{ nanos: 5 }, "0", 5],
    [{ seconds: 2, nanos: -500_000_000 }, "1", 500_000_000],
  ] as const)("written %j is taken", (lifetime, seconds, nanos) => {
    expect(normalizeLifetime(lifetime)).toEqual({ seconds, nanos });
  });

  test("that is not given is not sent", () => {
    expect(normalizeLifetime(undefined)).toBeUndefined();
  });

  test.each([
    [0, "0"],
    [-1, "-1"],
    [43_200.5, "43200.5"],
    [43_201, "43201"],
    ["0s", "0"],
    ["-5s", "-5"],
    ["43201s", "43201"],
    ["0.0000s", "0"],
    [{ seconds: 0 }, "0"],
    [{ seconds: -1, nanos: 5 }, "-0.999999995"],
    [{ seconds: 43_200, nanos: 1 }, "43200.000000001"],
  ] as const)("of %j is out of bounds", (lifetime, seconds) => {
    const error = requestErrorOf(() => normalizeLifetime(lifetime));
    expect(error.field).toBe("lifetime");
    expect(error.message).toBe(`lifetime: must be above 0 and at most 43200 seconds, not ${seconds}`);
  });

  test.each([
    "3600",
    "s",
    "1h",
    "60 s",
    "1e3s",
    "+5s",
    ".5s",
    "5.s",
    "1.0000000001s",
    "5S",
    "",
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    true,
    { seconds: 1.5 },
    { seconds: "x" },
    { seconds: null },
    { seconds: 1, nanos: 1.5 },
    { seconds: 1, nanos: 1e9 },
    { seconds: 1, nanos: "5" },
    {},
    { minutes: 5 },
    { seconds: 5, minutes: 5 },
    [5],
    new Map([["seconds", 5]]),
  ])("written %j is refused with the forms that there are", (lifetime) => {
    const error = requestErrorOf(() => normalizeLifetime(lifetime as never)); // as: wrong on purpose
    expect(fieldAndMessage(error)).toEqual({
      field: "lifetime",
      message: 'lifetime: must be a number of seconds, a string such as "3600s", or { seconds, nanos }',
    });
  });

  test("given as a Date is told that it is an instant", () => {
    const error = requestErrorOf(() => normalizeLifetime(new Date() as never)); // as: wrong on purpose
    expect(error.message).toBe(
      'lifetime: must be a number of seconds, a string such as "3600s", or { seconds, nanos }; a Date is a point in time',
    );
  });
});
