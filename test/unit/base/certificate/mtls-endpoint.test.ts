// SPDX-License-Identifier: Apache-2.0
// The mTLS host of a host, and the variable that decides when it is called.

import { describe, expect, test } from "@jest/globals";
import { getDefaultMtlsEndpoint, readMtlsMode } from "../../../../src/base/certificate/mtls-endpoint.js";
import { MutualTlsChannelError } from "../../../../src/base/errors.js";

describe("getDefaultMtlsEndpoint", () => {
  test.each([
    ["iamcredentials.googleapis.com", "iamcredentials.mtls.googleapis.com"],
    ["iamcredentials.sandbox.googleapis.com", "iamcredentials.mtls.sandbox.googleapis.com"],
    ["iamcredentials.us-east1.rep.googleapis.com", "iamcredentials.us-east1.rep.mtls.googleapis.com"],
    ["FOO.GoogleApis.com", "foo.mtls.googleapis.com"],
    ["foo.googleapis.com:443", "foo.mtls.googleapis.com:443"],
    ["https://foo.googleapis.com", "https://foo.mtls.googleapis.com"],
    ["https://foo.googleapis.com:8443/v1/x?y=1#z", "https://foo.mtls.googleapis.com:8443/v1/x?y=1#z"],
    ["foo.googleapis.com/path", "foo.mtls.googleapis.com/path"],
  ])("turns %s into %s", (host, expected) => {
    expect(getDefaultMtlsEndpoint(host)).toBe(expected);
  });

  test("gives undefined for undefined, as Python gives None", () => {
    expect(getDefaultMtlsEndpoint(undefined)).toBeUndefined();
  });

  test.each([
    "",
    "foo.mtls.googleapis.com",
    "foo.mtls.sandbox.googleapis.com",
    "FOO.MTLS.googleapis.com",
    "foo.example.com",
    "googleapis.com",
    "http://",
    "https:///path",
    "localhost:8080",
    "[::1]:443",
    "foo.googleapis.com.example.com",
  ])("leaves %j as it is", (host) => {
    expect(getDefaultMtlsEndpoint(host)).toBe(host);
  });
});

describe("GOOGLE_API_USE_MTLS_ENDPOINT", () => {
  test.each([
    [undefined, "auto"],
    ["never", "never"],
    ["auto", "auto"],
    ["always", "always"],
    ["ALWAYS", "always"],
    ["Never", "never"],
  ])("%j means %s", (value, expected) => {
    expect(readMtlsMode({ GOOGLE_API_USE_MTLS_ENDPOINT: value })).toBe(expected);
  });

  test.each(["", " auto", "true", "alwayss"])("%j is an error that names it and what it may be", (value) => {
    const read = () => readMtlsMode({ GOOGLE_API_USE_MTLS_ENDPOINT: value });
    expect(read).toThrow(MutualTlsChannelError);
    expect(read).toThrow(
      `GOOGLE_API_USE_MTLS_ENDPOINT: must be "never", "auto" or "always", not ${JSON.stringify(value)}`,
    );
  });

  test("must be written in small letters where Python reads it exactly", () => {
    expect(() => readMtlsMode({ GOOGLE_API_USE_MTLS_ENDPOINT: "ALWAYS" }, true)).toThrow(MutualTlsChannelError);
  });
});
