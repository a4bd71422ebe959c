// SPDX-License-Identifier: Apache-2.0
// google-auth-library against an emulator, one scene per run: EMULATOR_URL and SCENE say which, CREDENTIALS is a file. Prints
// what it got as JSON.

import { readFileSync } from "node:fs";
import {
  Compute,
  ExternalAccountClient,
  GoogleAuth,
  type Impersonated,
  type JWT,
  type OAuth2Client,
  UserRefreshClient,
} from "google-auth-library";

const url = process.env["EMULATOR_URL"] ?? "";
const file = process.env["CREDENTIALS"] ?? "";
const scopes = ["https://www.googleapis.com/auth/cloud-platform"];
const AUDIENCE = "https://run.example";

// The library has Google's token endpoint in its code; this is how it lets requests be redirected.
function redirect(client: Pick<OAuth2Client, "transporter">): void {
  client.transporter.interceptors.request.add({
    async resolved(config) {
      config.url = new URL(String(config.url).replace("https://oauth2.googleapis.com", url));
      return config;
    },
  });
}

const readJson = () => JSON.parse(readFileSync(file, "utf8"));

const scenes: Readonly<Record<string, () => Promise<unknown>>> = {
  async compute() {
    const auth = new GoogleAuth({ scopes });
    const client = await auth.getClient();
    const { token } = await client.getAccessToken();
    return {
      kind: client.constructor.name,
      token,
      projectId: await auth.getProjectId(),
      universe: await auth.getUniverseDomain(),
      email: (await auth.getCredentials()).client_email,
      idToken: await (client as Compute).fetchIdToken(AUDIENCE),
      named: (await new Compute({ serviceAccountEmail: "default", scopes }).getAccessToken()).token !== undefined,
    };
  },
  async idTokenClient() {
    const client = await new GoogleAuth().getIdTokenClient(AUDIENCE);
    return { header: (await client.getRequestHeaders()).get("authorization") };
  },
  async jwt() {
    const client = new GoogleAuth({ scopes }).fromJSON(readJson()) as JWT;
    client.scopes = scopes;
    redirect(client);
    const { token } = await client.getAccessToken();
    redirect(client);
    return { token, idToken: await client.fetchIdToken(AUDIENCE), info: await tokenInfo(client, String(token)) };
  },
  async user() {
    const client = UserRefreshClient.fromJSON(readJson());
    redirect(client);
    const { token } = await client.getAccessToken();
    return { token, idToken: await client.fetchIdToken(AUDIENCE), info: await tokenInfo(client, String(token)) };
  },
  async externalAccountUser() {
    const client = new GoogleAuth({ scopes }).fromJSON(readJson());
    return { kind: client.constructor.name, token: (await client.getAccessToken()).token };
  },
  async externalAccount() {
    const client = ExternalAccountClient.fromJSON(readJson());
    if (client === null) throw new Error("the file is not of an external account");
    client.scopes = scopes;
    return { kind: client.constructor.name, token: (await client.getAccessToken()).token };
  },
  async impersonated() {
    const client = new GoogleAuth({ scopes }).fromJSON(readJson()) as unknown as Impersonated;
    redirect((client as unknown as { sourceClient: OAuth2Client }).sourceClient); // private, and no other way to it
    return {
      kind: client.constructor.name,
      token: (await client.getAccessToken()).token,
      idToken: await client.fetchIdToken(AUDIENCE, { includeEmail: true }),
      signature: (await client.sign("text")).signedBlob,
    };
  },
};

async function tokenInfo(client: OAuth2Client, token: string): Promise<unknown> {
  return client.getTokenInfo(token);
}

const scene = scenes[process.env["SCENE"] ?? ""];
if (scene === undefined) throw new Error("SCENE names no scene");
scene().then(
  (result) => process.stdout.write(JSON.stringify(result)),
  (error: unknown) => {
    process.stderr.write(String(error instanceof Error ? error.stack : error));
    process.exitCode = 1;
  },
);
