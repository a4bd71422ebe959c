// SPDX-License-Identifier: Apache-2.0
// The emulator's forms of bytes, Duration, Timestamp and FieldMask, held against the published rules and examples of ProtoJSON.

import { describe, expect, test } from "@jest/globals";
import {
  formatDuration,
  formatFieldMask,
  formatTimestamp,
  readBase64,
  readDuration,
  readFieldMask,
  readTimestamp,
} from "../../../../../src/emulator/world/proto-json/well-known.js";
import { fc } from "../../../../support/property.js";

describe("durations", () => {
  test.each([
    ["0s", "0", 0],
    ["300s", "300", 0],
    ["1.5s", "1", 500_000_000],
    ["3.000000001s", "3", 1],
    ["-1.5s", "-1", -500_000_000],
    ["-0.5s", "0", -500_000_000],
    ["315576000000s", "315576000000", 0],
  ])("%s is %s s and %d ns", (text, seconds, nanos) => {
    expect(readDuration(text)).toEqual({ seconds, nanos });
  });

  test.each(["", "300", "s", "1.s", ".5s", "1.0000000001s", "315576000001s", "315576000000.1s", "1e3s", " 1s", "1S"])(
    "%j is none",
    (text) => {
      expect(readDuration(text)).toBeUndefined();
    },
  );

  test.each([
    ["0", 0, "0s"],
    ["1", 340_012, "1.000340012s"],
    ["1", 10_000_000, "1.010s"],
    ["1", 10_000, "1.000010s"],
    ["0", -1, "-0.000000001s"],
    ["-3", 0, "-3s"],
  ])("%s s and %d ns are written as %s", (seconds, nanos, text) => {
    expect(formatDuration({ seconds, nanos })).toBe(text);
  });
});

describe("timestamps", () => {
  test.each([
    ["1972-01-01T10:00:20.021Z", "63108020", 21_000_000],
    ["1970-01-01T00:00:00Z", "0", 0],
    ["1970-01-01T02:00:00.000000001+02:00", "0", 1],
    ["1969-12-31T23:59:59.5Z", "-1", 500_000_000],
    ["0001-01-01T00:00:00Z", "-62135596800", 0],
    ["9999-12-31T23:59:59.999999999Z", "253402300799", 999_999_999],
    ["2024-02-29t12:00:00z", "1709208000", 0],
  ])("%s is %s s and %d ns", (text, seconds, nanos) => {
    expect(readTimestamp(text)).toEqual({ seconds, nanos });
  });

  test.each([
    "",
    "2024-01-01",
    "2024-01-01T00:00:00",
    "2023-02-29T00:00:00Z",
    "2024-13-01T00:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:60:00Z",
    "0000-12-31T00:00:00Z",
    "9999-12-31T23:59:59-01:00",
    "2024-01-01T00:00:00.0000000001Z",
    "2024-01-01T00:00:00+24:00",
  ])("%j is none", (text) => {
    expect(readTimestamp(text)).toBeUndefined();
  });

  test("come back as they were written", () => {
    const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }).map(String);
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 999_999_999 }), (whole, nanos) => {
        const instant = { seconds: whole, nanos };
        expect(readTimestamp(formatTimestamp(instant))).toEqual(instant);
      }),
    );
    expect(formatTimestamp({ seconds: "63108020", nanos: 21_000_000 })).toBe("1972-01-01T10:00:20.021Z");
  });
});

describe("bytes", () => {
  test("are read from either alphabet, padded or not", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const expected = Buffer.from(bytes);
        const text = expected.toString("base64");
        for (const form of [text, text.replaceAll("=", ""), expected.toString("base64url")]) {
          expect(readBase64(form)?.equals(expected)).toBe(true);
        }
      }),
    );
  });

  test.each(["a", "ab=", "abc==", "a*==", "ab cd", "+_ab", "=", "abcde"])("are not read from %j", (text) => {
    expect(readBase64(text)).toBeUndefined();
  });
});

test("field masks are read in either spelling and written in camel case", () => {
  expect(readFieldMask("displayName,a.bC, snake_case")).toEqual(["display_name", "a.b_c", "snake_case"]);
  expect(readFieldMask("")).toEqual([]);
  for (const text of ["a,,b", "a..b", "a-b", "1a"]) expect(readFieldMask(text)).toBeUndefined();
  expect(formatFieldMask(["display_name", "a.b_c"])).toBe("displayName,a.bC");
});
