// SPDX-License-Identifier: Apache-2.0
// Google's own Node clients against the emulator: they must not tell it from the service.

import { createPublicKey, verify } from "node:crypto";
import { IAMCredentialsClient } from "@google-cloud/iam-credentials";
import { iam, type iam_v1 } from "@googleapis/iam";
import { iamcredentials, type iamcredentials_v1 } from "@googleapis/iamcredentials";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { GoogleAuth, OAuth2Client } from "google-auth-library";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";

const PROJECT = "demo-project";
const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
const NAME = `projects/-/serviceAccounts/${ROBOT}`;
const DANA = "user:dana@example.com";
const SCOPE = ["https://www.googleapis.com/auth/cloud-platform"];

let emulator: Emulator;
beforeAll(async () => {
  const roles = ["iam.serviceAccountAdmin", "iam.serviceAccountKeyAdmin", "iam.roleAdmin"];
  emulator = await startEmulator({
    serviceAccounts: [ROBOT],
    grants: [
      { member: DANA, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: ROBOT },
      ...roles.map((role) => ({ member: DANA, role: `roles/${role}`, project: PROJECT })),
    ],
  });
});
afterAll(() => emulator.close());

async function authClientOf(member: string): Promise<OAuth2Client> {
  // Without it gaxios imports node-fetch, which Jest does not let it.
  const client = new OAuth2Client({ transporterOptions: { fetchImplementation: fetch } });
  client.setCredentials({ access_token: await emulator.accessToken(member), expiry_date: Date.now() + 3_000_000 });
  return client;
}

async function verifies(keyId: string, payload: Buffer, signature: Buffer): Promise<boolean> {
  const response = await fetch(`${emulator.url}/service_accounts/v1/metadata/x509/${ROBOT}`);
  const certificates = (await response.json()) as Record<string, string>;
  return verify("sha256", payload, createPublicKey(certificates[keyId] ?? ""), signature);
}

// The clients of googleapis have a copy of google-auth-library of their own, whose classes are others to TypeScript.
async function discoveryOptions(): Promise<never> {
  return { version: "v1", rootUrl: `${emulator.url}/`, auth: await authClientOf(DANA) } as never;
}

// The REST fallback has no option for plain HTTP but the protocol; over gRPC the credentials of the channel do it.
async function openOfficial(fallback: boolean): Promise<IAMCredentialsClient> {
  const [host = "", port = ""] = emulator.host.split(":");
  const auth = new GoogleAuth({ authClient: await authClientOf(DANA) });
  const where = { apiEndpoint: host, port: Number(port) };
  // Its copy of google-auth-library is not ours to TypeScript.
  if (fallback) return new IAMCredentialsClient({ ...where, fallback: true, protocol: "http", auth } as never);
  return new IAMCredentialsClient({ ...where, sslCreds: credentials.createInsecure(), auth } as never);
}

describe.each([
  ["gRPC", false],
  ["REST", true],
])("@google-cloud/iam-credentials over %s", (transport, fallback) => {
  let client: IAMCredentialsClient;
  let options: object;
  beforeAll(async () => {
    client = await openOfficial(fallback);
    // On an insecure channel the client sends no token of its own.
    const authorization = `Bearer ${await emulator.accessToken(DANA)}`;
    options = fallback ? {} : { otherArgs: { headers: { authorization } } };
  });
  afterAll(() => client.close());

  test("mints and signs", async () => {
    const request = { name: NAME, scope: SCOPE, lifetime: { seconds: 300 } };
    const [minted] = await client.generateAccessToken(request, options);
    expect(minted.accessToken).toMatch(/^ya29\.c\./);
    const leftSeconds = Number(minted.expireTime?.seconds) - Date.now() / 1000;
    expect(leftSeconds).toBeGreaterThan(270);
    expect(leftSeconds).toBeLessThanOrEqual(301);
    const [{ token }] = await client.generateIdToken({ name: NAME, audience: "a", includeEmail: true }, options);
    expect(JSON.parse(Buffer.from(token?.split(".")[1] ?? "", "base64url").toString())).toMatchObject({ email: ROBOT });
    const payload = Buffer.from([0, 0xfb, 0xff]);
    const [blob] = await client.signBlob({ name: NAME, payload }, options);
    expect(await verifies(blob.keyId ?? "", payload, Buffer.from(blob.signedBlob as Uint8Array))).toBe(true);
    const [jwt] = await client.signJwt({ name: NAME, payload: "{}" }, options);
    expect(jwt.keyId).toBe(blob.keyId);
    expect(emulator.calls().at(-1)).toMatchObject({ method: "SignJwt", transport: fallback ? "rest" : "grpc" });
  });

  test("tells who was refused and why", async () => {
    const ghost = `ghost-${transport.toLowerCase()}@demo-project.iam.gserviceaccount.com`;
    const refuse = () =>
      client.signJwt({ name: `projects/-/serviceAccounts/${ghost}`, payload: "{}" }, options).catch((error) => error);
    // Over REST gaxios rejects first, and so the client's code is the HTTP status, with Google as well.
    expect(await refuse()).toMatchObject({
      code: fallback ? 404 : 5,
      message: expect.stringContaining(`Not found; Gaia id not found for email ${ghost}`),
    });
    emulator.addServiceAccount(ghost);
    const why = { reason: "IAM_PERMISSION_DENIED", errorInfoMetadata: { permission: "iam.serviceAccounts.signJwt" } };
    expect(await refuse()).toMatchObject({
      code: fallback ? 403 : 7,
      message: expect.stringContaining("Permission 'iam.serviceAccounts.signJwt' denied on resource"),
      ...(fallback ? {} : why),
    });
  });
});

