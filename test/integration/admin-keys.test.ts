// SPDX-License-Identifier: Apache-2.0
// Keys against the emulator: as credentials, their public halves, ages and the limit of ten.

import { createPublicKey, X509Certificate } from "node:crypto";
import { inspect } from "node:util";
import { KeyLimitError } from "../../src/iam-admin/index.js";
import { IAMCredentialsAsyncClient, RequestError, RpcError } from "../../src/index.js";
import { ROBOT, TOKEN_CREATOR } from "../support/grant-stage.js";
import { type KeyStage, openKeyStage } from "../support/key-stage.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";

describe.each(["grpc", "rest"] as const)("over %s", (transport) => {
  let stage: KeyStage;

  beforeEach(async () => {
    stage = await openKeyStage(transport);
  });

  afterEach(() => stage[Symbol.asyncDispose]());

  test("a new key is credentials that the other client takes as they are", async () => {
    const info = await stage.createKey();
    expect(info).toMatchObject({ type: "service_account", client_email: ROBOT });
    stage.emulator.addGrant({ member: `serviceAccount:${ROBOT}`, role: TOKEN_CREATOR, serviceAccount: ROBOT });

    const { credentials: _, ...where } = stage.emulator.clientOptions("user:nobody@example.com");
    const client = IAMCredentialsAsyncClient.fromServiceAccountInfo(info, { ...where, transport });
    const { keyId } = await client.signJwt({ name: ROBOT, payload: { aud: "https://service.example" } });
    expect(keyId).toMatch(/^[0-9a-f]{40}$/);
    await client.close();
  });

  test("credentials hide their private key when they are printed, and nowhere else", async () => {
    const info = await stage.admin.createKey({ name: ROBOT });
    const inside = info.private_key.split("\n")[3] ?? "";
    expect(inside).toHaveLength(64);
    for (const shown of [
      inspect(info),
      inspect({ deep: [info] }, { depth: 9 }),
      inspect(new Error("x", { cause: info })),
    ]) {
      expect(shown).toContain("private_key: '[hidden]'");
      expect(shown).not.toContain(inside);
    }
    expect(JSON.parse(JSON.stringify(info)).private_key).toBe(info.private_key);
  });

  test("the form of PKCS #12 is asked for, and what the service says of it comes out", async () => {
    const error = await rpcErrorOf(stage.admin.createKey({ name: ROBOT, privateKeyType: "TYPE_PKCS12_FILE" }));
    expect(error).toMatchObject({ code: 12, status: "UNIMPLEMENTED" }); // the emulator makes none
  });

  test("a key is read with its certificate, with its bare public key, or without", async () => {
    const info = await stage.createKey("KEY_ALG_RSA_2048");
    const keyId = info.private_key_id ?? "";
    const publicKey = createPublicKey(info.private_key).export({ type: "spki", format: "pem" });
    const certificate = await stage.admin.getKey({ name: ROBOT, keyId });
    expect(new X509Certificate(certificate.publicKey ?? "").publicKey.export({ type: "spki", format: "pem" })).toBe(
      publicKey,
    );
    expect(certificate).toMatchObject({ keyId, keyType: "USER_MANAGED", keyAlgorithm: "KEY_ALG_RSA_2048", ageDays: 0 });

    const raw = await stage.admin.getKey({ name: certificate.name, publicKeyType: "TYPE_RAW_PUBLIC_KEY" });
    expect(raw.publicKey).toBe(publicKey);
    const none = await stage.admin.getKey({ name: certificate.name, publicKeyType: "TYPE_NONE" });
    expect(none.publicKey).toBeUndefined();
  });

  test("keys are listed by their types, the oldest first, with their ages", async () => {
    const made: (string | undefined)[] = [];
    for (const _ of [1, 2]) made.push((await stage.createKey()).private_key_id);
    const user = await stage.admin.listKeys({ name: ROBOT, keyTypes: ["USER_MANAGED"] });
    expect(new Set(user.map(({ keyId }) => keyId))).toEqual(new Set(made));
    const system = await stage.admin.listKeys({ name: ROBOT, keyTypes: ["SYSTEM_MANAGED"] });
    expect(system.every(({ keyType }) => keyType === "SYSTEM_MANAGED")).toBe(true);
    expect(await stage.admin.listKeys({ name: ROBOT })).toHaveLength(user.length + system.length);
    expect(user.every(({ ageDays, expired, disabled }) => ageDays === 0 && !expired && !disabled)).toBe(true);
  });

  test("the eleventh key is refused with a count and with what could go", async () => {
    const { admin, file } = stage;
    const names: string[] = [];
    const small = { name: ROBOT, file, overwrite: true, keyAlgorithm: "KEY_ALG_RSA_1024" } as const; // made faster
    for (let index = 0; index < 10; index++) names.push((await admin.createKey(small)).name);

    const full = await rejectionOf(admin.createKey({ name: ROBOT }));
    expect(full).toBeInstanceOf(KeyLimitError);
    expect(full).toBeInstanceOf(RpcError);
    expect(full).toMatchObject({
      code: 9,
      status: "FAILED_PRECONDITION",
      name: "KeyLimitError",
      cause: expect.any(RpcError),
    });
    expect((full as KeyLimitError).message).toMatch(
      /^IAM\.CreateServiceAccountKey: FAILED_PRECONDITION: Precondition check failed\. The account has 10 of 10 user-managed keys, oldest [0-9a-f]{40} \(\d+ days? old\), none of them disabled or expired\.$/,
    );

    await admin.disableServiceAccountKey({ name: names[6] ?? "" });
    const unused = names[6]?.slice(-40);
    const { report } = (await rejectionOf(admin.createKey({ name: ROBOT, file, overwrite: true }))) as KeyLimitError;
    expect(report).toMatchObject({ used: 10, limit: 10, oldestUnused: { keyId: unused, disabled: true } });
    expect(report.text).toBe(`10 of 10 user-managed keys, oldest unused ${unused} (disabled, 0 days old)`);
    expect((await admin.keyReport({ name: ROBOT })).text).toBe(report.text);

    const status = { code: "PERMISSION_DENIED", message: "Not yours to list." } as const;
    const allow = stage.emulator.addFault({ method: "ListServiceAccountKeys", status });
    const uncounted = await rpcErrorOf(admin.createKey({ name: ROBOT }));
    expect(uncounted.message).toBe("IAM.CreateServiceAccountKey: FAILED_PRECONDITION: Precondition check failed.");
    allow();

    await admin.deleteServiceAccountKey({ name: report.oldestUnused?.name ?? "" });
    await expect(admin.createKey(small)).resolves.toMatchObject({ file });
  });

  test("a failed precondition that is not about the limit is left alone", async () => {
    const message = "Key creation is not allowed on this service account.";
    stage.emulator.addFault({ method: "CreateServiceAccountKey", status: { code: "FAILED_PRECONDITION", message } });
    const error = await rpcErrorOf(stage.admin.createKey({ name: ROBOT }));
    expect(error).not.toBeInstanceOf(KeyLimitError);
    expect(error.message).toBe(`IAM.CreateServiceAccountKey: FAILED_PRECONDITION: ${message}`);
  });

  test("a key that is named wrongly is not asked for", async () => {
    for (const [request, message] of [
      [{ name: ROBOT, keyId: "a/b" }, "keyId: must be a key ID"],
      [{ name: ROBOT }, "keyId: is missing; set it, or a name that ends with /keys/{key}"],
      [{ name: `projects/-/serviceAccounts/${ROBOT}/keys/1`, keyId: "1" }, "keyId: is already part of name"],
      [{ name: ROBOT, keyId: "1", publicKeyType: "PEM" }, "publicKeyType: must be one of TYPE_X509_PEM_FILE"],
    ] as const) {
      const error = await rejectionOf(stage.admin.getKey(request as never)); // as: what a program in JavaScript may do
      expect(error).toBeInstanceOf(RequestError);
      expect((error as Error).message).toContain(message);
    }
    expect(stage.methods()).toEqual([]);
  });
});
