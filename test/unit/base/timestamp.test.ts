// SPDX-License-Identifier: Apache-2.0
// An instant with its nanoseconds.

import { Timestamp } from "../../../src/base/timestamp.js";

test("keeps its nanoseconds", () => {
  expect({ ...new Timestamp(1_700_000_000, 123_456_789) }).toEqual({ seconds: 1_700_000_000, nanos: 123_456_789 });
});

test.each([
  [0, 0, "1970-01-01T00:00:00.000Z"],
  [1_700_000_000, 0, "2023-11-14T22:13:20.000Z"],
  [1_700_000_000, 999_999, "2023-11-14T22:13:20.000Z"],
  [1_700_000_000, 1_000_000, "2023-11-14T22:13:20.001Z"],
  [1_700_000_000, 999_999_999, "2023-11-14T22:13:20.999Z"],
  [-1, 500_000_000, "1969-12-31T23:59:59.500Z"],
  [253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999Z"],
])("%d s and %d ns are, cut to the millisecond, %s", (seconds, nanos, expected) => {
  expect(new Timestamp(seconds, nanos).toDate().toISOString()).toBe(expected);
});
