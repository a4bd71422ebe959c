// SPDX-License-Identifier: Apache-2.0
// Every method of the admin API against the emulator, over both transports.

import { createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import type { IAMAsyncClient, NewPolicy } from "../../src/iam-admin/index.js";
import { type AttemptReport, IAMCredentialsAsyncClient, RpcError } from "../../src/index.js";
import {
  ADMIN,
  type AdminStage,
  BOB,
  CARRIERS,
  emailOf,
  nameOf,
  openAdminStage,
  PROJECT,
} from "../support/admin-stage.js";
import { createCertificateAuthority } from "../support/certificate-authority.js";
import { fetchAccountKey, isSignatureOf, verifyJwt } from "../support/published-keys.js";
import { rpcErrorOf } from "../support/rejection-of.js";
import { plantSecret } from "../support/secrets.js";

const FULL_NAME = `//cloudresourcemanager.googleapis.com/projects/${PROJECT}`;

let stage: AdminStage;
beforeAll(async () => {
  stage = await openAdminStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

describe.each(CARRIERS)("over %s", (transport) => {
  let client: IAMAsyncClient;
  beforeAll(() => {
    client = stage.client(transport);
  });

  /** Another account for each test and transport. */
  const make = async (id: string) => {
    const accountId = `${id}-${transport}`;
    const { name } = await client.createServiceAccount({ name: PROJECT, accountId });
    return { accountId, name, email: emailOf(accountId) };
  };

  it("creates, reads, renames, disables, enables, deletes and undeletes an account", async () => {
    const accountId = `life-${transport}`;
    const serviceAccount = { displayName: "Robot ü", description: "works" };
    const created = await client.createServiceAccount({ name: `projects/${PROJECT}`, accountId, serviceAccount });
    expect(created).toEqual({
      name: nameOf(accountId),
      projectId: PROJECT,
      uniqueId: expect.stringMatching(/^\d{21}$/),
      email: emailOf(accountId),
      ...serviceAccount,
      etag: expect.any(Buffer),
      oauth2ClientId: created.uniqueId,
      disabled: false,
    });
    for (const name of [created.email, created.uniqueId, created.name]) {
      expect(await client.getServiceAccount({ name })).toEqual(created);
    }
    const patched = await client.patchServiceAccount({ serviceAccount: { name: created.name, displayName: "Other" } });
    expect(patched).toEqual({ ...created, displayName: "Other" });
    const emptied = { serviceAccount: { name: created.email }, updateMask: ["description"] };
    expect(await client.patchServiceAccount(emptied)).toEqual({ ...patched, description: "" });
    const updated = await client.updateServiceAccount({ ...patched, displayName: "Third" });
    expect(updated).toEqual({ ...patched, displayName: "Third", description: "" });

    expect(await client.disableServiceAccount({ name: created.name })).toBeUndefined();
    expect((await client.getServiceAccount({ name: created.name })).disabled).toBe(true);
    expect(await client.enableServiceAccount({ name: created.name })).toBeUndefined();
    expect(await client.deleteServiceAccount({ name: created.name })).toBeUndefined();
    expect(await rpcErrorOf(client.getServiceAccount({ name: created.name }))).toMatchObject({
      code: 5,
      message: "IAM.GetServiceAccount: NOT_FOUND: Unknown service account",
    });
    const { restoredAccount } = await client.undeleteServiceAccount({ name: created.uniqueId });
    expect(restoredAccount).toEqual(updated);
  });

  it("makes a key that signs in, lists it by type, and reads its public half in each form", async () => {
    const { name, accountId, email } = await make("keys");
    const key = await client.createServiceAccountKey({
      name,
      privateKeyType: "TYPE_GOOGLE_CREDENTIALS_FILE",
      keyAlgorithm: "KEY_ALG_RSA_2048",
    });
    const file = JSON.parse(plantSecret(`the key over ${transport}`, key.privateKeyData.toString()));
    plantSecret(`the private key over ${transport}`, file.private_key);
    expect(key).toEqual({
      name: `${nameOf(accountId)}/keys/${file.private_key_id}`,
      privateKeyType: "TYPE_GOOGLE_CREDENTIALS_FILE",
      keyAlgorithm: "KEY_ALG_RSA_2048",
      privateKeyData: expect.any(Buffer),
      publicKeyData: Buffer.alloc(0),
      validAfterTime: expect.anything(),
      validBeforeTime: expect.anything(),
      keyOrigin: "GOOGLE_PROVIDED",
      keyType: "USER_MANAGED",
      disabled: false,
    });
    expect(Math.abs(Date.now() - (key.validAfterTime?.toDate().getTime() ?? 0))).toBeLessThan(600_000);
    stage.emulator.addGrant({
      member: `serviceAccount:${email}`,
      role: "roles/iam.serviceAccountTokenCreator",
      serviceAccount: email,
    });
    const { apiEndpoint } = client;
    await using own = IAMCredentialsAsyncClient.fromServiceAccountInfo(file, {
      apiEndpoint,
      insecure: true,
      transport,
    });
    expect((await own.signBlob({ name: email, payload: Buffer.from("x") })).signedBlob).toHaveLength(256);

    const listed = async (...keyTypes: ("USER_MANAGED" | "SYSTEM_MANAGED")[]) => {
      const { keys } = await client.listServiceAccountKeys({ name, keyTypes });
      return keys.map(({ keyType, privateKeyData }) => [keyType, privateKeyData.length]);
    };
    expect(await listed("USER_MANAGED")).toEqual([["USER_MANAGED", 0]]);
    const system = await listed("SYSTEM_MANAGED");
    expect(system.length).toBeGreaterThan(0);
    expect(new Set(system.map(([type]) => type))).toEqual(new Set(["SYSTEM_MANAGED"]));
    expect(await listed()).toHaveLength(system.length + 1);

    const publicPem = createPublicKey(file.private_key).export({ type: "spki", format: "pem" }).toString();
    const { publicKeyData: none } = await client.getServiceAccountKey({ name: key.name });
    expect(none).toHaveLength(0);
    const raw = await client.getServiceAccountKey({ name: key.name, publicKeyType: "TYPE_RAW_PUBLIC_KEY" });
    expect(raw.publicKeyData.toString().trim()).toBe(publicPem.trim());
    const x509 = await client.getServiceAccountKey({ name: key.name, publicKeyType: "TYPE_X509_PEM_FILE" });
    const { publicKey } = new X509Certificate(x509.publicKeyData);
    expect(publicKey.export({ type: "spki", format: "pem" })).toBe(publicPem);
    expect(x509).toMatchObject({ keyType: "USER_MANAGED", privateKeyType: "TYPE_UNSPECIFIED" });
  });

  it("uploads a key, disables, enables and deletes it", async () => {
    const { name } = await make("upload");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 }); // the service takes no others
    const { certificate } = createCertificateAuthority().issue(["robot.example"], undefined, privateKey);
    const key = await client.uploadServiceAccountKey({ name, publicKeyData: Buffer.from(certificate) });
    expect(key).toMatchObject({ keyOrigin: "USER_PROVIDED", keyType: "USER_MANAGED", disabled: false });
    expect(await client.disableServiceAccountKey({ name: key.name })).toBeUndefined();
    expect((await client.getServiceAccountKey({ name: key.name })).disabled).toBe(true);
    expect(await client.enableServiceAccountKey({ name: key.name })).toBeUndefined();
    expect((await client.getServiceAccountKey({ name: key.name })).disabled).toBe(false);
    expect(await client.deleteServiceAccountKey({ name: key.name })).toBeUndefined();
    expect(await rpcErrorOf(client.getServiceAccountKey({ name: key.name }))).toMatchObject({
      code: 5,
      message: "IAM.GetServiceAccountKey: NOT_FOUND: Service account key does not exist.",
    });
  });

  it("says what the service says of a key in a form that it does not make", async () => {
    const { name } = await make("pkcs");
    const error = await rpcErrorOf(client.createServiceAccountKey({ name, privateKeyType: "TYPE_PKCS12_FILE" }));
    expect([error.code, error.message]).toEqual([
      12,
      "IAM.CreateServiceAccountKey: UNIMPLEMENTED: The emulator makes no PKCS #12 files: ask for TYPE_GOOGLE_CREDENTIALS_FILE.",
    ]);
  });

  it("writes a policy with a condition and reads it back, and refuses one that another has overtaken", async () => {
    const { name: resource } = await make("policy");
    const empty = await client.getIamPolicy({ resource });
    expect(empty).toEqual({ version: 0, bindings: [], auditConfigs: [], etag: expect.any(Buffer) });
    const condition = { expression: 'request.time < timestamp("2040-01-01T00:00:00Z")', title: "for now" };
    const policy: NewPolicy = {
      version: 3,
      etag: empty.etag,
      bindings: [
        { role: "roles/iam.serviceAccountUser", members: [BOB] },
        { role: "roles/iam.workloadIdentityUser", members: [BOB, ADMIN], condition },
      ],
    };
    const written = await client.setIamPolicy({ resource, policy });
    expect(written).toEqual({
      version: 3,
      bindings: [
        { role: "roles/iam.serviceAccountUser", members: [BOB], condition: undefined },
        {
          role: "roles/iam.workloadIdentityUser",
          members: [BOB, ADMIN],
          condition: { ...condition, description: "", location: "" },
        },
      ],
      auditConfigs: [],
      etag: expect.any(Buffer),
    });
    expect(await client.getIamPolicy({ resource, options: { requestedPolicyVersion: 3 } })).toEqual(written);
    expect(await client.getIamPolicy({ resource })).toMatchObject({ version: 1 });
    const error = await rpcErrorOf(client.setIamPolicy({ resource, policy }));
    expect([error.code, error.attempts]).toEqual([10, 1]);
    expect(error.message).toMatch(/^IAM\.SetIamPolicy: ABORTED: There were concurrent policy changes\. /);
    expect(await client.setIamPolicy({ resource, policy: written })).toMatchObject({ bindings: written.bindings });
    const auditConfigs = [
      { service: "allServices", auditLogConfigs: [{ logType: "DATA_READ" as const, exemptedMembers: [BOB] }] },
    ];
    const audited = await client.setIamPolicy({ resource, policy: { auditConfigs }, updateMask: ["auditConfigs"] });
    expect(audited).toMatchObject({ auditConfigs, bindings: written.bindings });
  });

  it("tells which permissions the caller has", async () => {
    const { name: resource } = await make("tested");
    const permissions = ["iam.serviceAccounts.get", "iam.serviceAccounts.actAs"];
    expect(await client.testIamPermissions({ resource, permissions })).toEqual({
      permissions: permissions.slice(0, 1),
    });
    const bob = stage.client(transport, {}, BOB);
    expect(await bob.testIamPermissions({ resource, permissions })).toEqual({ permissions: [] });
  });

  it("creates, reads, changes, deletes and undeletes a custom role", async () => {
    const parent = `projects/${PROJECT}`;
    const roleId = `signer.${transport}`;
    const role = {
      title: "Signer",
      description: "signs",
      includedPermissions: ["iam.serviceAccounts.signBlob"],
      stage: "BETA",
    } as const;
    const created = await client.createRole({ parent, roleId, role });
    expect(created).toEqual({ name: `${parent}/roles/${roleId}`, ...role, etag: expect.any(Buffer), deleted: false });
    const { name } = created;
    expect(await client.getRole({ name })).toEqual(created);
    const updated = await client.updateRole({ name, role: { title: "Signer 2", etag: created.etag } });
    expect(updated).toEqual({ ...created, title: "Signer 2", etag: expect.any(Buffer) });
    const stale = await rpcErrorOf(client.deleteRole({ name, etag: created.etag }));
    expect([stale.code, stale.status]).toEqual([10, "ABORTED"]);
    expect(await client.deleteRole({ name, etag: updated.etag })).toMatchObject({ name, deleted: true });
    const names = async (showDeleted: boolean) => {
      const roles = await client.listRoles({ parent, showDeleted, view: "FULL" }).toArray();
      return roles.filter((each) => each.name === name).map(({ includedPermissions }) => includedPermissions);
    };
    expect(await names(false)).toEqual([]);
    expect(await names(true)).toEqual([role.includedPermissions]);
    expect(await client.undeleteRole({ name })).toMatchObject({ name, deleted: false });
    const predefined = await client.getRole({ name: "roles/iam.serviceAccountUser" });
    expect(predefined.includedPermissions).toContain("iam.serviceAccounts.actAs");
  });

  it("answers the queries", async () => {
    const grantable = await client.queryGrantableRoles({ fullResourceName: FULL_NAME, view: "FULL" }).toArray();
    expect(grantable.map(({ name }) => name)).toContain("roles/iam.serviceAccountTokenCreator");
    expect(grantable.every(({ includedPermissions }) => includedPermissions.length > 0)).toBe(true);
    const testable = await client.queryTestablePermissions({ fullResourceName: FULL_NAME, pageSize: 10 }).toArray();
    expect(testable.length).toBeGreaterThan(10);
    expect(testable[0]).toMatchObject({ stage: "GA", customRolesSupportLevel: "SUPPORTED", apiDisabled: false });
    const { services } = await client.queryAuditableServices({ fullResourceName: FULL_NAME });
    expect(services).toContainEqual({ name: "iam.googleapis.com" });
    expect(await client.lintPolicy({ condition: { expression: "request.time" } })).toMatchObject({
      lintResults: [{ level: "CONDITION", severity: "ERROR", fieldName: "condition.expression" }],
    });
    expect(await client.lintPolicy({ fullResourceName: FULL_NAME, condition: { expression: "true" } })).toEqual({
      lintResults: [],
    });
  });

  it("signs bytes and claims by the deprecated methods", async () => {
    const { email } = await make("signs");
    const bytes = Buffer.from("to be signed");
    const { keyId, signature } = await client.signBlob({ name: email, bytesToSign: bytes });
    const keys = await fetchAccountKey(stage.emulator.url, email, keyId);
    expect([...keys.values()].map((key) => isSignatureOf(bytes, signature, key))).toEqual([true, true, true]);
    const { signedJwt } = await client.signJwt({ name: email, payload: { sub: "x" } });
    const url = `${stage.emulator.url}/service_accounts/v1/metadata/jwk/${email}`;
    expect((await verifyJwt(signedJwt, url)).payload).toMatchObject({ sub: "x" });
  });

  it("tells who lacks which permission", async () => {
    const bob = stage.client(transport, {}, BOB);
    const error = await rpcErrorOf(bob.createServiceAccount({ name: PROJECT, accountId: "robot-9" }));
    expect(error).toMatchObject({
      code: 7,
      message:
        "IAM.CreateServiceAccount: PERMISSION_DENIED: Permission 'iam.serviceAccounts.create' denied on resource (or it may not exist).",
      reason: "IAM_PERMISSION_DENIED",
      domain: "iam.googleapis.com",
      errorMetadata: { permission: "iam.serviceAccounts.create" },
      transport,
    });
  });

  it("repeats what the published policy repeats, and nothing else", async () => {
    const { name } = await make("retry");
    const retry = async (method: string, call: () => Promise<unknown>) => {
      const remove = stage.emulator.addFault({ method, times: 2, status: { code: "UNAVAILABLE", message: "Busy." } });
      const result = await call().then(
        () => "OK",
        (error: unknown) => (error instanceof RpcError ? `${error.status} after ${error.attempts}` : error),
      );
      remove();
      return result;
    };
    const reports: AttemptReport[] = [];
    const options = { onAttempt: (report: AttemptReport) => void reports.push(report) };
    expect(await retry("GetServiceAccount", () => client.getServiceAccount({ name }, options))).toBe("OK");
    expect(reports.map(({ method, attempt }) => `${method} ${attempt}`)).toEqual([
      "IAM.GetServiceAccount 1",
      "IAM.GetServiceAccount 2",
      "IAM.GetServiceAccount 3",
    ]);
    const create = () => client.createServiceAccountKey({ name });
    expect(await retry("CreateServiceAccountKey", create)).toBe("UNAVAILABLE after 1");
    expect(await retry("DisableServiceAccount", () => client.disableServiceAccount({ name }))).toBe(
      "UNAVAILABLE after 1",
    );
    const asked = { retry: { codes: ["UNAVAILABLE"] } } as const;
    expect(await retry("EnableServiceAccount", () => client.enableServiceAccount({ name }, asked))).toBe("OK");
  });

  it("routes each call by its resource", async () => {
    const { name } = await make("routed");
    await client.patchServiceAccount({ serviceAccount: { name, description: "d" } });
    await client.listRoles({ parent: `projects/${PROJECT}` }).firstPage();
    const mine = stage.emulator.calls().slice(-2);
    const encoded = name.replace("@", "%40");
    expect(mine.map(({ method, requestParams, service }) => [method, requestParams, service])).toEqual([
      ["PatchServiceAccount", `service_account.name=${encoded}`, "iam.googleapis.com"],
      ["ListRoles", undefined, "iam.googleapis.com"],
    ]);
  });
});
