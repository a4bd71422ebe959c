// SPDX-License-Identifier: Apache-2.0
// Keys of service accounts over the admin API, checked by node:crypto and by calling with them.

import {
  createPrivateKey,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  verify,
  X509Certificate,
} from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { SignJWT } from "jose";
import { IAMCredentialsService as rows } from "../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { buildCertificate } from "../../../../../src/emulator/x509/build-certificate.js";
import { nameOf, TOKEN_CREATOR } from "../../stage.js";
import {
  admin,
  BOB,
  denied,
  invalid,
  openRobotStage,
  preconditionFailed,
  type RobotStage,
  unknownAccount,
} from "./admin-stage.js";

let stage: RobotStage;
beforeEach(async () => {
  stage = await openRobotStage();
});
afterEach(() => stage.close());

const createKey = () =>
  stage.call(admin.createServiceAccountKey, { name: stage.robot.name, privateKeyType: 0, keyAlgorithm: 0 });
const listKeys = (keyTypes: number[] = []) =>
  stage.call(admin.listServiceAccountKeys, { name: stage.robot.name, keyTypes });
const notFound = { code: 5, message: "Service account key does not exist.", info: null };

function selfSigned(validForMs: number): { pem: string; privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const now = Date.now();
  const facts = { commonName: "mine", notBeforeAt: now - 60_000, notAfterAt: now + validForMs };
  return {
    pem: buildCertificate(facts, publicKey, privateKey),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

// A bearer that the key signs itself (AIP-4111), and whether the emulator takes it.
async function isTaken(keyId: string, privateKey: string): Promise<boolean> {
  stage.emulator.addGrant({
    member: `serviceAccount:${stage.robot.email}`,
    role: TOKEN_CREATOR,
    serviceAccount: stage.robot.email,
  });
  const token = await new SignJWT({ scope: "https://www.googleapis.com/auth/cloud-platform" })
    .setProtectedHeader({ alg: "RS256", kid: keyId })
    .setIssuer(stage.robot.email)
    .setSubject(stage.robot.email)
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(createPrivateKey(privateKey));
  const request = { name: nameOf(stage.robot.email), delegates: [], payload: "{}" };
  return stage.call(rows.signJwt, request, { token }).then(
    () => true,
    ({ code }: { code: number }) => {
      expect(code).toBe(16);
      return false;
    },
  );
}

describe("CreateServiceAccountKey", () => {
  test("gives a credentials file that works, and its private half to nobody ever after", async () => {
    const created = await createKey();
    const file = JSON.parse(created.privateKeyData.toString("utf8"));
    expect(file).toMatchObject({
      type: "service_account",
      client_email: stage.robot.email,
      client_id: stage.robot.uniqueId,
      token_uri: `${stage.emulator.url}/token`,
    });
    expect(created).toEqual({
      name: `${stage.robot.name}/keys/${file.private_key_id}`,
      privateKeyType: 2,
      keyAlgorithm: 2,
      privateKeyData: expect.any(Buffer),
      publicKeyData: Buffer.alloc(0),
      validAfterTime: { seconds: expect.stringMatching(/^\d{10}$/), nanos: 0 },
      validBeforeTime: { seconds: expect.stringMatching(/^\d{10}$/), nanos: 0 },
      keyOrigin: 2,
      keyType: 1,
      disabled: false,
    });
    expect(await isTaken(file.private_key_id, file.private_key)).toBe(true);
    const got = await stage.call(admin.getServiceAccountKey, { name: created.name, publicKeyType: 0 });
    expect(got).toEqual({ ...created, privateKeyType: 0, privateKeyData: Buffer.alloc(0) });
    const { keys } = await listKeys();
    expect(keys.every(({ privateKeyData }) => privateKeyData.length === 0)).toBe(true);
  });

  test("makes keys of 1024 bits when asked to", async () => {
    const request = { name: stage.robot.name, privateKeyType: 2, keyAlgorithm: 1 };
    const { privateKeyData, keyAlgorithm } = await stage.call(admin.createServiceAccountKey, request);
    const { private_key } = JSON.parse(privateKeyData.toString("utf8"));
    expect(createPublicKey(private_key).asymmetricKeyDetails?.modulusLength).toBe(1024);
    expect(keyAlgorithm).toBe(1);
  });

  test("refuses PKCS #12 in words, and types and algorithms that there are not", async () => {
    const create = (privateKeyType: number, keyAlgorithm: number) =>
      stage.refusal(admin.createServiceAccountKey, { name: stage.robot.name, privateKeyType, keyAlgorithm });
    expect(await create(1, 0)).toEqual({
      code: 12,
      message: "The emulator does not create PKCS #12 files: request TYPE_GOOGLE_CREDENTIALS_FILE.",
      info: null,
    });
    expect(await create(9, 0)).toEqual(invalid);
    expect(await create(0, 9)).toEqual(invalid);
  });

  test("gives an account ten keys and no more, even when all are asked for at once", async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 12 }, () =>
        stage.call(admin.createServiceAccountKey, { name: stage.robot.name, privateKeyType: 0, keyAlgorithm: 1 }),
      ),
    );
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(refused.map(({ code, details }) => [code, details])).toEqual([
      [9, "Precondition check failed."],
      [9, "Precondition check failed."],
    ]);
    const { keys } = await listKeys([1]);
    expect(keys).toHaveLength(10);
    const upload = { name: stage.robot.name, publicKeyData: Buffer.from(selfSigned(60_000).pem) };
    expect(await stage.refusal(admin.uploadServiceAccountKey, upload)).toEqual(preconditionFailed);
    await stage.call(admin.deleteServiceAccountKey, { name: keys[0]?.name ?? "" });
    await expect(stage.call(admin.uploadServiceAccountKey, upload)).resolves.toBeDefined();
  });
});

