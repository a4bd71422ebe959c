// SPDX-License-Identifier: Apache-2.0
// Which provider the contents of a credentials file make, and how what is wrong with them is named.

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type InfoSettings, providerFromInfo } from "../../../src/auth/credentials-info.js";
import { LibraryTokenProvider } from "../../../src/auth/google-library/library-token-provider.js";
import { ServiceAccountTokenProvider } from "../../../src/auth/service-account.js";
import { UserTokenProvider } from "../../../src/auth/user-token-provider.js";
import { ConfigurationError, IAMCredentialsAsyncClient } from "../../../src/index.js";
import { ManualClock } from "../../support/manual-clock.js";
import { generateKeyFile } from "../../support/rsa-key.js";

const { info: key } = generateKeyFile();
const user = { type: "authorized_user", client_id: "id", client_secret: "secret", refresh_token: "refresh" };
const IMPERSONATION_URL =
  "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com:generateAccessToken";
const external = {
  type: "external_account",
  audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  token_url: "https://sts.googleapis.com/v1/token",
  credential_source: { file: "/token" },
};
const workforce = {
  ...user,
  type: "external_account_authorized_user",
  token_url: "https://sts.googleapis.com/v1/oauthtoken",
};
const impersonated = {
  type: "impersonated_service_account",
  service_account_impersonation_url: IMPERSONATION_URL,
  source_credentials: user,
};
const gdch = {
  type: "gdch_service_account",
  format_version: "1",
  project: "p",
  private_key_id: "1",
  private_key: key.private_key,
  name: "n",
  token_uri: "https://gdc.example/token",
};

function make(info: object, over: Partial<InfoSettings> = {}) {
  const clock = new ManualClock();
  const audience = "https://iamcredentials.googleapis.com/";
  const settings = { name: "credentials", scopes: undefined, defaultScopes: ["s"], audience, clock };
  return providerFromInfo({ ...info }, { ...settings, ...over });
}

describe("contents of each type make a provider, and those of a file without members that are null", () => {
  test.each([
    [user, UserTokenProvider],
    ...[external, workforce, impersonated, gdch].map((info) => [info, LibraryTokenProvider] as const),
  ] as const)("$0.type", (info, provider) => {
    expect(make(info)).toBeInstanceOf(provider);
    expect(make({ ...info, quota_project_id: null, universe_domain: null })).toBeInstanceOf(provider);
    expect(() => new IAMCredentialsAsyncClient({ credentials: info as never })).not.toThrow(); // as: read from a file
  });

  test("service_account, and a key without a type", () => {
    for (const info of [key, { ...key, type: undefined }, { ...key, private_key_id: null, universe_domain: null }]) {
      expect(make(info)).toBeInstanceOf(ServiceAccountTokenProvider);
    }
  });
});

