// SPDX-License-Identifier: Apache-2.0
// What a client can be given, and how that settles. Nothing here connects.

import { inspect } from "node:util";
import { Channel, credentials as grpcCredentials } from "@grpc/grpc-js";
import { type ClientOptions, ConfigurationError, IAMCredentialsAsyncClient } from "../../../src/index.js";
import { CountingProvider, SIGN_BLOB, SIGNED } from "../../support/scripted-client.js";
import { reply, ScriptedTransport } from "../../support/scripted-transport.js";
import { withEnvironment } from "../../support/with-environment.js";

const EMULATOR = "IAM_CREDENTIALS_EMULATOR_HOST";
const QUIET = { [EMULATOR]: undefined, GOOGLE_CLOUD_UNIVERSE_DOMAIN: undefined };
const construct = (options: unknown, environment: Readonly<Record<string, string | undefined>> = {}) =>
  withEnvironment({ ...QUIET, ...environment }, () => new IAMCredentialsAsyncClient(options as ClientOptions)); // as: may be wrong on purpose

describe("a wrong value", () => {
  const scopes = "scopes: must be an OAuth scope, or an array of at least one";
  const clientInfo =
    "clientInfo: must be an object with userAgent or clientLibraryVersion in printable ASCII, or false";
  const quota = "quotaProjectId: must be a project ID";
  test.each<[keyof ClientOptions, unknown, string]>([
    [
      "credentials",
      "ya29.token",
      "credentials: must be a TokenProvider, a client of google-auth-library, or the contents",
    ],
    ["credentials", null, "credentials: must be a TokenProvider"],
    ["credentials", {}, "credentials: must be a TokenProvider"],
    ["credentials", { getRequestMetadata: "no function" }, "credentials: must be a TokenProvider"],
    ["credentials", { client_id: "x", refresh_token: "x" }, "credentials: must be a TokenProvider"],
    ["credentialsFile", "", "credentialsFile: must be the path to a JSON credentials file"],
    ["credentialsFile", 7, "credentialsFile: must be the path to a JSON credentials file"],
    ["scopes", "", scopes],
    ["scopes", [], scopes],
    ["scopes", [""], scopes],
    ["scopes", [7], scopes],
    ["transport", "", 'transport: must be a label such as "grpc", a Transport, or a class or function that makes one'],
    ["transport", {}, 'transport: must be a label such as "grpc", a Transport, or a class or function that makes one'],
    [
      "transport",
      null,
      'transport: must be a label such as "grpc", a Transport, or a class or function that makes one',
    ],
    [
      "transport",
      "http",
      'transport: "http" is not a known label; valid labels are "grpc", "grpc_asyncio", "grpc-js", "rest"',
    ],
    ["apiEndpoint", "", "apiEndpoint: must be host or host:port"],
    ["apiEndpoint", 443, "apiEndpoint: must be host or host:port"],
    ["apiEndpoint", "https://p.example", "apiEndpoint: must be host or host:port, without a scheme or path"],
    ["universeDomain", "", "universeDomain: must be a domain such as googleapis.com"],
    ["universeDomain", "com", 'universeDomain: must be a domain such as googleapis.com, not "com"'],
    ["quotaProjectId", "", quota],
    ["quotaProjectId", 123, quota],
    ["quotaProjectId", "my-project\n", quota],
    ["clientInfo", "my-app/1", clientInfo],
    ["clientInfo", true, clientInfo],
    ["clientInfo", null, clientInfo],
    ["clientInfo", { userAgent: 7 }, clientInfo],
    ["clientInfo", { userAgent: "my-app\n" }, clientInfo],
    ["clientInfo", { clientLibraryVersion: "1.0é" }, clientInfo],
    ["clientInfo", { useragent: "my-app/1" }, clientInfo],
    ["channel", {}, "channel: must be a grpc-js channel"],
    ["channel", "host:443", "channel: must be a grpc-js channel"],
    ["channelOptions", "x", "channelOptions: must be an object of grpc-js channel options"],
    ["channelOptions", null, "channelOptions: must be an object of grpc-js channel options"],
    ["rootCertificates", "", "rootCertificates: must be certificates in PEM form"],
    ["rootCertificates", ["pem"], "rootCertificates: must be certificates in PEM form"],
    ["rootCertificates", "no PEM at all", "rootCertificates: must be certificates in PEM form"],
    ["insecure", "yes", "insecure: must be a boolean"],
    ["insecure", null, "insecure: must be a boolean"],
    ["allowInsecureToken", 1, "allowInsecureToken: must be a boolean"],
    ["callDefaults", 5, "callDefaults: must be an object of call options"],
    ["callDefaults", null, "callDefaults: must be an object of call options"],
    ["callDefaults", { timeout: 0 }, "callDefaults.timeout: must be a positive number of milliseconds"],
    ["callDefaults", { deadline: 5 }, "callDefaults.deadline: no such call option"],
    ["clock", Date, "clock: must be a Clock"],
    ["clock", {}, "clock: must be a Clock"],
  ])("of %s, such as %p, throws at construction by name", (key, value, problem) => {
    const build = () => construct({ credentials: new CountingProvider(), [key]: value });
    expect(build).toThrow(ConfigurationError);
    expect(build).toThrow(problem);
  });

  test.each([null, 5, "options"])("for the whole, such as %p, throws", (options) => {
    expect(() => construct(options)).toThrow(ConfigurationError);
    expect(() => construct(options)).toThrow("options: must be an object");
  });

  test.each(["projectId", "keyFilename", "toString"])("is an option that is called %s", (key) => {
    const build = () => construct({ [key]: "x" });
    expect(build).toThrow(ConfigurationError);
    expect(build).toThrow(
      `${key}: no such client option; valid names are credentials, credentialsFile, apiKey, scopes`,
    );
  });

  test("is both credentials and credentialsFile", () => {
    const build = () => construct({ credentials: new CountingProvider(), credentialsFile: "/nowhere.json" });
    expect(build).toThrow(ConfigurationError);
    expect(build).toThrow("credentials and credentialsFile: set one of them, not both");
  });

  test("is never quoted, since it may be a credential", () => {
    const build = () => construct({ credentials: "ya29.do-not-quote-me" });
    expect(build).toThrow(ConfigurationError);
    expect(build).not.toThrow(/do-not-quote-me/);
  });
});

