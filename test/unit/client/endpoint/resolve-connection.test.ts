// SPDX-License-Identifier: Apache-2.0
// Clients without TLS: where a token may go, and the variable that points at an emulator. Nothing here connects.

import { type ClientOptions, ConfigurationError, IAMCredentialsAsyncClient } from "../../../../src/index.js";
import { CountingProvider, SIGN_BLOB } from "../../../support/scripted-client.js";
import { refuse, ScriptedTransport } from "../../../support/scripted-transport.js";
import { withEnvironment } from "../../../support/with-environment.js";

const EMULATOR = "IAM_CREDENTIALS_EMULATOR_HOST";
const QUIET = { [EMULATOR]: undefined, GOOGLE_CLOUD_UNIVERSE_DOMAIN: undefined };
const construct = (options: ClientOptions, environment: Readonly<Record<string, string | undefined>> = {}) =>
  withEnvironment({ ...QUIET, ...environment }, () => new IAMCredentialsAsyncClient(options));

describe("a token on a plain connection", () => {
  const credentials = new CountingProvider();
  const REFUSED = "a token would be sent to p.example:80 over a plain connection";
  test.each([
    ["by option", { insecure: true, apiEndpoint: "p.example:80" }, {}, `insecure: ${REFUSED}`],
    ["by variable", {}, { [EMULATOR]: "p.example:80" }, `${EMULATOR}: ${REFUSED}`],
  ])("to another machine, %s, is refused by name", (_name, options, environment, problem) => {
    const build = () => construct({ credentials, ...options }, environment);
    expect(build).toThrow(ConfigurationError);
    expect(build).toThrow(`${problem}; connect with TLS, or set allowInsecureToken: true`);
  });

  test("is refused for application default credentials, too", () => {
    expect(() => construct({ insecure: true, apiEndpoint: "p.example:80" })).toThrow(`insecure: ${REFUSED}`);
  });

  test.each(["localhost:80", "127.0.0.1:80", "[::1]:80"])("to %s is let through", async (apiEndpoint) => {
    await construct({ credentials, insecure: true, apiEndpoint }).close();
  });

  test("to another machine is let through when one says so", async () => {
    await construct({ credentials, insecure: true, apiEndpoint: "p.example:80", allowInsecureToken: true }).close();
  });
});

describe("the emulator's variable", () => {
  const transport = () => new ScriptedTransport(refuse("NOT_FOUND"));

  test("sends a client without credentials there, whose bearer is owner, on other machines too", async () => {
    const scripted = transport();
    const client = construct({ transport: () => scripted }, { [EMULATOR]: "emulator.example:8080" });
    await expect(client.signBlob(SIGN_BLOB)).rejects.toThrow("IAMCredentials.SignBlob: NOT_FOUND: no");
    expect(scripted.valuesOf(0, "authorization")).toEqual(["Bearer owner"]);
    expect(client.apiEndpoint).toBe("emulator.example:8080");
  });

  test("leaves explicit credentials in place", async () => {
    const scripted = transport();
    const client = construct(
      { transport: () => scripted, credentials: new CountingProvider() },
      { [EMULATOR]: "127.0.0.1:80" },
    );
    await expect(client.signBlob(SIGN_BLOB)).rejects.toThrow("NOT_FOUND");
    expect(scripted.valuesOf(0, "authorization")).toEqual(["Bearer token-1"]);
  });

  test("gives way to the option apiEndpoint", async () => {
    const client = construct({ apiEndpoint: "p.example" }, { [EMULATOR]: "127.0.0.1:80" });
    expect(client.transport.host).toBe("p.example:443");
    await client.close();
  });

  test("that is wrong throws at construction by name", () => {
    const build = () => construct({}, { [EMULATOR]: "http://127.0.0.1:80" });
    expect(build).toThrow(ConfigurationError);
    expect(build).toThrow(`${EMULATOR}: must be host:port, without a scheme or path, not "http://127.0.0.1:80"`);
  });
});
