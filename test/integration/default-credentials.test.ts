// SPDX-License-Identifier: Apache-2.0
// Default credentials of every kind, in this process: a CommonJS Jest, in which Google's libraries can't import what they need, and
// with a proxy in the environment that nothing must be sent to.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { IAMCredentialsClient } from "../../src/gapic/index.js";
import {
  ComputeEngineCredentials,
  ComputeEngineIdTokenCredentials,
  IAMCredentialsAsyncClient,
} from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { type HttpStage, startHttpStage } from "../support/http-stage.js";
import { type MetadataStageOptions, startMetadataStage } from "../support/metadata-stage.js";
import { rejectionOf } from "../support/rejection-of.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const DANA = "dana@example.com";
const SUBJECT =
  "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/emulator-pool/subject/worker";
const CREATOR = "roles/iam.serviceAccountTokenCreator";
const REQUEST = { name: `projects/-/serviceAccounts/${ROBOT}`, payload: Buffer.from("x") };

let emulator: Emulator;
let folder: string;
let proxy: HttpStage;
let restore = (): void => undefined;

beforeAll(async () => {
  emulator = await startEmulator({ serviceAccounts: [ROBOT] });
  for (const member of [`user:${DANA}`, SUBJECT, `serviceAccount:${ROBOT}`]) {
    emulator.addGrant({ member, role: CREATOR, serviceAccount: ROBOT });
  }
  folder = mkdtempSync(join(tmpdir(), "default-"));
  proxy = await startHttpStage(() => ({ status: 502, body: "a proxy" }));
});
afterEach(() => restore());
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await proxy.close();
  await emulator.close();
});

/** Whoever calls goes to the emulator by an endpoint that is given, with credentials that are found. */
async function callers(): Promise<readonly unknown[]> {
  const [host = "", port] = emulator.host.split(":");
  expect(host).toBe("127.0.0.1");
  const front = new IAMCredentialsAsyncClient({ apiEndpoint: `localhost:${port}`, insecure: true });
  const dropIn = new IAMCredentialsClient({
    apiEndpoint: "localhost",
    port: Number(port),
    fallback: true,
    protocol: "http",
  });
  await front.signBlob(REQUEST);
  await front.close();
  await dropIn.signBlob(REQUEST);
  await dropIn.close();
  return emulator
    .calls()
    .slice(-2)
    .map(({ principal }) => principal);
}

async function writeFileOf(
  kind: "external_account" | "external_account_authorized_user" | "service_account",
): Promise<string> {
  const path = join(folder, `${kind}.json`);
  const options = { serviceAccount: ROBOT, user: DANA, subject: "worker" };
  if (kind === "external_account") await emulator.writeCredentialsFile(kind, path, { subject: options.subject });
  else if (kind === "service_account") await emulator.writeCredentialsFile(kind, path, { serviceAccount: ROBOT });
  else await emulator.writeCredentialsFile(kind, path, { user: DANA });
  return path;
}

describe("a file that the variable names is used by both clients", () => {
  test.each([
    ["external_account", SUBJECT],
    ["external_account_authorized_user", `user:${DANA}`],
    ["service_account", `serviceAccount:${ROBOT}`],
  ] as const)("%s", async (kind, principal) => {
    const file = await writeFileOf(kind);
    restore = setEnvironment({
      GOOGLE_APPLICATION_CREDENTIALS: file,
      GOOGLE_CLOUD_PROJECT: "p",
      METADATA_SERVER_DETECTION: "none",
    });
    expect(await callers()).toEqual([principal, principal]);
  });
});

