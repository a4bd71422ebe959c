// SPDX-License-Identifier: Apache-2.0
// Which variable names the proxy, which hosts need none, and what is wrong with a variable.

import { ConfigurationError } from "../../../../src/base/errors.js";
import { type ProxyQuestion, resolveProxy } from "../../../../src/base/socket/resolve-proxy.js";

const PROXY = "http://proxy.example:3128/";
const API = { host: "iamcredentials.googleapis.com", port: 443, isPlain: false, isGrpc: false };
const OTHER = "http://other:1";

const proxyOf = (environment: Readonly<Record<string, string>>, question: Partial<ProxyQuestion> = {}) =>
  resolveProxy({ ...API, ...question }, environment);

it.each([
  ["https_proxy", { https_proxy: PROXY, HTTPS_PROXY: OTHER, all_proxy: OTHER, grpc_proxy: OTHER }, {}],
  ["HTTPS_PROXY", { HTTPS_PROXY: PROXY, ALL_PROXY: OTHER, http_proxy: OTHER }, {}],
  ["all_proxy", { all_proxy: PROXY, ALL_PROXY: OTHER, http_proxy: OTHER }, {}],
  ["ALL_PROXY", { ALL_PROXY: PROXY, https_proxy: "", HTTPS_PROXY: " " }, {}],
  ["grpc_proxy", { grpc_proxy: PROXY, GRPC_PROXY: OTHER, https_proxy: OTHER }, { isGrpc: true }],
  ["GRPC_PROXY", { GRPC_PROXY: PROXY, https_proxy: OTHER }, { isGrpc: true }],
  ["https_proxy", { https_proxy: PROXY, http_proxy: OTHER }, { isGrpc: true }],
  ["http_proxy", { http_proxy: PROXY, https_proxy: OTHER, all_proxy: OTHER }, { isPlain: true }],
  ["http_proxy", { http_proxy: PROXY }, { isPlain: true, isGrpc: true }],
  ["all_proxy", { all_proxy: PROXY, https_proxy: OTHER }, { isPlain: true }],
])("takes %s of %j for %j", (variable, environment, question) => {
  expect(proxyOf(environment, question)).toEqual({ variable, url: PROXY });
});

it.each([
  ["http_proxy for TLS", { http_proxy: PROXY }, {}],
  ["http_proxy for gRPC over TLS", { http_proxy: PROXY }, { isGrpc: true }],
  ["HTTP_PROXY, which can be a header of a CGI request", { HTTP_PROXY: PROXY }, { isPlain: true }],
  ["grpc_proxy for HTTP", { grpc_proxy: PROXY }, {}],
])("never takes %s", (_, environment, question) => {
  expect(proxyOf(environment, question)).toBeUndefined();
});

it.each(["localhost", "127.0.0.1", "127.8.8.8", "::1", "metadata.google.internal", "metadata", "169.254.169.254"])(
  "connects directly to %s, whatever the variables say",
  (host) => {
    const all = { https_proxy: PROXY, http_proxy: PROXY, grpc_proxy: PROXY, all_proxy: PROXY };
    for (const isPlain of [true, false]) expect(proxyOf(all, { host, isPlain, isGrpc: true })).toBeUndefined();
  },
);

it.each([
  ["*", true],
  ["googleapis.com", true],
  [".googleapis.com", true],
  ["*.googleapis.com", true],
  ["googleapis.com.", true],
  ["example.com, iamcredentials.googleapis.com", true],
  ["example.com iamcredentials.googleapis.com", true],
  ["IAMCREDENTIALS.GOOGLEAPIS.COM:443", true],
  ["iamcredentials.googleapis.com:8443", false],
  ["apis.com", false],
  ["xiamcredentials.googleapis.com", false],
  [".", false],
  ["", false],
])("no_proxy=%j exempts the host: %j", (list, isExempt) => {
  const expected = isExempt ? undefined : { variable: "https_proxy", url: PROXY };
  for (const name of ["no_proxy", "NO_PROXY"]) {
    expect(proxyOf({ https_proxy: PROXY, [name]: list })).toEqual(expected);
  }
});

it.each([
  ["10.1.2.3", "10.0.0.0/8", true],
  ["10.1.2.3", "10.1.2.3", true],
  ["11.1.2.3", "10.0.0.0/8,2001:db8::/32", false],
  ["10.1.2.3", "2.3", false],
  ["10.1.2.3", "10.0.0.0/99", false],
  ["2001:db8::7", "2001:db8::/32", true],
  ["2001:db8::7", "[2001:db8::7]:443", true],
  ["2001:db8::7", "2001:db8::7", true],
  ["2001:db8::7", "[2001:db8::7]:444", false],
  ["api.example", "10.0.0.0/8", false],
])("the address %s is exempt by no_proxy=%j: %j", (host, list, isExempt) => {
  expect(proxyOf({ https_proxy: PROXY, no_proxy: list }, { host }) === undefined).toBe(isExempt);
});

it("takes no_grpc_proxy for gRPC in place of no_proxy, and for nothing else", () => {
  const environment = { https_proxy: PROXY, no_grpc_proxy: "*", no_proxy: "none.example" };
  expect(proxyOf(environment, { isGrpc: true })).toBeUndefined();
  expect(proxyOf(environment)).toMatchObject({ url: PROXY });
});

it("takes a proxy without a scheme for an HTTP one, and one that speaks TLS", () => {
  expect(proxyOf({ https_proxy: "proxy.example:3128" })?.url).toBe(PROXY);
  expect(proxyOf({ https_proxy: "https://u:p@proxy.example" })?.url).toBe("https://u:p@proxy.example/");
});

it.each([
  "http://",
  "not a url",
  "ftp://x",
  '"http://proxy.example:3128"',
  "'proxy:1'",
  "socks5://u:hidden@proxy:1080",
])("%j is an error that names the variable and does not quote it", (value) => {
  const read = () => proxyOf({ HTTPS_PROXY: value });
  expect(read).toThrow(ConfigurationError);
  expect(read).toThrow(
    /^HTTPS_PROXY: must be the URL of an HTTP proxy, without quotes, such as http:\/\/proxy\.example:3128(; SOCKS is not supported)?$/,
  );
});
