// SPDX-License-Identifier: Apache-2.0
// Secrets where people and servers put them: contents in the place of a path, an endpoint that answers with what it was sent, logs
// that somebody switched on. Nothing that is thrown or written repeats them.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { UserRefreshClient } from "google-auth-library";
import { IAMCredentialsClient } from "../../src/gapic/index.js";
import { IAMAsyncClient } from "../../src/iam-admin/index.js";
import { type ClientOptions, IAMCredentialsAsyncClient } from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { runProgram } from "../support/child-program.js";
import { type HttpStage, startHttpStage } from "../support/http-stage.js";
import { newerLibrary } from "../support/newer-library.js";
import { rejectionOf } from "../support/rejection-of.js";
import { generateKeyFile } from "../support/rsa-key.js";
import { PLANTED, plantSecret } from "../support/secrets.js";

const key = { ...generateKeyFile().info, private_key: PLANTED.privateKeyPem };
const text = JSON.stringify(key, undefined, 2);
const HOLDS = "must be a path, not the contents of a file; write them to a file and pass its path";
const REQUEST = { name: "1234567890", payload: Buffer.from("x") };

function expectClean(error: unknown, ...secrets: readonly string[]): void {
  const all = { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null };
  const shown = [String(error), String(Object(error).stack), inspect(error, all)].join("\n");
  for (const secret of [key.client_email, ...key.private_key.split("\n").slice(1, -2), ...secrets]) {
    expect(shown.includes(secret)).toBe(false);
  }
}