test("@googleapis/iamcredentials mints, signs and reads allowed locations", async () => {
  const client = iamcredentials(await discoveryOptions()) as iamcredentials_v1.Iamcredentials;
  const { serviceAccounts } = client.projects;
  const minted = await serviceAccounts.generateAccessToken({
    name: NAME,
    requestBody: { scope: SCOPE, lifetime: "60s" },
  });
  expect(minted.data.accessToken).toMatch(/^ya29\.c\./);
  const payload = Buffer.from("to be signed");
  const signed = await serviceAccounts.signBlob({ name: NAME, requestBody: { payload: payload.toString("base64") } });
  const { keyId, signedBlob } = signed.data;
  expect(await verifies(keyId ?? "", payload, Buffer.from(signedBlob ?? "", "base64"))).toBe(true);
  const { data } = await serviceAccounts.getAllowedLocations({ name: NAME });
  expect(data).toEqual({ locations: [], encodedLocations: "0x0" });
  const tooLong = serviceAccounts.generateAccessToken({ name: NAME, requestBody: { scope: SCOPE, lifetime: "3601s" } });
  await expect(tooLong).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining("The access token lifetime cannot exceed 3600 seconds."),
  });
});

describe("@googleapis/iam", () => {
  const open = async () => iam(await discoveryOptions()) as unknown as iam_v1.Iam;

  test("creates, patches, lists, disables and deletes an account", async () => {
    const { serviceAccounts } = (await open()).projects;
    const { data: created } = await serviceAccounts.create({
      name: `projects/${PROJECT}`,
      requestBody: { accountId: "worker-1", serviceAccount: { displayName: "Worker" } },
    });
    const name = created.name ?? "";
    const patched = await serviceAccounts.patch({
      name,
      requestBody: { serviceAccount: { description: "works" }, updateMask: "description" },
    });
    expect(patched.data).toEqual({ ...created, description: "works" });
    const listed = await serviceAccounts.list({ name: `projects/${PROJECT}`, pageSize: 100 });
    expect(listed.data.accounts).toContainEqual(patched.data);
    await serviceAccounts.disable({ name });
    expect((await serviceAccounts.get({ name })).data.disabled).toBe(true);
    await serviceAccounts.enable({ name });
    await serviceAccounts.delete({ name });
    await expect(serviceAccounts.get({ name })).rejects.toMatchObject({
      status: 404,
      message: "Unknown service account",
    });
    const restored = await serviceAccounts.undelete({
      name: `projects/${PROJECT}/serviceAccounts/${created.uniqueId}`,
    });
    expect(restored.data.restoredAccount?.email).toBe(created.email);
  });

  test("reads, changes and writes a policy, and is told of a change in between", async () => {
    const { serviceAccounts } = (await open()).projects;
    const read = await serviceAccounts.getIamPolicy({ resource: NAME, "options.requestedPolicyVersion": 3 });
    const binding = { role: "roles/iam.serviceAccountUser", members: ["user:eve@example.com"] };
    const policy = { ...read.data, bindings: [...(read.data.bindings ?? []), binding] };
    const written = await serviceAccounts.setIamPolicy({ resource: NAME, requestBody: { policy } });
    expect(written.data.bindings).toContainEqual(binding);
    await expect(serviceAccounts.setIamPolicy({ resource: NAME, requestBody: { policy } })).rejects.toMatchObject({
      status: 409,
      message: expect.stringMatching(/^There were concurrent policy changes\./),
    });
    const permissions = ["iam.serviceAccounts.signBlob", "iam.serviceAccounts.actAs"];
    const tested = await serviceAccounts.testIamPermissions({ resource: NAME, requestBody: { permissions } });
    expect(tested.data.permissions).toEqual(["iam.serviceAccounts.signBlob"]);
  });

  test("creates a key whose file google-auth-library reads, lists and deletes it", async () => {
    const { keys } = (await open()).projects.serviceAccounts;
    const { data: key } = await keys.create({ name: NAME, requestBody: {} });
    const file = JSON.parse(Buffer.from(key.privateKeyData ?? "", "base64").toString());
    const client = new GoogleAuth().fromJSON(file);
    const headers = await client.getRequestHeaders("https://iamcredentials.googleapis.com/").catch(() => undefined);
    expect(headers === undefined || headers.get("authorization")).not.toBeNull();
    const listed = await keys.list({ name: NAME, keyTypes: ["USER_MANAGED"] });
    expect(listed.data.keys?.map(({ name }) => name)).toEqual([key.name]);
    await keys.delete({ name: key.name ?? "" });
    expect((await keys.list({ name: NAME, keyTypes: ["USER_MANAGED"] })).data).toEqual({});
  });

  test("creates, updates, lists and deletes a role", async () => {
    const { roles } = (await open()).projects;
    const role = { title: "Signer", includedPermissions: ["iam.serviceAccounts.signBlob"], stage: "GA" };
    const created = await roles.create({ parent: `projects/${PROJECT}`, requestBody: { roleId: "signer", role } });
    const name = created.data.name ?? "";
    const patched = await roles.patch({ name, updateMask: "title", requestBody: { title: "New" } });
    expect(patched.data).toMatchObject({ ...role, title: "New" });
    expect((await roles.list({ parent: `projects/${PROJECT}` })).data.roles).toHaveLength(1);
    expect((await roles.delete({ name })).data.deleted).toBe(true);
    expect((await roles.list({ parent: `projects/${PROJECT}` })).data).toEqual({});
  });
});