describe("the metadata server", () => {
  const machine: MetadataStageOptions = {
    accounts: { [ROBOT]: ["https://www.googleapis.com/auth/cloud-platform"] },
    accessToken: (email) => emulator.accessToken(`serviceAccount:${email}`),
  };

  test("is asked by both clients, and never through a proxy", async () => {
    const variables = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"].map((name) => [name, proxy.url]);
    restore = setEnvironment({
      ...Object.fromEntries(variables),
      no_proxy: "localhost",
      NO_PROXY: "localhost",
      GCE_METADATA_HOST: emulator.hosts.metadataServer,
      GOOGLE_CLOUD_PROJECT: "p",
    });
    expect(await callers()).toEqual(Array(2).fill(`serviceAccount:${ROBOT}`));
    expect(proxy.requests).toEqual([]);
  });

  test("is asked whether it is there with Google's header for statistics", async () => {
    const metadata = await startMetadataStage(machine);
    restore = setEnvironment({ GCE_METADATA_HOST: metadata.host });
    expect(await ComputeEngineCredentials.isAvailable()).toBe(true);
    expect(metadata.requests[0]).toMatchObject({
      path: "/",
      headers: { "x-goog-api-client": expect.stringMatching(/^gl-node\/\S+ auth\/\S+ auth-request-type\/mds$/) },
    });
    await metadata.close();
  });

  test.each([
    ["GCE_METADATA_HOST", "http://127.0.0.1:8080"],
    ["GCE_METADATA_HOST", "127.0.0.1:8080/computeMetadata"],
    ["GCE_METADATA_ROOT", "http://metadata"],
    ["GCE_METADATA_IP", "http://169.254.169.254"],
  ])("that %s names with a scheme or a path (%s) is refused at once", async (variable, value) => {
    restore = setEnvironment({ [variable]: value });
    const message = `${variable}: must be host or host:port, without a scheme or path, not ${JSON.stringify(value)}`;
    const client = new IAMCredentialsAsyncClient({ apiEndpoint: emulator.host, insecure: true });
    expect(await rejectionOf(client.signBlob(REQUEST))).toMatchObject({ name: "ConfigurationError", message });
    await client.close();
    if (variable !== "GCE_METADATA_IP") expect(() => new ComputeEngineCredentials()).toThrow(message);
    expect(await ComputeEngineCredentials.isAvailable()).toBe(false);
  });

  test("of a pod whose identity is no service account says what it is", async () => {
    const metadata = await startMetadataStage({
      accounts: { "my-project.svc.id.goog": [] },
      accessToken: () => "a-token",
    });
    restore = setEnvironment({ GCE_METADATA_HOST: metadata.host });
    const credentials = new ComputeEngineIdTokenCredentials({ targetAudience: "https://a.example" });
    expect(await rejectionOf(credentials.getAccessToken())).toMatchObject({
      name: "CredentialsError",
      message: expect.stringMatching(
        /^the machine's identity is "my-project\.svc\.id\.goog", from a workload identity pool and not a service account, so nothing can sign as it; /,
      ),
    });
    await credentials.close();
    await metadata.close();
  });
});

describe("a login that was revoked says how to log in again", () => {
  test.each([["external_account_authorized_user", "--login-config=… again"]] as const)("%s", async (kind, advice) => {
    const file = await writeFileOf(kind);
    const { refresh_token } = JSON.parse(readFileSync(file, "utf8"));
    emulator.revokeToken(refresh_token);
    restore = setEnvironment({ GOOGLE_APPLICATION_CREDENTIALS: file, METADATA_SERVER_DETECTION: "none" });
    const client = new IAMCredentialsAsyncClient({ apiEndpoint: emulator.host, insecure: true });
    const error = await rejectionOf(client.signBlob(REQUEST));
    expect(error).toMatchObject({ name: "CredentialsError" });
    const { message } = error as Error; // as: the line above says so
    expect(message).toMatch(/^GOOGLE_APPLICATION_CREDENTIALS: could not get a token with .*\.json \(invalid_grant/);
    expect(message).toMatch(
      new RegExp(`; the login was revoked or has expired: run gcloud auth application-default login ${advice}$`),
    );
    await client.close();
  });
});