describe("a client", () => {
  test("without options stands at the service's host, over gRPC", async () => {
    const client = construct({});
    expect([client.apiEndpoint, client.universeDomain]).toEqual(["iamcredentials.googleapis.com", "googleapis.com"]);
    expect(client.transport).toMatchObject({ kind: "grpc", host: "iamcredentials.googleapis.com:443" });
    await client.close();
  });

  test("takes undefined for every option as not given", async () => {
    const keys = ["credentials", "credentialsFile", "scopes", "transport", "apiEndpoint", "universeDomain"];
    const others = ["quotaProjectId", "clientInfo", "channel", "channelOptions", "rootCertificates", "insecure"];
    const all = [...keys, ...others, "allowInsecureToken", "callDefaults", "clock"];
    const client = construct(Object.fromEntries(all.map((key) => [key, undefined])));
    expect(client.apiEndpoint).toBe("iamcredentials.googleapis.com");
    await client.close();
  });

  test("stands where the options say, and shows the endpoint as it was given", async () => {
    const client = construct({ apiEndpoint: "p.example", universeDomain: "u.example" });
    expect([client.apiEndpoint, client.universeDomain]).toEqual(["p.example", "u.example"]);
    expect(client.transport.host).toBe("p.example:443");
    await client.close();
  });

  test("hands the settled settings to a function that makes the transport", () => {
    const seen: unknown[] = [];
    const transport = new ScriptedTransport(reply(SIGNED));
    const make = (settings: unknown) => {
      seen.push(settings);
      return transport;
    };
    const options = { transport: make, apiEndpoint: "p.example", channelOptions: { "grpc.keepalive_time_ms": 5 } };
    expect(construct(options).transport).toBe(transport);
    expect(seen).toEqual([
      expect.objectContaining({ target: "p.example:443", isInsecure: false, channelOptions: options.channelOptions }),
    ]);
  });

  test("tells of the program in its client header, as one was told to", async () => {
    const transport = new ScriptedTransport(reply(SIGNED));
    const clientInfo = { userAgent: "my-app/1", clientLibraryVersion: "2.0" };
    await construct({ transport: () => transport, credentials: new CountingProvider(), clientInfo }).signBlob(
      SIGN_BLOB,
    );
    await construct({ transport: () => transport, credentials: new CountingProvider(), clientInfo: false }).signBlob(
      SIGN_BLOB,
    );
    expect(transport.valuesOf(0, "x-goog-api-client")).toEqual([
      expect.stringMatching(/^my-app\/1 gl-node\/\S+ gax\/\S+ gapic\/\S+ gccl\/2\.0$/),
    ]);
    expect(transport.valuesOf(1, "x-goog-api-client")).toEqual([]);
  });

  test("charges the project of the option", async () => {
    const transport = new ScriptedTransport(reply(SIGNED));
    await construct({ transport: () => transport, credentials: new CountingProvider(), quotaProjectId: "p" }).signBlob(
      SIGN_BLOB,
    );
    expect(transport.valuesOf(0, "x-goog-user-project")).toEqual(["p"]);
  });

  test("shows no credentials when it is printed", () => {
    const client_email = "robot@demo-project.iam.gserviceaccount.com";
    const credentials = { getRequestMetadata: () => ({ authorization: "x" }), client_email, note: "do-not-print-me" };
    expect(inspect(construct({ credentials }), { depth: 10 })).not.toMatch(/do-not-print-me/);
  });
});

test("a channel of the caller's brings its own credentials, so that none are looked up", async () => {
  const channel = new Channel("localhost:1", grpcCredentials.createInsecure(), {});
  const scripted = new ScriptedTransport(reply(SIGNED));
  await construct({ channel, transport: () => scripted }).signBlob(SIGN_BLOB);
  await construct({ channel, transport: () => scripted, credentials: new CountingProvider() }).signBlob(SIGN_BLOB);
  channel.close();
  expect([0, 1].map((index) => scripted.valuesOf(index, "authorization"))).toEqual([[], ["Bearer token-1"]]);
});
