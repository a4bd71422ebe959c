// SPDX-License-Identifier: Apache-2.0
// Keys against the emulator: as credentials, as files, their public halves, ages and the limit of ten.

import { createPublicKey, X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { KeyLimitError } from "../../src/iam-admin/index.js";
import { IAMCredentialsAsyncClient, RequestError, RpcError } from "../../src/index.js";
import { type GrantStage, openGrantStage, ROBOT, TOKEN_CREATOR } from "../support/grant-stage.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";
import { plantSecret } from "../support/secrets.js";

describe.each(["grpc", "rest"] as const)("over %s", (transport) => {
  let stage: GrantStage;
  let folder: string;

  beforeEach(async () => {
    stage = await openGrantStage(transport);
    folder = mkdtempSync(join(tmpdir(), "admin-keys-"));
  });

  afterEach(async () => {
    await stage[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  /** A new key, which must not come to light in an error or a log line from then on. */
  async function createKey(keyAlgorithm: "KEY_ALG_RSA_1024" | "KEY_ALG_RSA_2048" = "KEY_ALG_RSA_1024") {
    const info = await stage.admin.createKey({ name: ROBOT, keyAlgorithm }); // the small ones are made faster
    plantSecret("a new private key", info.private_key);
    return info;
  }

  const methods = () => stage.emulator.calls().map(({ method, status }) => `${method} ${status}`);

  test("a new key is credentials that the other client takes as they are", async () => {
    const info = await createKey();
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

  test("a key goes to a file that its owner alone may read, whatever the mask of the process", async () => {
    const file = join(folder, "robot.json");
    const mask = process.umask(0o277);
    const written = await stage.admin.createKey({ name: ROBOT, file }).finally(() => process.umask(mask));
    expect(written).toEqual({ name: expect.stringMatching(/\/keys\/[0-9a-f]{40}$/), keyId: expect.any(String), file });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const info = JSON.parse(readFileSync(file, "utf8"));
    plantSecret("the written private key", info.private_key);
    expect(info).toMatchObject({ client_email: ROBOT, private_key_id: written.keyId });
    expect(readdirSync(folder)).toEqual(["robot.json"]);
  });

  test("a file that exists stays, and no key is made", async () => {
    const file = join(folder, "robot.json");
    writeFileSync(file, "another key");
    const error = await rejectionOf(stage.admin.createKey({ name: ROBOT, file }));
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ field: "file", message: `file: ${file} exists; give another, or overwrite: true` });
    expect(readFileSync(file, "utf8")).toBe("another key");
    expect(methods()).toEqual([]);
  });

  test("a file is overwritten on request alone, in one stroke, and is then its owner's", async () => {
    const file = join(folder, "robot.json");
    writeFileSync(file, "another key", { mode: 0o644 });
    const { keyId } = await stage.admin.createKey({ name: ROBOT, file, overwrite: true });
    expect(JSON.parse(readFileSync(file, "utf8")).private_key_id).toBe(keyId);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["robot.json"]);
  });

  test("a key that is refused leaves no file, and the file that was to be overwritten as it was", async () => {
    const file = join(folder, "robot.json");
    await rpcErrorOf(stage.admin.createKey({ name: "nobody@stage-project.iam.gserviceaccount.com", file }));
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(file, "another key");
    const wanted = { name: "nobody@stage-project.iam.gserviceaccount.com", file, overwrite: true };
    await rpcErrorOf(stage.admin.createKey(wanted));
    expect(readdirSync(folder)).toEqual(["robot.json"]);
    expect(readFileSync(file, "utf8")).toBe("another key");
  });

  test("an abort ends the making of a key with the signal's reason, and leaves no file", async () => {
    stage.emulator.addFault({ method: "CreateServiceAccountKey", connection: "hang" });
    const signal = AbortSignal.timeout(150);
    const file = join(folder, "robot.json");
    expect(await rejectionOf(stage.admin.createKey({ name: ROBOT, file }, { signal }))).toBe(signal.reason);
    expect(readdirSync(folder)).toEqual([]);
    const late = await rpcErrorOf(stage.admin.createKey({ name: ROBOT, file }, { timeout: 150 }));
    expect(late).toMatchObject({ status: "DEADLINE_EXCEEDED", method: "IAM.CreateServiceAccountKey" });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a key that cannot be written at the last is deleted again", async () => {
    const file = join(folder, "robot.json");
    // A folder cannot be replaced by a file: the name can be taken no more once the key is there.
    stage.emulator.addFault({ method: "CreateServiceAccountKey", delayMs: 300 });
    const creation = stage.admin.createKey({ name: ROBOT, file, overwrite: true });
    mkdirSync(file);
    const error = await rejectionOf(creation);
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ field: "file", message: `file: cannot write ${file}` });
    expect(methods()).toEqual(["CreateServiceAccountKey OK", "DeleteServiceAccountKey OK"]);
    expect((await stage.admin.keyReport({ name: ROBOT })).text).toBe("0 of 10 user-managed keys");
    expect(readdirSync(folder)).toEqual(["robot.json"]);
  });

  test("the form of PKCS #12 is asked for, and what the service says of it comes out", async () => {
    const error = await rpcErrorOf(stage.admin.createKey({ name: ROBOT, privateKeyType: "TYPE_PKCS12_FILE" }));
    expect(error).toMatchObject({ code: 12, status: "UNIMPLEMENTED" }); // the emulator makes none
  });

  test("a key is read with its certificate, with its bare public key, or without", async () => {
    const info = await createKey("KEY_ALG_RSA_2048");
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
    for (const _ of [1, 2]) made.push((await createKey()).private_key_id);
    const user = await stage.admin.listKeys({ name: ROBOT, keyTypes: ["USER_MANAGED"] });
    expect(new Set(user.map(({ keyId }) => keyId))).toEqual(new Set(made));
    const system = await stage.admin.listKeys({ name: ROBOT, keyTypes: ["SYSTEM_MANAGED"] });
    expect(system.every(({ keyType }) => keyType === "SYSTEM_MANAGED")).toBe(true);
    expect(await stage.admin.listKeys({ name: ROBOT })).toHaveLength(user.length + system.length);
    expect(user.every(({ ageDays, expired, disabled }) => ageDays === 0 && !expired && !disabled)).toBe(true);
  });

  test("the eleventh key is refused with a count and with what could go", async () => {
    const { admin } = stage;
    const file = join(folder, "robot.json");
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

  test("a folder that does not exist is told before a key is made", async () => {
    const locked = join(folder, "missing", "robot.json");
    const error = await rejectionOf(stage.admin.createKey({ name: ROBOT, file: locked }));
    expect(error).toMatchObject({ field: "file", message: `file: cannot write ${locked}` });
    expect(methods()).toEqual([]);
  });

  test("a key that is named wrongly is not asked for", async () => {
    for (const [request, message] of [
      [{ name: ROBOT, keyId: "a/b" }, "keyId: must be the id of a key"],
      [{ name: ROBOT }, "keyId: is missing; give it, or a name that ends with /keys/{key}"],
      [{ name: `projects/-/serviceAccounts/${ROBOT}/keys/1`, keyId: "1" }, "keyId: stands in name already"],
      [{ name: ROBOT, keyId: "1", publicKeyType: "PEM" }, "publicKeyType: must be one of TYPE_X509_PEM_FILE"],
    ] as const) {
      const error = await rejectionOf(stage.admin.getKey(request as never)); // as: what a program in JavaScript may do
      expect(error).toBeInstanceOf(RequestError);
      expect((error as Error).message).toContain(message);
    }
    expect(methods()).toEqual([]);
  });

  test("a key that is asked for wrongly is not made", async () => {
    for (const [request, message] of [
      [{ name: ROBOT, overwrite: true }, "overwrite: goes with file alone"],
      [{ name: ROBOT, file: "" }, "file: must be the path of a file"],
      [
        { name: ROBOT, path: "x" },
        "path: no such field; there are name, privateKeyType, keyAlgorithm, file, overwrite",
      ],
      [{ name: "robot" }, "name: "],
    ] as const) {
      const error = await rejectionOf(stage.admin.createKey(request as never)); // as: the same
      expect(error).toBeInstanceOf(RequestError);
      expect((error as Error).message).toContain(message);
    }
    expect(methods()).toEqual([]);
  });
});
