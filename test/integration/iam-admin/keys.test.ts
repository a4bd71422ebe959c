// SPDX-License-Identifier: Apache-2.0
// Keys by the admin API against the emulator, over both transports: made, uploaded, read in each form, listed, disabled, deleted.

import { createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import type { IAMAsyncClient } from "../../../src/iam-admin/index.js";
import { IAMCredentialsAsyncClient } from "../../../src/index.js";
import { type AdminStage, CARRIERS, makeAccount, nameOf, openAdminStage } from "../../support/admin-stage.js";
import { createCertificateAuthority } from "../../support/certificate-authority.js";
import { rpcErrorOf } from "../../support/rejection-of.js";
import { plantSecret } from "../../support/secrets.js";

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

  it("makes a key that signs in, lists it by type, and reads its public half in each form", async () => {
    const { name, accountId, email } = await makeAccount(client, `keys-${transport}`);
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
    const { name } = await makeAccount(client, `upload-${transport}`);
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
    const { name } = await makeAccount(client, `pkcs-${transport}`);
    const error = await rpcErrorOf(client.createServiceAccountKey({ name, privateKeyType: "TYPE_PKCS12_FILE" }));
    expect([error.code, error.message]).toEqual([
      12,
      "IAM.CreateServiceAccountKey: UNIMPLEMENTED: The emulator does not create PKCS #12 files: request TYPE_GOOGLE_CREDENTIALS_FILE.",
    ]);
  });
});