describe("the contents of a key file where its path belongs", () => {
  let restore: () => void;
  afterEach(() => restore());

  test.each([
    ["as they are", text],
    ["in one line", JSON.stringify(key)],
    ["in base64", Buffer.from(text).toString("base64")],
    ["the key alone", key.private_key],
    ["the key alone, in one line", key.private_key.replaceAll("\n", "\\n")],
  ])("%s are not repeated, in an option or in the variable", async (_name, contents) => {
    restore = setEnvironment({ GOOGLE_APPLICATION_CREDENTIALS: contents, METADATA_SERVER_DETECTION: "none" });
    const VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS";
    const making: readonly (readonly [string, () => unknown])[] = [
      [VARIABLE, () => new IAMCredentialsAsyncClient()],
      [VARIABLE, () => new IAMAsyncClient()],
      ["credentialsFile", () => new IAMCredentialsAsyncClient({ credentialsFile: contents })],
      ["credentialsFile", () => new IAMAsyncClient({ credentialsFile: contents })],
      ["filename", () => IAMCredentialsAsyncClient.fromServiceAccountFile(contents)],
      ["filename", () => IAMAsyncClient.fromServiceAccountFile(contents)],
    ];
    for (const [name, make] of making) {
      const error = await rejectionOf((async () => make())());
      expect(error).toMatchObject({ name: "ConfigurationError", message: `${name}: ${HOLDS}` });
      expectClean(error);
    }
    const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
      [VARIABLE, () => new IAMCredentialsClient().signBlob(REQUEST)],
      [VARIABLE, () => new IAMCredentialsClient().getProjectId()],
      [VARIABLE, () => new IAMCredentialsClient({ fallback: true }).signBlob(REQUEST)],
      ["keyFilename", () => new IAMCredentialsClient({ keyFilename: contents }).signBlob(REQUEST)],
      ["keyFile", () => new IAMCredentialsClient({ keyFile: contents }).signBlob(REQUEST)],
    ];
    for (const [name, call] of calls) {
      const error = await rejectionOf(call());
      expect(error).toMatchObject({ message: expect.stringContaining(`${name}: ${HOLDS}`) });
      expectClean(error);
    }
  });

  test("in a variable that names a certificate's configuration are not repeated either", async () => {
    restore = setEnvironment({ GOOGLE_API_CERTIFICATE_CONFIG: text, GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" });
    const error = await rejectionOf((async () => new IAMCredentialsAsyncClient({ credentials: key }))());
    expect(error).toMatchObject({
      name: "MutualTlsChannelError",
      message: `GOOGLE_API_CERTIFICATE_CONFIG: ${HOLDS}`,
    });
    expectClean(error);
  });
});

describe("an endpoint that answers with what it was sent", () => {
  let folder: string;
  let endpoint: HttpStage;
  const secret = plantSecret("a client secret", "the-client-secret-of-the-test");
  const refresh = plantSecret("a refresh token", "the-refresh-token-of-the-test");
  const subject = plantSecret("a subject token", "the-subject-token-of-the-test");
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "echo-"));
    writeFileSync(join(folder, "token"), subject);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => endpoint.close());

  async function failure(status: number, type: string, credentials: (url: string) => unknown): Promise<Error> {
    endpoint = await startHttpStage(({ body, headers }) => ({
      status,
      headers: { "content-type": type },
      body: `${body} ${String(headers["authorization"])}`,
    }));
    const options = { credentials: credentials(endpoint.url), apiEndpoint: "localhost:1" } as ClientOptions; // as: each is one
    const client = new IAMCredentialsAsyncClient(options);
    const error = await rejectionOf(client.signBlob(REQUEST));
    await client.close();
    expect(error).toMatchObject({ name: "CredentialsError" });
    expect(endpoint.requests.length).toBeGreaterThan(0);
    return error as Error; // as: the lines above say so
  }

  const kinds: readonly (readonly [string, (url: string) => unknown])[] = [
    [
      "a workforce user",
      (url) => ({
        type: "external_account_authorized_user",
        token_url: `${url}/v1/oauthtoken`,
        client_id: "id",
        client_secret: secret,
        refresh_token: refresh,
      }),
    ],
    [
      "an external account",
      (url) => ({
        type: "external_account",
        audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
        token_url: `${url}/v1/token`,
        client_id: "id",
        client_secret: secret,
        credential_source: { file: join(folder, "token") },
      }),
    ],
    ...[UserRefreshClient, ...newerLibrary().map((library) => library.UserRefreshClient)].map(
      (Client, index) =>
        [
          `a user's client of google-auth-library ${index + 10}`,
          (url: string) =>
            new Client({
              clientId: "id",
              clientSecret: secret,
              refreshToken: refresh,
              endpoints: { oauth2TokenUrl: `${url}/token` },
              transporterOptions: { fetchImplementation: fetch }, // its own is loaded by import()
            }),
        ] as const,
    ),
  ];

  test.each(kinds)(
    "is not quoted: %s",
    async (_name, credentials) => {
      for (const [status, type] of [
        [200, "text/plain"],
        [200, "application/json"],
        [400, "text/plain"],
        [401, "application/x-www-form-urlencoded"],
      ] as const) {
        const error = await failure(status, type, credentials);
        const basic = Buffer.from(`id:${secret}`).toString("base64");
        expectClean(error, secret, refresh, subject, basic);
        await endpoint.close();
      }
    },
    120_000,
  );
});

describe("logs that somebody has switched on", () => {
  test("hold neither client secrets nor tokens", async () => {
    const endpoint = await startHttpStage(() => ({
      status: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ access_token: PLANTED.token, expires_in: 3600, token_type: "Bearer" }),
    }));
    const folder = mkdtempSync(join(tmpdir(), "logs-"));
    const file = join(folder, "user.json");
    const secret = "the-client-secret-of-the-logs";
    writeFileSync(
      file,
      JSON.stringify({
        type: "external_account_authorized_user",
        token_url: `${endpoint.url}/v1/oauthtoken`,
        client_id: "id",
        client_secret: secret,
        refresh_token: "the-refresh-token-of-the-logs",
      }),
    );
    const env = { GOOGLE_SDK_NODE_LOGGING: "all", GOOGLE_APPLICATION_CREDENTIALS: file, HOME: folder };
    const { code, stdout, stderr } = await runProgram("test/integration/programs/logged-credentials.ts", env);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "2 authorized" });
    expect(endpoint.requests).toHaveLength(2);
    expect(stderr).toContain("client created");
    for (const each of [secret, Buffer.from(`id:${secret}`).toString("base64"), "the-refresh-token", PLANTED.token]) {
      expect(stderr.includes(each)).toBe(false);
    }
    rmSync(folder, { recursive: true, force: true });
    await endpoint.close();
  }, 120_000);
});
