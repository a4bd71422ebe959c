// SPDX-License-Identifier: Apache-2.0
// Which provider stands behind which credentials.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { decodeJwt } from "jose";
import { ApplicationDefaultTokenProvider } from "../../../src/auth/application-default.js";
import { GoogleAuthTokenProvider } from "../../../src/auth/google-library/library-clients.js";
import { type CredentialsInputs, resolveTokenProvider } from "../../../src/auth/resolve-token-provider.js";
import { ServiceAccountTokenProvider } from "../../../src/auth/service-account.js";
import { UserTokenProvider } from "../../../src/auth/user-token-provider.js";
import { ConfigurationError, IAMCredentialsAsyncClient } from "../../../src/index.js";
import { ManualClock } from "../../support/manual-clock.js";
import { generateKeyFile } from "../../support/rsa-key.js";
import { SIGN_BLOB, SIGNED } from "../../support/scripted-client.js";
import { reply, ScriptedTransport } from "../../support/scripted-transport.js";

const { info } = generateKeyFile();
let folder: string;
let keyFile: string;
let userFile: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "provider-"));
  keyFile = join(folder, "key.json");
  writeFileSync(keyFile, JSON.stringify(info));
  userFile = join(folder, "user.json");
  writeFileSync(
    userFile,
    JSON.stringify({ type: "authorized_user", client_id: "x", client_secret: "s", refresh_token: "y" }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function resolve(inputs: Partial<CredentialsInputs>) {
  return resolveTokenProvider({
    credentials: undefined,
    credentialsFile: undefined,
    scopes: undefined,
    defaultScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    audience: "https://iamcredentials.googleapis.com/",
    environment: {},
    clock: new ManualClock(),
    ...inputs,
  });
}

test("a provider is used as it is", () => {
  const provider = { getRequestMetadata: () => ({}) };
  expect(resolve({ credentials: provider })).toBe(provider);
});

test("a provider goes before the shape of the library, where an object has both", () => {
  const both = { getRequestMetadata: () => ({}), getRequestHeaders: async () => ({}) };
  expect(resolve({ credentials: both })).toBe(both);
});

test("a client of google-auth-library is known by its shape", () => {
  expect(resolve({ credentials: { getRequestHeaders: async () => ({}) } })).toBeInstanceOf(GoogleAuthTokenProvider);
});

test("the contents of a key file sign for themselves", () => {
  expect(resolve({ credentials: info })).toBeInstanceOf(ServiceAccountTokenProvider);
});

test("a key file signs for itself", () => {
  expect(resolve({ credentialsFile: keyFile })).toBeInstanceOf(ServiceAccountTokenProvider);
});

test("a user's login is traded at the token endpoint, and with nothing given there is a search", () => {
  expect(resolve({ credentialsFile: userFile })).toBeInstanceOf(UserTokenProvider);
  expect(resolve({ credentialsFile: pathToFileURL(userFile) })).toBeInstanceOf(UserTokenProvider);
  expect(resolve({})).toBeInstanceOf(ApplicationDefaultTokenProvider);
});

test.each([7, "text", null, {}, { getRequestMetadata: 1 }, { client_email: "a" }])("%p is refused by name", (wrong) => {
  const build = () => resolve({ credentials: wrong as never }); // as: wrong on purpose
  expect(build).toThrow(ConfigurationError);
  expect(build).toThrow("credentials: must be a TokenProvider, a client of google-auth-library, or the contents");
});

test("a file that is missing is refused at construction, by the option's name", () => {
  const build = () => resolve({ credentialsFile: join(folder, "missing.json") });
  expect(build).toThrow(ConfigurationError);
  expect(build).toThrow(`credentialsFile: cannot read ${join(folder, "missing.json")}`);
});

describe("the statics of the client", () => {
  const claimsOf = async (make: (transport: ScriptedTransport) => IAMCredentialsAsyncClient) => {
    const transport = new ScriptedTransport(reply(SIGNED));
    await make(transport).signBlob(SIGN_BLOB);
    return decodeJwt(String(transport.valuesOf(0, "authorization")[0]).replace("Bearer ", ""));
  };
  const service = { iss: info.client_email, aud: "https://iamcredentials.googleapis.com/" };

  test("sign with the key of the file, by either name", async () => {
    const { fromServiceAccountFile, fromServiceAccountJson } = IAMCredentialsAsyncClient;
    for (const make of [fromServiceAccountFile, fromServiceAccountJson]) {
      expect(await claimsOf((transport) => make(keyFile, { transport: () => transport }))).toMatchObject(service);
    }
  });

  test("sign with the key of the contents, whatever credentials the options name", async () => {
    const credentials = { getRequestMetadata: () => ({ authorization: "Bearer other" }) };
    const { fromServiceAccountInfo } = IAMCredentialsAsyncClient;
    expect(
      await claimsOf((transport) => fromServiceAccountInfo(info, { transport: () => transport, credentials })),
    ).toMatchObject(service);
  });

  test("sign for the service's own host in another universe and at another endpoint, too", async () => {
    const options = { universeDomain: "u.example", checkUniverseDomain: false, apiEndpoint: "p.example" };
    const { fromServiceAccountInfo } = IAMCredentialsAsyncClient;
    expect(
      await claimsOf((transport) => fromServiceAccountInfo(info, { transport: () => transport, ...options })),
    ).toMatchObject(service);
  });

  test("put the scopes of the options into the JWT", async () => {
    const { fromServiceAccountInfo } = IAMCredentialsAsyncClient;
    const claims = await claimsOf((transport) =>
      fromServiceAccountInfo(info, { transport: () => transport, scopes: ["a", "b"] }),
    );
    expect(claims).toMatchObject({ scope: "a b" });
    expect(claims).not.toHaveProperty("aud");
  });

  test("refuse a file of another type, and what is no key, by the field", () => {
    const { fromServiceAccountFile, fromServiceAccountInfo } = IAMCredentialsAsyncClient;
    const missing = "client_email: is missing; pass the whole service account key file";
    expect(() => fromServiceAccountFile(userFile)).toThrow(ConfigurationError);
    expect(() => fromServiceAccountFile(userFile)).toThrow(missing);
    expect(() => fromServiceAccountInfo(null as never)).toThrow(missing); // as: wrong on purpose
    expect(() => fromServiceAccountFile(join(folder, "missing.json"))).toThrow(/^filename: cannot read /);
  });
});