describe("UploadServiceAccountKey", () => {
  test("takes a certificate, and then what its private key signs", async () => {
    const { pem, privateKey } = selfSigned(3_600_000);
    const request = { name: stage.robot.name, publicKeyData: Buffer.from(pem) };
    const uploaded = await stage.call(admin.uploadServiceAccountKey, request);
    expect(uploaded).toMatchObject({ keyOrigin: 1, keyType: 1, keyAlgorithm: 2, privateKeyType: 0 });
    expect(uploaded.validBeforeTime?.seconds).toBe(String(Date.parse(new X509Certificate(pem).validTo) / 1000));
    expect(await isTaken(uploaded.name.split("/").at(-1) ?? "", privateKey)).toBe(true);
    const refusal = await stage.refusal(admin.uploadServiceAccountKey, request);
    expect(refusal).toEqual({ code: 6, message: "Service account key already exists.", info: null });
  });

  test("refuses what is no certificate of a valid RSA key", async () => {
    const upload = (publicKeyData: Buffer) =>
      stage.refusal(admin.uploadServiceAccountKey, { name: stage.robot.name, publicKeyData });
    const { pem } = selfSigned(3_600_000);
    const spki = new X509Certificate(pem).publicKey.export({ type: "spki", format: "pem" });
    const malformed = ["", "x", spki.toString(), pem.replace("MII", "AAA"), `${pem}${pem}`];
    for (const text of malformed) expect(await upload(Buffer.from(text))).toEqual(invalid);
    expect(await upload(new X509Certificate(pem).raw)).toEqual(invalid);
    expect(await upload(Buffer.from(selfSigned(-30_000).pem))).toEqual(invalid);
  });
});

describe("GetServiceAccountKey", () => {
  test("gives the public half as a certificate or as a bare key", async () => {
    const { name, privateKeyData } = await createKey();
    const { private_key } = JSON.parse(privateKeyData.toString("utf8"));
    const get = async (publicKeyType: number) =>
      (await stage.call(admin.getServiceAccountKey, { name, publicKeyType })).publicKeyData.toString("latin1");
    expect(new X509Certificate(await get(1)).checkPrivateKey(createPrivateKey(private_key))).toBe(true);
    const signature = createSign("sha256").update("x").sign(private_key);
    expect(verify("sha256", Buffer.from("x"), await get(2), signature)).toBe(true);
    expect(await stage.refusal(admin.getServiceAccountKey, { name, publicKeyType: 7 })).toEqual(invalid);
  });

  test("does not find keys that are not there, or are another account's", async () => {
    const { name } = await createKey();
    const other = await stage.create("robot-2");
    const get = (keyName: string) =>
      stage.refusal(admin.getServiceAccountKey, { name: keyName, publicKeyType: 0 }, { token: "owner" });
    expect(await get(`${stage.robot.name}/keys/0`)).toEqual(notFound);
    expect(await get(name.replace(stage.robot.email, other.email))).toEqual(notFound);
    expect(await get(name.replace("robot-1", "ghost-1"))).toEqual(unknownAccount);
    expect(await get(stage.robot.name)).toEqual(invalid);
    expect(await get(`${stage.robot.name}/keys/a/b`)).toEqual(invalid);
  });
});

