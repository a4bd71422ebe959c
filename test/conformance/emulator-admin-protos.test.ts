// SPDX-License-Identifier: Apache-2.0
// The admin API of the emulator, called by grpc-js and @grpc/proto-loader with the protos that Google publishes on npm.

import { join } from "node:path";
import { credentials, loadPackageDefinition, Metadata, type ServiceClientConstructor } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";

const PROTOS = join(__dirname, "../../node_modules/google-proto-files");
const project = "projects/demo-project";

// biome-ignore lint/suspicious/noExplicitAny: what comes is as the proto says.
type Reply = any;

let emulator: Emulator;
let client: InstanceType<ServiceClientConstructor>;
beforeAll(async () => {
  emulator = await startEmulator();
  const definition = loadSync("google/iam/admin/v1/iam.proto", {
    includeDirs: [PROTOS],
    enums: String,
    longs: String,
    defaults: true,
  });
  const loaded = loadPackageDefinition(definition) as Reply;
  client = new loaded.google.iam.admin.v1.IAM(emulator.host, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await emulator.close();
});

function call(method: string, request: object): Promise<Reply> {
  const metadata = new Metadata();
  metadata.set("authorization", "Bearer owner");
  return new Promise((resolve, reject) => {
    client[method]?.(request, metadata, (error: Error | null, reply: Reply) =>
      error === null ? resolve(reply) : reject(error),
    );
  });
}

test("creates an account, lets it be used, and deletes it", async () => {
  const created = await call("CreateServiceAccount", { name: project, accountId: "robot-1" });
  expect(created).toMatchObject({ projectId: "demo-project", disabled: false });
  const { name: resource } = created;
  const binding = { role: "roles/iam.serviceAccountUser", members: ["user:dana@example.com"] };
  const written = await call("SetIamPolicy", { resource, policy: { bindings: [binding] } });
  expect(written).toMatchObject({ version: 1, bindings: [binding], etag: expect.any(Buffer) });
  expect((await call("GetIamPolicy", { resource })).etag.equals(written.etag)).toBe(true);
  const key = await call("CreateServiceAccountKey", { name: resource, keyAlgorithm: "KEY_ALG_RSA_2048" });
  expect(key).toMatchObject({ privateKeyType: "TYPE_GOOGLE_CREDENTIALS_FILE", keyType: "USER_MANAGED" });
  expect(JSON.parse(key.privateKeyData.toString()).client_email).toBe(created.email);
  await call("PatchServiceAccount", {
    serviceAccount: { name: resource, description: "works" },
    updateMask: { paths: ["description"] },
  });
  expect(await call("GetServiceAccount", { name: resource })).toMatchObject({ description: "works" });
  await call("DeleteServiceAccount", { name: resource });
  await expect(call("GetServiceAccount", { name: resource })).rejects.toMatchObject({
    code: 5,
    details: "Unknown service account",
  });
});

test("creates a role and finds it grantable", async () => {
  const role = { title: "Signer", includedPermissions: ["iam.serviceAccounts.signBlob"], stage: "GA" };
  const { name } = await call("CreateRole", { parent: project, roleId: "signer", role });
  const fullResourceName = `//cloudresourcemanager.googleapis.com/${project}`;
  const { roles } = await call("QueryGrantableRoles", { fullResourceName, view: "FULL" });
  expect(roles).toContainEqual(expect.objectContaining({ name, ...role }));
});
