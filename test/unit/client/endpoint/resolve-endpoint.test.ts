// SPDX-License-Identifier: Apache-2.0
// Which host, which universe, TLS or not: a table of options and environment.

import { readEnvironment } from "../../../../src/base/environment.js";
import { isLoopback } from "../../../../src/base/socket/loopback.js";
import {
  type Endpoint,
  type EndpointInputs,
  resolveEndpoint,
} from "../../../../src/client/endpoint/resolve-endpoint.js";
import { ConfigurationError } from "../../../../src/index.js";

const EMULATOR = "IAM_CREDENTIALS_EMULATOR_HOST";
const UNIVERSE = "GOOGLE_CLOUD_UNIVERSE_DOMAIN";

function resolve(inputs: Partial<EndpointInputs>): Endpoint {
  return resolveEndpoint({
    hostPrefix: "iamcredentials",
    emulatorVariable: EMULATOR,
    apiEndpoint: undefined,
    universeDomain: undefined,
    insecure: false,
    hasCertificate: false,
    needsCertificate: true,
    environment: {},
    ...inputs,
  });
}

const DEFAULT: Endpoint = {
  apiEndpoint: "iamcredentials.googleapis.com",
  target: "iamcredentials.googleapis.com:443",
  universeDomain: "googleapis.com",
  isInsecure: false,
  isEmulator: false,
  rule: "universe",
};
const at = (apiEndpoint: string, target: string) => ({ ...DEFAULT, apiEndpoint, target, rule: "apiEndpoint" as const });
const inUniverse = (universeDomain: string): Endpoint => {
  const host = `iamcredentials.${universeDomain}`;
  return { ...DEFAULT, apiEndpoint: host, target: `${host}:443`, universeDomain };
};
const emulated = { isInsecure: true, isEmulator: true, rule: "emulator" } as const;

describe("the endpoint", () => {
  test.each<[string, Partial<EndpointInputs>, Endpoint]>([
    ["the service's host in the default universe", {}, DEFAULT],
    ["the service's host in the universe of the option", { universeDomain: "example.com" }, inUniverse("example.com")],
    [
      "the service's host in the universe of the variable",
      { environment: { [UNIVERSE]: "example.com" } },
      inUniverse("example.com"),
    ],
    [
      "in the universe of the option where both are given, without blanks around it",
      { universeDomain: " a.example ", environment: { [UNIVERSE]: "b.example" } },
      inUniverse("a.example"),
    ],
    ["the option, with port 443 where it has none", { apiEndpoint: "p.example" }, at("p.example", "p.example:443")],
    ["the option with its port", { apiEndpoint: "p.example:8443" }, at("p.example:8443", "p.example:8443")],
    ["an IPv6 address in brackets", { apiEndpoint: "[::1]" }, at("[::1]", "[::1]:443")],
    ["an IPv6 address with a port", { apiEndpoint: "[2001:db8::1]:99" }, at("[2001:db8::1]:99", "[2001:db8::1]:99")],
    ["a host with an underscore", { apiEndpoint: "my_host:1" }, at("my_host:1", "my_host:1")],
    ["plain when asked", { insecure: true }, { ...DEFAULT, isInsecure: true }],
    [
      "the option over the variable of the universe, whose name stays",
      { apiEndpoint: "p.example", environment: { [UNIVERSE]: "b.example" } },
      { ...at("p.example", "p.example:443"), universeDomain: "b.example" },
    ],
    [
      "the emulator that the variable names, over a plain connection",
      { environment: { [EMULATOR]: "127.0.0.1:8080" } },
      { ...at("127.0.0.1:8080", "127.0.0.1:8080"), ...emulated },
    ],
    [
      "the emulator on an IPv6 address",
      { environment: { [EMULATOR]: "[::1]:8080" } },
      { ...at("[::1]:8080", "[::1]:8080"), ...emulated },
    ],
    ["the service's host where the emulator's variable is empty", { environment: { [EMULATOR]: "" } }, DEFAULT],
    [
      "the option over the emulator, with TLS",
      { apiEndpoint: "p.example", environment: { [EMULATOR]: "127.0.0.1:8080" } },
      at("p.example", "p.example:443"),
    ],
  ])("is %s", (_name, inputs, expected) => {
    expect(resolve(inputs)).toEqual(expected);
  });
});

describe("refuses by name", () => {
  const WRONG = [
    "",
    "https://p.example",
    "p.example/path",
    "p.example:",
    "p.example:0",
    "p.example:65536",
    "a b",
    "::1",
  ];
  test.each([...WRONG, "p.example:99999", "p.example:-1", "user@p.example", "[::1", "dns:///p.example"])(
    "the option apiEndpoint %j",
    (apiEndpoint) => {
      const text = `apiEndpoint: must be host or host:port, without a scheme or path, not ${JSON.stringify(apiEndpoint)}`;
      expect(() => resolve({ apiEndpoint })).toThrow(ConfigurationError);
      expect(() => resolve({ apiEndpoint })).toThrow(text);
    },
  );

  test.each(["localhost", "http://localhost:8080", "localhost:", "localhost:0", "localhost:8080/"])(
    "the emulator's variable %j",
    (host) => {
      const text = `${EMULATOR}: must be host:port, without a scheme or path, not ${JSON.stringify(host)}`;
      expect(() => resolve({ environment: { [EMULATOR]: host } })).toThrow(ConfigurationError);
      expect(() => resolve({ environment: { [EMULATOR]: host } })).toThrow(text);
    },
  );

  test.each(["", "  ", "com", ".example.com", "a..b", "https://a.example", "a.example/", "a b.example", "ä.example"])(
    "the universe %j, by option or variable",
    (domain) => {
      const problem = `must be a domain such as googleapis.com, not ${JSON.stringify(domain.trim())}`;
      expect(() => resolve({ universeDomain: domain })).toThrow(ConfigurationError);
      expect(() => resolve({ universeDomain: domain })).toThrow(`universeDomain: ${problem}`);
      expect(() => resolve({ environment: { [UNIVERSE]: domain } })).toThrow(`${UNIVERSE}: ${problem}`);
    },
  );
});

test.each([
  ["localhost:1", true],
  ["127.0.0.1:1", true],
  ["127.8.9.10:1", true],
  ["[::1]:1", true],
  ["localhost.example:1", false],
  ["127.0.0.1.example:1", false],
  ["128.0.0.1:1", false],
  ["0.0.0.0:1", false],
  ["[::]:1", false],
  ["[::1].example:1", false],
  ["iamcredentials.googleapis.com:443", false],
])("%s can only be this machine: %p", (target, expected) => {
  expect(isLoopback(target)).toBe(expected);
});

test("the environment is the process's, as it is now", () => {
  expect(readEnvironment()).toBe(process.env);
});