test("ListServiceAccountKeys gives the types that are asked for, each named once", async () => {
  const { name } = await createKey();
  const types = async (keyTypes: number[]) => (await listKeys(keyTypes)).keys.map(({ keyType }) => keyType);
  expect((await types([])).sort()).toEqual([1, 2]);
  expect((await listKeys([1])).keys.map((key) => key.name)).toEqual([name]);
  expect(await types([2])).toEqual([2]);
  expect((await types([2, 1])).sort()).toEqual([1, 2]);
  for (const keyTypes of [[0], [1, 1], [3]]) {
    const refusal = await stage.refusal(admin.listServiceAccountKeys, { name: stage.robot.name, keyTypes });
    expect(refusal).toEqual(invalid);
  }
  const [system] = (await listKeys([2])).keys;
  const validMs = Number(system?.validBeforeTime?.seconds) - Number(system?.validAfterTime?.seconds);
  expect(validMs).toBe(16 * 24 * 3600);
});

test("a disabled key signs nobody in until it is enabled, and a deleted one never again", async () => {
  const { name, privateKeyData } = await createKey();
  const { private_key_id: keyId, private_key: key } = JSON.parse(privateKeyData.toString("utf8"));
  await stage.call(admin.disableServiceAccountKey, { name });
  expect(await isTaken(keyId, key)).toBe(false);
  expect(await stage.call(admin.getServiceAccountKey, { name, publicKeyType: 0 })).toMatchObject({ disabled: true });
  await stage.call(admin.enableServiceAccountKey, { name });
  expect(await isTaken(keyId, key)).toBe(true);
  await stage.call(admin.deleteServiceAccountKey, { name });
  expect(await isTaken(keyId, key)).toBe(false);
  expect(await stage.refusal(admin.deleteServiceAccountKey, { name })).toEqual(notFound);
});

test("system-managed keys can be neither deleted nor disabled", async () => {
  const [system] = (await listKeys([2])).keys;
  const name = system?.name ?? "";
  expect(await stage.refusal(admin.deleteServiceAccountKey, { name })).toEqual(preconditionFailed);
  expect(await stage.refusal(admin.disableServiceAccountKey, { name })).toEqual(preconditionFailed);
});

test("every method needs its own permission", async () => {
  const { name } = await createKey();
  const token = { token: await stage.tokenOf(BOB) };
  const create = { name: stage.robot.name, privateKeyType: 0, keyAlgorithm: 0 };
  const upload = { name: stage.robot.name, publicKeyData: Buffer.from(selfSigned(60_000).pem) };
  const permission = (verb: string) => denied(`iam.serviceAccountKeys.${verb}`);
  const { refusal } = stage;
  expect(await refusal(admin.listServiceAccountKeys, { name: stage.robot.name, keyTypes: [] }, token)).toEqual(
    permission("list"),
  );
  expect(await refusal(admin.getServiceAccountKey, { name, publicKeyType: 0 }, token)).toEqual(permission("get"));
  expect(await refusal(admin.createServiceAccountKey, create, token)).toEqual(permission("create"));
  expect(await refusal(admin.uploadServiceAccountKey, upload, token)).toEqual(permission("create"));
  expect(await refusal(admin.deleteServiceAccountKey, { name }, token)).toEqual(permission("delete"));
  expect(await refusal(admin.disableServiceAccountKey, { name }, token)).toEqual(permission("disable"));
  expect(await refusal(admin.enableServiceAccountKey, { name }, token)).toEqual(permission("enable"));
});
