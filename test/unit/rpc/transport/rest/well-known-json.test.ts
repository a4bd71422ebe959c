// SPDX-License-Identifier: Apache-2.0
// The examples that protobuf publishes, in both directions, and what must not pass for one.

import {
  formatDuration,
  formatFieldMask,
  formatTimestamp,
  parseBytes,
  parseDuration,
  parseFieldMask,
  parseTimestamp,
} from "../../../../../src/rpc/transport/rest/well-known-json.js";

describe("a Duration", () => {
  // duration.proto, "JSON Mapping", and protobuf's own conformance suite.
  test.each([
    ["3s", "3", 0],
    ["3.000000001s", "3", 1],
    ["3.000001s", "3", 1000],
    ["1.000340012s", "1", 340_012],
    ["1s", "1", 0],
    ["0s", "0", 0],
    ["-1.500s", "-1", -500_000_000],
    ["-0.500s", "0", -500_000_000],
    ["0.010s", "0", 10_000_000],
    ["315576000000.999999999s", "315576000000", 999_999_999],
    ["-315576000000.999999999s", "-315576000000", -999_999_999],
  ])("%s is %s s and %i ns, both ways", (text, seconds, nanos) => {
    expect(parseDuration(text)).toEqual({ seconds, nanos });
    expect(formatDuration({ seconds, nanos })).toBe(text);
  });

  it("is read with any number of digits up to nine", () => {
    expect(parseDuration("1.5s")).toEqual({ seconds: "1", nanos: 500_000_000 });
    expect(parseDuration("0.0001s")).toEqual({ seconds: "0", nanos: 100_000 });
  });

  test.each([
    "",
    "1",
    "s",
    "1.s",
    ".5s",
    "1.0000000001s",
    "1 s",
    "+1s",
    "1e3s",
    "315576000001s",
    "-315576000001s",
    "--1s",
  ])("%j is none", (text) => expect(parseDuration(text)).toBeUndefined());

  test.each([
    ["315576000001", 0],
    ["1", -1],
    ["-1", 1],
    ["0", 1_000_000_000],
    ["0", 0.5],
  ])("%s s and %d ns cannot be written", (seconds, nanos) => {
    expect(() => formatDuration({ seconds, nanos })).toThrow("is not a Duration");
  });
});

describe("a Timestamp", () => {
  test.each([
    ["1972-01-01T10:00:20.021Z", "63108020", 21_000_000],
    ["2017-01-15T01:30:15.010Z", "1484443815", 10_000_000],
    ["2014-10-02T15:01:23.045123456Z", "1412262083", 45_123_456],
    ["2021-08-26T00:57:30Z", "1629939450", 0],
    ["1970-01-01T00:00:00Z", "0", 0],
    ["1969-12-31T23:59:59.000001Z", "-1", 1000],
    ["0001-01-01T00:00:00Z", "-62135596800", 0],
    ["9999-12-31T23:59:59.999999999Z", "253402300799", 999_999_999],
    ["2024-02-29T00:00:00Z", "1709164800", 0],
  ])("%s is %s s and %i ns, both ways", (text, seconds, nanos) => {
    expect(parseTimestamp(text)).toEqual({ seconds, nanos });
    expect(formatTimestamp({ seconds, nanos })).toBe(text);
  });

  it("is read with an offset", () => {
    expect(parseTimestamp("1970-01-01T08:00:01+08:00")).toEqual({ seconds: "1", nanos: 0 });
    expect(parseTimestamp("1969-12-31T16:00:01.5-08:00")).toEqual({ seconds: "1", nanos: 500_000_000 });
  });

  test.each([
    "",
    "2021-08-26",
    "2021-08-26T00:57:30",
    "2021-08-26t00:57:30Z",
    "2021-08-26T00:57:30z",
    "2021-02-30T00:00:00Z",
    "2021-13-01T00:00:00Z",
    "2021-08-26T24:00:00Z",
    "2021-08-26T00:57:60Z",
    "2021-08-26T00:57:30.0000000001Z",
    "2021-08-26T00:57:30.Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "10000-01-01T00:00:00Z",
    "2021-08-26T00:57:30+24:00",
  ])("%j is none", (text) => expect(parseTimestamp(text)).toBeUndefined());

  test.each([
    ["-62135596801", 0],
    ["253402300800", 0],
    ["0", -1],
  ])("%s s and %i ns cannot be written", (seconds, nanos) => {
    expect(() => formatTimestamp({ seconds, nanos })).toThrow("is not a Timestamp");
  });
});

describe("bytes", () => {
  test.each([
    ["AQI=", [1, 2]],
    ["AQI", [1, 2]],
    ["-_8=", [0xfb, 0xff]],
    ["+/8=", [0xfb, 0xff]],
    ["-_8", [0xfb, 0xff]],
    ["", []],
  ])("are read from %j, whichever the alphabet and the padding", (text, bytes) => {
    expect(parseBytes(text)).toEqual(Buffer.from(bytes));
  });

  test.each(["A", "AQ=", "AQI==", "=", "AQ I", "AQI\n", "AQ*=", "AQI=A"])("are not read from %j", (text) => {
    expect(parseBytes(text)).toBeUndefined();
  });
});

describe("a FieldMask", () => {
  it("has its paths in camel case, separated by commas", () => {
    expect(formatFieldMask(["user.display_name", "photo"])).toBe("user.displayName,photo");
    expect(parseFieldMask("user.displayName,photo")).toEqual(["user.display_name", "photo"]);
    expect(parseFieldMask("")).toEqual([]);
  });
});
