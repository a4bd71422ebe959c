// SPDX-License-Identifier: Apache-2.0
// Endpoint, universe and certificate as a client decides them, as the statics answer, and as explainEndpoint tells it.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  type ClientCertSource,
  type ClientOptions,
  ConfigurationError,
  explainEndpoint,
  IAMCredentialsAsyncClient,
  MutualTlsChannelError,
} from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { MachineHome } from "../support/machine-home.js";
import { ScriptedTransport } from "../support/scripted-transport.js";
import { withEnvironment } from "../support/with-environment.js";

const PLAIN = "iamcredentials.googleapis.com";
const MTLS = "iamcredentials.mtls.googleapis.com";
const GIVEN = "squid.clam.whelk";
const own: ClientCertSource = () => ({ cert: "cert", key: "key" });
const credentials = { getRequestMetadata: () => ({}) };

let restore: () => void;
beforeEach(() => {
  restore = setEnvironment();
});
afterEach(() => restore());

/** The host and connection of a client. */
async function decided(options: ClientOptions, variables: Record<string, string> = {}) {
  const client = withEnvironment(variables, () => new IAMCredentialsAsyncClient({ credentials, ...options }));
  const { apiEndpoint, universeDomain, transport } = client;
  await client.close();
  return { apiEndpoint, universeDomain, host: transport.host };
}

describe("the constants", () => {
  test("are Python's", () => {
    expect(IAMCredentialsAsyncClient.DEFAULT_ENDPOINT).toBe(PLAIN);
    expect(IAMCredentialsAsyncClient.DEFAULT_MTLS_ENDPOINT).toBe(MTLS);
    expect(IAMCredentialsAsyncClient.getDefaultMtlsEndpoint("foo.googleapis.com")).toBe("foo.mtls.googleapis.com");
  });
});

/** Python's decision table: an option, the mode, whether there is a certificate; what comes out. */
const TABLE: [given: string | undefined, mode: string | undefined, hasCertificate: boolean, endpoint: string][] = [
  [GIVEN, "never", false, GIVEN],
  [GIVEN, "never", true, GIVEN],
  [GIVEN, "auto", false, GIVEN],
  [GIVEN, "auto", true, GIVEN],
  [GIVEN, "always", false, GIVEN],
  [GIVEN, "always", true, GIVEN],
  [undefined, "never", false, PLAIN],
  [undefined, "never", true, PLAIN],
  [undefined, undefined, false, PLAIN],
  [undefined, undefined, true, MTLS],
  [undefined, "auto", false, PLAIN],
  [undefined, "auto", true, MTLS],
  [undefined, "always", true, MTLS],
];
const variablesOf = (mode: string | undefined, hasCertificate: boolean) => ({
  GOOGLE_API_USE_CLIENT_CERTIFICATE: String(hasCertificate),
  ...(mode === undefined ? {} : { GOOGLE_API_USE_MTLS_ENDPOINT: mode }),
});

describe("getMtlsEndpointAndCertSource", () => {
  const answer = (options: ClientOptions, variables: Record<string, string>) =>
    withEnvironment(variables, () => IAMCredentialsAsyncClient.getMtlsEndpointAndCertSource(options));

  test.each([...TABLE, [undefined, "always", false, MTLS] as const])(
    "with apiEndpoint %s, mode %s and a certificate: %s answers %s and the very source that was given",
    (apiEndpoint, mode, hasCertificate, endpoint) => {
      const [host, source] = answer({ apiEndpoint, clientCertSource: own }, variablesOf(mode, hasCertificate));
      expect(host).toBe(endpoint);
      expect(source).toBe(hasCertificate ? own : undefined);
    },
  );

  test("answers the machine's certificate when none was given, and nothing without options", () => {
    using home = new MachineHome();
    home.writeCertificateConfig({ cert_configs: { workload: {} } });
    const [host, source] = answer({}, home.variables);
    expect(host).toBe(MTLS);
    expect(source).toEqual(expect.any(Function));
    expect(withEnvironment({}, () => IAMCredentialsAsyncClient.getMtlsEndpointAndCertSource())).toEqual([
      PLAIN,
      undefined,
    ]);
  });

  test("takes an empty endpoint as one, and does not look at the universe", () => {
    expect(answer({ apiEndpoint: "" }, {})[0]).toBe("");
    expect(answer({ universeDomain: "example.com" }, { GOOGLE_CLOUD_UNIVERSE_DOMAIN: "example.net" })[0]).toBe(PLAIN);
  });

  test.each(["Unsupported", "", "ALWAYS"])("throws MutualTlsChannelError for the mode %j", (mode) => {
    const ask = () => answer({}, { GOOGLE_API_USE_MTLS_ENDPOINT: mode });
    expect(ask).toThrow(MutualTlsChannelError);
    expect(ask).toThrow(`GOOGLE_API_USE_MTLS_ENDPOINT: must be "never", "auto" or "always", not "${mode}"`);
  });
});

