// SPDX-License-Identifier: Apache-2.0
// google-auth-library, as it comes, gets its tokens from the emulator: from the metadata server, by files, by impersonation.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { runProgram } from "../support/child-program.js";

const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
const TARGET = "target@demo-project.iam.gserviceaccount.com";
const POOL = "iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/emulator-pool";
const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

let emulator: Emulator;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "emulator-"));
  const role = "roles/iam.serviceAccountTokenCreator";
  const members = [`serviceAccount:${ROBOT}`, `principal://${POOL}/subject/builder`, "user:dana@example.com"];
  emulator = await startEmulator({
    serviceAccounts: [ROBOT, TARGET],
    grants: members.map((member) => ({ member, role, serviceAccount: TARGET })),
  });
});
beforeEach(() => emulator.reset());
afterAll(async () => {
  await rm(directory, { recursive: true });
  await emulator.close();
});

type Result = Readonly<Record<string, unknown>>;

async function play(scene: string, env: Readonly<Record<string, string>> = {}): Promise<Result> {
  const variables = { EMULATOR_URL: emulator.url, SCENE: scene, ...env };
  const { code, stdout, stderr } = await runProgram("test/conformance/programs/google-auth.ts", variables);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Result; // what the program prints
}

// Who has a token, as tokeninfo and the API see it.
async function callerOf(token: unknown): Promise<string | undefined> {
  const response = await fetch(`${emulator.url}/v1/projects/-/serviceAccounts/${TARGET}:signBlob`, {
    method: "POST",
    body: JSON.stringify({ payload: "AQ==" }),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
  });
  expect([200, 403]).toContain(response.status);
  return emulator.calls().at(-1)?.principal;
}

async function verifyIdToken(token: unknown) {
  const keys = createRemoteJWKSet(new URL(`${emulator.url}/oauth2/v3/certs`));
  const options = { issuer: "https://accounts.google.com", audience: "https://run.example" };
  return (await jwtVerify(String(token), keys, options)).payload;
}

// As on Cloud Run, where Google's library waits for the metadata server for as long as it takes; elsewhere it is 3 seconds.
const onMachine = () => ({
  GCE_METADATA_HOST: emulator.host,
  METADATA_SERVER_DETECTION: "ping-only",
  K_SERVICE: "tests",
});

describe("on a machine, with GCE_METADATA_HOST", () => {
  test("Compute finds account, project and universe, and gets access and ID tokens", async () => {
    const result = await play("compute", onMachine());
    expect(result).toMatchObject({
      kind: "Compute",
      projectId: "demo-project",
      universe: "googleapis.com",
      email: ROBOT,
      named: true,
    });
    expect(await callerOf(result["token"])).toBe(`serviceAccount:${ROBOT}`);
    expect(await verifyIdToken(result["idToken"])).toMatchObject({ email: ROBOT, google: { compute_engine: {} } });
  });

  test("IdTokenClient gets an authorization header", async () => {
    const { header } = await play("idTokenClient", onMachine());
    expect(await verifyIdToken(String(header).replace("Bearer ", ""))).toMatchObject({ email: ROBOT });
  });

  test("Compute goes on after a metadata server that was not ready", async () => {
    emulator.addFault({ method: "metadata.token", status: { code: "UNAVAILABLE" }, times: 2 });
    expect(await callerOf((await play("compute", onMachine()))["token"])).toBe(`serviceAccount:${ROBOT}`);
    const attempts = emulator.calls().filter(({ method }) => method === "metadata.token");
    expect(attempts.slice(0, 3).map(({ status }) => status)).toEqual(["UNAVAILABLE", "UNAVAILABLE", "OK"]);
  });
});

describe("by a file of the kind", () => {
  const path = () => join(directory, "credentials.json");

  test("service_account, JWT gets access and ID tokens, and tokeninfo knows them", async () => {
    await emulator.writeCredentialsFile("service_account", path(), { serviceAccount: ROBOT });
    const { token, idToken, info } = await play("jwt", { CREDENTIALS: path() });
    expect(await callerOf(token)).toBe(`serviceAccount:${ROBOT}`);
    expect(await verifyIdToken(idToken)).toMatchObject({ email: ROBOT });
    expect(info).toMatchObject({ scopes: [CLOUD_PLATFORM], expiry_date: expect.any(Number) });
  });

  test("authorized_user, UserRefreshClient gets access and ID tokens", async () => {
    await emulator.writeCredentialsFile("authorized_user", path(), { user: "dana@example.com" });
    const { token, idToken, info } = await play("user", { CREDENTIALS: path() });
    expect(await callerOf(token)).toBe("user:dana@example.com");
    expect(await verifyIdToken(idToken)).toMatchObject({ email: "dana@example.com" });
    expect(info).toMatchObject({ email: "dana@example.com" });
  });

  test("external_account_authorized_user, the file alone is enough", async () => {
    await emulator.writeCredentialsFile("external_account_authorized_user", path(), { user: "dana@example.com" });
    const { token, kind } = await play("externalAccountUser", { CREDENTIALS: path() });
    expect([kind, await callerOf(token)]).toEqual(["ExternalAccountAuthorizedUserClient", "user:dana@example.com"]);
  });

  test("external_account, the file alone is enough, as itself and as a service account", async () => {
    await emulator.writeCredentialsFile("external_account", path(), { subject: "builder" });
    const { token, kind } = await play("externalAccount", { CREDENTIALS: path() });
    expect([kind, await callerOf(token)]).toEqual(["IdentityPoolClient", `principal://${POOL}/subject/builder`]);
    await emulator.writeCredentialsFile("external_account", path(), { subject: "builder", serviceAccount: TARGET });
    const impersonated = await play("externalAccount", { CREDENTIALS: path() });
    expect(await callerOf(impersonated["token"])).toBe(`serviceAccount:${TARGET}`);
  });

  test("impersonated_service_account, Impersonated gets tokens and signs", async () => {
    const options = { serviceAccount: TARGET, source: `serviceAccount:${ROBOT}` };
    await emulator.writeCredentialsFile("impersonated_service_account", path(), options);
    const { kind, token, idToken, signature } = await play("impersonated", { CREDENTIALS: path() });
    expect([kind, await callerOf(token)]).toEqual(["Impersonated", `serviceAccount:${TARGET}`]);
    expect(await verifyIdToken(idToken)).toMatchObject({ email: TARGET });
    expect(Buffer.from(String(signature), "base64")).toHaveLength(256);
  });
});