describe("what is wrong is named", () => {
  test.each([
    [
      "an unknown type",
      { ...user, type: "no_type" },
      'type: "no_type" is not supported; valid types are service_account, authorized_user, ',
    ],
    ["contents as type", { ...user, type: "{}-----BEGIN" }, "type: the given type is not supported"],
    ["no type", { type: null, client_id: "x" }, "type: is missing; pass the whole contents of a credentials file"],
    [
      "an OAuth client's file",
      { installed: { client_secret: "s" } },
      "is the file of an OAuth client, not of a login; run: gcloud",
    ],
    ["a web client's file", { web: {} }, "is the file of an OAuth client"],
    [
      "half a key",
      { type: "service_account", private_key: "x" },
      "client_email: is missing; pass the whole service account key file",
    ],
    [
      "a login without its token",
      { ...user, refresh_token: "" },
      "refresh_token: is missing from credentials of type authorized_user",
    ],
    [
      "a server of its own in the clear",
      { ...gdch, token_uri: "http://gdc.example/token" },
      "token_uri: must be an https URL",
    ],
    ["a server of its own that is none", { ...gdch, token_uri: "gdc.example" }, "token_uri: must be an https URL"],
    ["no source", { ...impersonated, source_credentials: null }, "source_credentials: is missing"],
    [
      "a source that is a text",
      { ...impersonated, source_credentials: "x" },
      "source_credentials: must be the contents",
    ],
    [
      "a key for a universe",
      { ...user, universe_domain: key.private_key },
      "universe_domain: must be a domain such as googleapis.com",
    ],
    [
      "a key for the universe of a key",
      { ...key, universe_domain: key.private_key },
      "universe_domain: must be a domain such as googleapis.com",
    ],
    ["a number for a project", { ...user, quota_project_id: 7 }, "quota_project_id: must be a string"],
    [
      "an exchange elsewhere",
      { ...external, token_url: "https://sts.evil.example/v1/token" },
      "token_url: must be an https URL of googleapis.com, since secrets are sent there",
    ],
    [
      "an exchange in the clear",
      { ...external, token_url: "http://sts.googleapis.com/v1/token" },
      "token_url: must be an https URL",
    ],
    ["a look-alike", { ...external, token_url: "https://evilgoogleapis.com/" }, "token_url: must be an https URL"],
    [
      "an impersonation elsewhere",
      { ...external, service_account_impersonation_url: "https://x.example" },
      "service_account_impersonation_url: must be",
    ],
    [
      "a login elsewhere",
      { ...user, token_uri: "https://oauth2.evil.example/token" },
      "token_uri: must be an https URL of googleapis.com, since secrets are sent there",
    ],
    [
      "a login in the clear",
      { ...user, token_uri: "http://oauth2.googleapis.com/token" },
      "token_uri: must be an https",
    ],
    [
      "a source with its login elsewhere",
      { ...impersonated, source_credentials: { ...user, token_uri: "https://x.example" } },
      "source_credentials.token_uri: must be an https URL",
    ],
    [
      "an exchange elsewhere, in the source of a source",
      {
        ...impersonated,
        source_credentials: { ...impersonated, source_credentials: { ...external, token_url: "https://x.example" } },
      },
      "source_credentials.source_credentials.token_url: must be an https URL",
    ],
    [
      "an exchange elsewhere, in a source whose own URL shows another universe",
      {
        ...impersonated,
        source_credentials: {
          ...external,
          token_url: "https://sts.evil.example/v1/token",
          service_account_impersonation_url: IMPERSONATION_URL.replace("googleapis.com", "evil.example"),
        },
      },
      "source_credentials.token_url: must be an https URL of googleapis.com",
    ],
    [
      "a source of another universe",
      {
        ...impersonated,
        universe_domain: "googleapis.com",
        source_credentials: { ...external, token_url: undefined, universe_domain: "evil.example" },
      },
      "source_credentials.universe_domain: must be googleapis.com, like that of credentials",
    ],
    [
      "an exchange elsewhere, spelled as google-auth-library understands it, too",
      { ...external, token_url: undefined, tokenUrl: "https://sts.evil.example/v1/token" },
      "tokenUrl: is not a member of a credentials file; write token_url",
    ],
    [
      "another universe, likewise, in a source",
      { ...impersonated, source_credentials: { ...external, universeDomain: "evil.example" } },
      "source_credentials.universeDomain: is not a member of a credentials file; write universe_domain",
    ],
    [
      "no source of a source",
      { ...impersonated, source_credentials: { ...impersonated, source_credentials: null } },
      "source_credentials.source_credentials: must be the contents",
    ],
  ])("%s", (_name, info, message) => {
    expect(() => make(info)).toThrow(ConfigurationError);
    expect(() => make(info)).toThrow(`credentials${message.startsWith("is ") ? ": " : "."}${message}`);
  });

  test("with what the contents came from", () => {
    expect(() => make({ ...user, type: "x" }, { name: "credentialsFile" })).toThrow(/^credentialsFile\.type: /);
    expect(() => make({ ...key, private_key: "x" }, { name: "credentialsFile" })).toThrow(
      /^credentialsFile\.private_key: /,
    );
  });
});

