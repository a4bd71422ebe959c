// SPDX-License-Identifier: Apache-2.0
// Which variable names the proxy, which hosts need none, and what is wrong with a variable.

import { resolveProxy } from "../../../../src/client/endpoint/resolve-proxy.js";

const HOST = "iamcredentials.googleapis.com:443";
const PROXY = "http://proxy.example:3128/";

test.each([
  ["https_proxy", { https_proxy: PROXY, HTTPS_PROXY: "http://other", all_proxy: "http://other" }],
  ["HTTPS_PROXY", { HTTPS_PROXY: PROXY, ALL_PROXY: "http://other" }],
  ["all_proxy", { all_proxy: PROXY, ALL_PROXY: "http://other" }],
  ["ALL_PROXY", { ALL_PROXY: PROXY, https_proxy: "" }],
])("takes %s", (_, environment) => {
  expect(resolveProxy(HOST, false, environment)).toBe(PROXY);
});

it("takes http_proxy for a plain connection, and never HTTP_PROXY", () => {
  expect(resolveProxy("h:80", true, { http_proxy: PROXY, https_proxy: "http://other" })).toBe(PROXY);
  expect(resolveProxy("h:80", true, { HTTP_PROXY: PROXY })).toBeUndefined();
});

it("takes a proxy without a scheme for an HTTP one, and one that speaks TLS", () => {
  expect(resolveProxy(HOST, false, { https_proxy: "proxy.example:3128" })).toBe(PROXY);
  expect(resolveProxy(HOST, false, { https_proxy: "https://u:p@proxy.example" })).toBe("https://u:p@proxy.example/");
});

test.each(["localhost:443", "127.0.0.1:8080", "[::1]:443"])("needs none for %s", (target) => {
  expect(resolveProxy(target, false, { https_proxy: PROXY })).toBeUndefined();
});

test.each([
  ["*", true],
  ["googleapis.com", true],
  [".googleapis.com", true],
  ["*.googleapis.com", true],
  ["example.com, iamcredentials.googleapis.com", true],
  ["IAMCREDENTIALS.GOOGLEAPIS.COM:443", true],
  ["iamcredentials.googleapis.com:8443", false],
  ["apis.com", false],
  ["xiamcredentials.googleapis.com", false],
  ["", false],
])("no_proxy=%j exempts the host: %j", (list, isExempt) => {
  const environment = { https_proxy: PROXY, no_proxy: list };
  expect(resolveProxy(HOST, false, environment)).toBe(isExempt ? undefined : PROXY);
});

test.each(["socks5://proxy:1080", "http://", "not a url", "ftp://x"])(
  "%j: an error that names the variable",
  (value) => {
    expect(() => resolveProxy(HOST, false, { HTTPS_PROXY: value })).toThrow(
      "HTTPS_PROXY: must be the URL of an HTTP proxy, such as http://proxy.example:3128",
    );
  },
);