describe("a client", () => {
  test.each(TABLE)(
    "with apiEndpoint %s, mode %s and a certificate: %s calls %s",
    async (apiEndpoint, mode, hasCertificate, endpoint) => {
      const options = { apiEndpoint, clientCertSource: own };
      expect(await decided(options, variablesOf(mode, hasCertificate))).toEqual({
        apiEndpoint: endpoint,
        universeDomain: "googleapis.com",
        host: `${endpoint}:443`,
      });
    },
  );

  test("whose chosen host would be the mTLS host without a certificate throws MutualTlsChannelError", async () => {
    const variables = { GOOGLE_API_USE_MTLS_ENDPOINT: "always" };
    await expect(decided({}, variables)).rejects.toThrow(MutualTlsChannelError);
    await expect(decided({}, variables)).rejects.toThrow(
      /^GOOGLE_API_USE_MTLS_ENDPOINT: is "always", which chooses iamcredentials\.mtls\.googleapis\.com, but there is no client certificate/,
    );
    expect((await decided({ apiEndpoint: MTLS }, variables)).apiEndpoint).toBe(MTLS);
  });

  test("reads the mode in letters of any case, unlike the static", async () => {
    const variables = { GOOGLE_API_USE_MTLS_ENDPOINT: "Never", GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" };
    expect((await decided({ clientCertSource: own }, variables)).apiEndpoint).toBe(PLAIN);
  });

  test("keeps a regional endpoint and a port as they were given", async () => {
    const regional = "iamcredentials.us-east1.rep.googleapis.com";
    expect(await decided({ apiEndpoint: regional })).toMatchObject({ apiEndpoint: regional, host: `${regional}:443` });
    expect((await decided({ apiEndpoint: `${regional}:8443` })).host).toBe(`${regional}:8443`);
  });

  test("with a given transport is where that transport is, and a wrong mode is an error all the same", async () => {
    const transport = new ScriptedTransport();
    const make = () => new IAMCredentialsAsyncClient({ transport, apiEndpoint: GIVEN });
    expect(make().apiEndpoint).toBe("scripted.test:443");
    expect(withEnvironment({ GOOGLE_API_USE_MTLS_ENDPOINT: "always" }, make).apiEndpoint).toBe("scripted.test:443");
    const variables = { GOOGLE_API_USE_MTLS_ENDPOINT: "sometimes" };
    expect(() => withEnvironment(variables, make)).toThrow(MutualTlsChannelError);
  });
});

describe("the universe", () => {
  test.each([
    [undefined, undefined, "googleapis.com"],
    [undefined, "example.net", "example.net"],
    ["example.com", "example.net", "example.com"],
    [" example.com ", undefined, "example.com"],
  ])(
    "with the option %j and the variable %j is %s, and the host is in it",
    async (universeDomain, variable, expected) => {
      const variables = variable === undefined ? {} : { GOOGLE_CLOUD_UNIVERSE_DOMAIN: variable };
      expect(await decided({ universeDomain, checkUniverseDomain: false }, variables)).toEqual({
        apiEndpoint: `iamcredentials.${expected}`,
        universeDomain: expected,
        host: `iamcredentials.${expected}:443`,
      });
    },
  );

  test.each(["", "  "])("is an error when the variable is %j", async (value) => {
    await expect(decided({}, { GOOGLE_CLOUD_UNIVERSE_DOMAIN: value })).rejects.toThrow(
      'GOOGLE_CLOUD_UNIVERSE_DOMAIN: must be a domain such as googleapis.com, not ""',
    );
  });

  test("other than googleapis.com has no mTLS host", async () => {
    const options = { universeDomain: "example.com", clientCertSource: own, checkUniverseDomain: false };
    const certificate = { GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" };
    await expect(decided(options, certificate)).rejects.toThrow(MutualTlsChannelError);
    await expect(decided(options, certificate)).rejects.toThrow(
      "mTLS is not supported in any universe other than googleapis.com: the universe is example.com",
    );
    const never = { ...certificate, GOOGLE_API_USE_MTLS_ENDPOINT: "never" };
    expect((await decided(options, never)).apiEndpoint).toBe("iamcredentials.example.com");
    const upper = { ...options, universeDomain: "GoogleApis.com" };
    expect((await decided(upper, certificate)).apiEndpoint).toBe(MTLS);
  });
});

describe("explainEndpoint", () => {
  test.each([
    [{ apiEndpoint: GIVEN }, {}, "apiEndpoint", GIVEN],
    [{}, { IAM_CREDENTIALS_EMULATOR_HOST: "127.0.0.1:8080" }, "emulator", "127.0.0.1:8080"],
    [
      { clientCertSource: own },
      { GOOGLE_API_USE_CLIENT_CERTIFICATE: "true", GOOGLE_API_USE_MTLS_ENDPOINT: "always" },
      "mtls-always",
      MTLS,
    ],
    [{ clientCertSource: own }, { GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" }, "mtls-auto", MTLS],
    [{ universeDomain: "example.com" }, {}, "universe", "iamcredentials.example.com"],
  ])("of %j and %j names the rule %s and the endpoint %s", (options, variables, rule, apiEndpoint) => {
    const explained = withEnvironment({ HOME: "/nowhere", ...variables }, () => explainEndpoint(options));
    expect(explained).toMatchObject({ rule, apiEndpoint, error: undefined });
    const given = explained.inputs.filter(({ value }) => value !== undefined).map(({ name }) => name);
    expect(given).toEqual([...Object.keys(options), ...Object.keys(variables).sort(byOrder)]);
  });

  test("says where the certificate comes from, and why there is none", () => {
    using home = new MachineHome();
    const path = home.writeCertificateConfig({ cert_configs: { workload: {} } });
    const { certificate } = withEnvironment(home.variables, () => explainEndpoint());
    expect(certificate).toEqual({
      isPresented: true,
      because: `GOOGLE_API_USE_CLIENT_CERTIFICATE is not set, and ${path} has a workload certificate`,
      origin: path,
    });
    const off = withEnvironment({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "no" }, () => explainEndpoint());
    expect(off.certificate).toEqual({
      isPresented: false,
      because: 'GOOGLE_API_USE_CLIENT_CERTIFICATE is "no", but only "true" turns them on',
      origin: "none",
    });
  });

  test("holds the error that a client would throw", () => {
    const variables = { GOOGLE_API_USE_MTLS_ENDPOINT: "sometimes" };
    const { error, rule, because } = withEnvironment(variables, () => explainEndpoint());
    expect(error).toBeInstanceOf(MutualTlsChannelError);
    expect(rule).toBeUndefined();
    expect(because).toBe('GOOGLE_API_USE_MTLS_ENDPOINT: must be "never", "auto" or "always", not "sometimes"');
  });

  test("is a static of the client too, and refuses options that no client takes", () => {
    const options: ClientOptions = { apiEndpoint: GIVEN };
    expect(IAMCredentialsAsyncClient.explainEndpoint(options)).toEqual(explainEndpoint(options));
    expect(explainEndpoint(options).apiEndpoint).toBe(GIVEN);
    const explain = () => explainEndpoint({ apiEndpiont: GIVEN } as ClientOptions); // as: a slip of the pen
    expect(explain).toThrow(ConfigurationError);
    expect(explain).toThrow("apiEndpiont: no such client option");
  });
});

/** In the order in which explainEndpoint tells of them. */
function byOrder(a: string, b: string): number {
  const order = ["IAM_CREDENTIALS_EMULATOR_HOST", "GOOGLE_API_USE_MTLS_ENDPOINT", "GOOGLE_API_USE_CLIENT_CERTIFICATE"];
  return order.indexOf(a) - order.indexOf(b);
}