test("a member __proto__ of a file brings no members that are not checked", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url}`);
    const document = { access_token: "exchanged", expires_in: 3600, token_type: "Bearer" };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(document));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // as: it listens
  const folder = mkdtempSync(join(tmpdir(), "proto-"));
  writeFileSync(join(folder, "token"), "subject");
  // As JSON.parse reads it from a file.
  const inherited = JSON.parse(
    `{"__proto__": {"service_account_impersonation_url": "${url}/evil:generateAccessToken"}}`,
  );
  const own = { ...external, token_url: `${url}/token`, credential_source: { file: join(folder, "token") } };
  const provider = make({ ...own, ...inherited });
  const request = { method: "m", signal: undefined } as never; // as: the provider looks at neither
  try {
    expect(await provider.getRequestMetadata(request)).toMatchObject({ authorization: "Bearer exchanged" });
    expect(asked).toEqual(["/token"]);
  } finally {
    rmSync(folder, { recursive: true });
    server.closeAllConnections();
    server.close();
  }
});

test("URLs of this machine, of the emulator and of the universe are trusted", () => {
  for (const token_url of ["http://127.0.0.1:1/x", "http://emulator:8085/x", "https://sts.u.example/x"]) {
    const info = { ...external, token_url, universe_domain: "u.example" };
    expect(make(info, { emulatorHost: "emulator:8085" })).toBeInstanceOf(LibraryTokenProvider);
    const login = { ...user, token_uri: token_url, universe_domain: "u.example" };
    expect(make(login, { emulatorHost: "emulator:8085" })).toBeInstanceOf(UserTokenProvider);
  }
  expect(make({ ...user, token_uri: "https://oauth2.googleapis.com/token" })).toBeInstanceOf(UserTokenProvider);
  // A key sends nothing there: it signs its tokens itself.
  expect(make({ ...key, token_uri: "https://x.example" })).toBeInstanceOf(ServiceAccountTokenProvider);
});

test.each([
  ["named by the file", { ...user, universe_domain: "u.example" }, "u.example"],
  [
    "named by the source",
    { ...impersonated, source_credentials: { ...user, universe_domain: "u.example" } },
    "u.example",
  ],
  [
    "shown by the host",
    { ...impersonated, service_account_impersonation_url: IMPERSONATION_URL.replace("googleapis.com", "u.example") },
    "u.example",
  ],
  [
    "shown by a regional host",
    {
      ...impersonated,
      service_account_impersonation_url: IMPERSONATION_URL.replace("iamcredentials", "iamcredentials.us-east1.rep"),
    },
    "googleapis.com",
  ],
  ["nobody's", user, "googleapis.com"],
])("the universe is that %s", (_name, info, universe) => {
  expect(make(info).getUniverseDomain?.()).toBe(universe);
});

test("the universe of credentials that are of another one than the client is told at construction", () => {
  const credentials = { ...user, universe_domain: "u.example" } as never; // as: read from a file
  expect(() => new IAMCredentialsAsyncClient({ credentials })).toThrow(/universe/);
});

describe("a key that went through a shell or a form", () => {
  const { private_key: pem } = key;
  test.each([
    ["with line breaks of two characters", pem.replaceAll("\n", "\\n")],
    ["in quotes", `"${pem}"`],
    ["in quotes with line breaks of two characters", `"${pem.replaceAll("\n", "\\n")}"`],
    ["with blanks around it and in each line", ` ${pem.replaceAll("\n", " \n  ")} `],
    ["with the line breaks of Windows", pem.replaceAll("\n", "\r\n")],
  ])("%s signs", (_name, private_key) => {
    expect(make({ ...key, private_key })).toBeInstanceOf(ServiceAccountTokenProvider);
  });

  test.each([
    [
      "without its frame",
      pem.split("\n").slice(1, -2).join("\n"),
      'it does not start with "-----BEGIN PRIVATE KEY-----"',
    ],
    ["cut off", pem.slice(0, 900), "its end is missing"],
  ])("%s is named so", (_name, private_key, problem) => {
    expect(() => make({ ...key, private_key })).toThrow(
      `credentials.private_key: must be an RSA key in PEM form, as in the key file; ${problem}`,
    );
  });
});
