// SPDX-License-Identifier: Apache-2.0
// Who calls and who pays: API keys, key files, scopes and audience of self-signed JWTs, quota projects, and universes of credentials.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type ClientOptions, ConfigurationError, IAMCredentialsAsyncClient } from "../../../src/index.js";
import { setEnvironment } from "../../support/bare-environment.js";
import { MachineHome } from "../../support/machine-home.js";
import { type RecordingServer, startRecordingServer } from "../../support/recording-server.js";
import { rejectionOf } from "../../support/rejection-of.js";
import { PLANTED } from "../../support/secrets.js";
import { withEnvironment } from "../../support/with-environment.js";

const REQUEST = { name: "robot@some-project.iam.gserviceaccount.com", payload: Buffer.from("x") };
const credentials = { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) };

let server: RecordingServer;
let home: MachineHome;
let restore: () => void;
beforeEach(async () => {
  restore = setEnvironment();
  home = new MachineHome();
  server = await startRecordingServer({});
});
afterEach(async () => {
  restore();
  home[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const keyOf = (more: object = {}) => ({
  type: "service_account",
  client_email: "caller@some-project.iam.gserviceaccount.com",
  private_key: PLANTED.privateKeyPem,
  private_key_id: "key-7",
  ...more,
});

function keyFile(more: object = {}): string {
  const path = join(home.path, "key.json");
  writeFileSync(path, JSON.stringify(keyOf(more)));
  return path;
}

const make = (options: ClientOptions, variables: Record<string, string> = {}) =>
  withEnvironment(
    variables,
    () => new IAMCredentialsAsyncClient({ apiEndpoint: server.host, insecure: true, ...options }),
  );

/** What the service hears of one call. */
async function heard(options: ClientOptions, variables: Record<string, string> = {}) {
  await using client = make(options, variables);
  await client.signBlob(REQUEST);
  const { metadata } = server.calls.at(-1) ?? {};
  const get = (key: string) => metadata?.get(key).map(String);
  return { authorization: get("authorization"), key: get("x-goog-api-key"), project: get("x-goog-user-project") };
}

async function claimsOf(options: ClientOptions): Promise<Record<string, unknown>> {
  const { authorization } = await heard(options);
  return JSON.parse(Buffer.from(authorization?.[0]?.split(".")[1] ?? "", "base64url").toString());
}

describe("apiKey", () => {
  test("is sent as x-goog-api-key, and nothing else authorizes the call", async () => {
    expect(await heard({ apiKey: "AIza-some-key" })).toEqual({
      authorization: [],
      key: ["AIza-some-key"],
      project: [],
    });
  });

  test.each<[ClientOptions, string]>([
    [{ apiKey: "k", credentials }, "credentials and apiKey: set one of them, not both"],
    [{ apiKey: "k", credentialsFile: "f" }, "credentialsFile and apiKey: set one of them, not both"],
    [{ credentials, credentialsFile: "f" }, "credentials and credentialsFile: set one of them, not both"],
    [{ apiKey: "" }, "apiKey: must be an API key"],
  ])("and what excludes it: %j", (options, text) => {
    expect(() => make(options)).toThrow(ConfigurationError);
    expect(() => make(options)).toThrow(text);
  });

  test("goes to another machine only over TLS", () => {
    expect(() => make({ apiKey: "k", apiEndpoint: "example.com:80" })).toThrow(
      "insecure: a token would be sent to example.com:80 over a plain connection",
    );
  });
});

describe("a self-signed JWT", () => {
  test("has the default host as its audience, whatever the endpoint", async () => {
    const claims = await claimsOf({ credentialsFile: keyFile() });
    expect(claims["aud"]).toBe("https://iamcredentials.googleapis.com/");
    expect(claims).not.toHaveProperty("scope");
  });

  test("has the scopes of the option scopes and then no audience", async () => {
    const claims = await claimsOf({ credentials: keyOf(), scopes: ["scope-a", "scope-b"] });
    expect(claims["scope"]).toBe("scope-a scope-b");
    expect(claims).not.toHaveProperty("aud");
  });

  test("has apiAudience as its audience when that is given", async () => {
    const claims = await claimsOf({ credentials: keyOf(), apiAudience: "https://audience.example/" });
    expect(claims["aud"]).toBe("https://audience.example/");
  });

  test("of apiAudience is what a client of google-auth-library is asked for", async () => {
    const asked: unknown[] = [];
    const client = {
      getRequestHeaders: async (url?: string) => {
        asked.push(url);
        return { Authorization: "Bearer some-token" };
      },
    };
    await heard({ credentials: client, apiAudience: "https://audience.example/" });
    await heard({ credentials: client });
    expect(asked).toEqual(["https://audience.example/", "https://iamcredentials.googleapis.com/"]);
  });
});

describe("the quota project", () => {
  const VARIABLE = { GOOGLE_CLOUD_QUOTA_PROJECT: "from-variable" };

  test("of GOOGLE_CLOUD_QUOTA_PROJECT stands over that of a credentials file", async () => {
    const credentialsFile = keyFile({ quota_project_id: "from-file" });
    expect((await heard({ credentialsFile })).project).toEqual(["from-file"]);
    expect((await heard({ credentialsFile }, VARIABLE)).project).toEqual(["from-variable"]);
  });

  test("of the option quotaProjectId stands over both", async () => {
    const options = { credentialsFile: keyFile({ quota_project_id: "from-file" }), quotaProjectId: "from-option" };
    expect((await heard(options, VARIABLE)).project).toEqual(["from-option"]);
  });

  test("of GOOGLE_CLOUD_QUOTA_PROJECT is not for credentials that were handed in, nor when it is empty", async () => {
    expect((await heard({ credentials }, VARIABLE)).project).toEqual([]);
    expect((await heard({ apiKey: "k" }, VARIABLE)).project).toEqual([]);
    expect((await heard({ credentialsFile: keyFile() }, { GOOGLE_CLOUD_QUOTA_PROJECT: "" })).project).toEqual([]);
  });

  test("of GOOGLE_CLOUD_QUOTA_PROJECT must be a project ID", () => {
    expect(() => make({ credentialsFile: keyFile() }, { GOOGLE_CLOUD_QUOTA_PROJECT: "a\nb" })).toThrow(
      'GOOGLE_CLOUD_QUOTA_PROJECT: must be a project ID, not "a\\nb"',
    );
  });
});

const elsewhere = async (): Promise<string> => "example.com";

describe("the universe of the credentials", () => {
  const text = (client: string, own: string) =>
    `universeDomain: the client's universe is ${client}, and that of its credentials is ${own}; `;

  test("of a key is compared at construction, and both are named", async () => {
    const key = keyOf({ universe_domain: "example.com" });
    expect(() => make({ credentials: key })).toThrow(ConfigurationError);
    expect(() => make({ credentials: key })).toThrow(text("googleapis.com", "example.com"));
    expect(() => make({ credentialsFile: keyFile(), universeDomain: "example.com" })).toThrow(
      text("example.com", "googleapis.com"),
    );
    await make({ credentials: key, universeDomain: "Example.com" }).close();
  });

  test("is googleapis.com when the credentials do not say", () => {
    expect(() => make({ credentials, universeDomain: "example.com" })).toThrow(text("example.com", "googleapis.com"));
    expect(() => make({ apiKey: "k" }, { GOOGLE_CLOUD_UNIVERSE_DOMAIN: "example.net" })).toThrow(
      text("example.net", "googleapis.com"),
    );
  });

  test.each([
    { what: "a TokenProvider", more: { ...credentials, getUniverseDomain: elsewhere } },
    {
      what: "a GoogleAuth",
      more: { getRequestHeaders: async () => ({}), getUniverseDomain: elsewhere },
    },
    { what: "an AuthClient", more: { getRequestHeaders: async () => ({}), universeDomain: "example.com" } },
  ])("of $what is asked at the first call, before any token, and nothing is sent when it differs", async ({ more }) => {
    await using client = make({ credentials: more });
    const error = await rejectionOf(client.signBlob(REQUEST));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toContain(text("googleapis.com", "example.com"));
    expect(server.calls).toHaveLength(0);
    await heard({ credentials: more, universeDomain: "example.com" });
  });

  test("is asked once if it is right, and again if it could not be had", async () => {
    let asked = 0;
    const getUniverseDomain = async (): Promise<string> => {
      asked++;
      if (asked === 1) throw new Error("metadata server not ready");
      return "googleapis.com";
    };
    await using client = make({ credentials: { ...credentials, getUniverseDomain } });
    const error = await rejectionOf(client.signBlob(REQUEST));
    expect((error as Error).name).toBe("CredentialsError");
    await client.signBlob(REQUEST);
    await client.signBlob(REQUEST);
    expect(asked).toBe(2);
  });

  test("is not looked at with checkUniverseDomain: false", async () => {
    const options = { credentials, universeDomain: "example.com", checkUniverseDomain: false };
    expect((await heard(options)).authorization).toEqual(["Bearer some-token"]);
  });
});
