// SPDX-License-Identifier: Apache-2.0
// Keys that are written to a file: who may read it, what is overwritten, and what is left when something fails.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RequestError } from "../../src/index.js";
import { ROBOT } from "../support/grant-stage.js";
import { type KeyStage, openKeyStage } from "../support/key-stage.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";
import { plantSecret } from "../support/secrets.js";

describe.each(["grpc", "rest"] as const)("over %s", (transport) => {
  let stage: KeyStage;

  beforeEach(async () => {
    stage = await openKeyStage(transport);
  });

  afterEach(() => stage[Symbol.asyncDispose]());

  test("a key goes to a file that its owner alone may read, whatever the mask of the process", async () => {
    const { file } = stage;
    const mask = process.umask(0o277);
    const written = await stage.admin.createKey({ name: ROBOT, file }).finally(() => process.umask(mask));
    expect(written).toEqual({ name: expect.stringMatching(/\/keys\/[0-9a-f]{40}$/), keyId: expect.any(String), file });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const info = JSON.parse(readFileSync(file, "utf8"));
    plantSecret("the written private key", info.private_key);
    expect(info).toMatchObject({ client_email: ROBOT, private_key_id: written.keyId });
    expect(readdirSync(stage.folder)).toEqual(["robot.json"]);
  });

  test("a file that exists stays, and no key is made", async () => {
    const { file } = stage;
    writeFileSync(file, "another key");
    const error = await rejectionOf(stage.admin.createKey({ name: ROBOT, file }));
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({
      field: "file",
      message: `file: ${file} exists; set another path, or overwrite: true`,
    });
    expect(readFileSync(file, "utf8")).toBe("another key");
    expect(stage.methods()).toEqual([]);
  });

  test("a file is overwritten on request alone, in one stroke, and is then its owner's", async () => {
    const { file } = stage;
    writeFileSync(file, "another key", { mode: 0o644 });
    const { keyId } = await stage.admin.createKey({ name: ROBOT, file, overwrite: true });
    expect(JSON.parse(readFileSync(file, "utf8")).private_key_id).toBe(keyId);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(stage.folder)).toEqual(["robot.json"]);
  });

  test("a key that is refused leaves no file, and the file that was to be overwritten as it was", async () => {
    const { file } = stage;
    await rpcErrorOf(stage.admin.createKey({ name: "nobody@stage-project.iam.gserviceaccount.com", file }));
    expect(readdirSync(stage.folder)).toEqual([]);
    writeFileSync(file, "another key");
    const wanted = { name: "nobody@stage-project.iam.gserviceaccount.com", file, overwrite: true };
    await rpcErrorOf(stage.admin.createKey(wanted));
    expect(readdirSync(stage.folder)).toEqual(["robot.json"]);
    expect(readFileSync(file, "utf8")).toBe("another key");
  });

  test("an abort ends the making of a key with the signal's reason, and leaves no file", async () => {
    stage.emulator.addFault({ method: "CreateServiceAccountKey", connection: "hang" });
    const signal = AbortSignal.timeout(150);
    const { file } = stage;
    expect(await rejectionOf(stage.admin.createKey({ name: ROBOT, file }, { signal }))).toBe(signal.reason);
    expect(readdirSync(stage.folder)).toEqual([]);
    const late = await rpcErrorOf(stage.admin.createKey({ name: ROBOT, file }, { timeout: 150 }));
    expect(late).toMatchObject({ status: "DEADLINE_EXCEEDED", method: "IAM.CreateServiceAccountKey" });
    expect(readdirSync(stage.folder)).toEqual([]);
  });

  test("a key that cannot be written at the last is deleted again", async () => {
    const { file } = stage;
    // A folder cannot be replaced by a file: the name can be taken no more once the key is there.
    stage.emulator.addFault({ method: "CreateServiceAccountKey", delayMs: 300 });
    const creation = stage.admin.createKey({ name: ROBOT, file, overwrite: true });
    mkdirSync(file);
    const error = await rejectionOf(creation);
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ field: "file", message: `file: cannot write ${file}` });
    expect(stage.methods()).toEqual(["CreateServiceAccountKey OK", "DeleteServiceAccountKey OK"]);
    expect((await stage.admin.keyReport({ name: ROBOT })).text).toBe("0 of 10 user-managed keys");
    expect(readdirSync(stage.folder)).toEqual(["robot.json"]);
  });

  test("a folder that does not exist is told before a key is made", async () => {
    const locked = join(stage.folder, "missing", "robot.json");
    const error = await rejectionOf(stage.admin.createKey({ name: ROBOT, file: locked }));
    expect(error).toMatchObject({ field: "file", message: `file: cannot write ${locked}` });
    expect(stage.methods()).toEqual([]);
  });

  test("a key that is asked for wrongly is not made", async () => {
    for (const [request, message] of [
      [{ name: ROBOT, overwrite: true }, "overwrite: is only valid with file"],
      [{ name: ROBOT, file: "" }, "file: must be the path to a file"],
      [
        { name: ROBOT, path: "x" },
        "path: no such field; valid names are name, privateKeyType, keyAlgorithm, file, overwrite",
      ],
      [{ name: "robot" }, "name: "],
    ] as const) {
      const error = await rejectionOf(stage.admin.createKey(request as never)); // as: the same
      expect(error).toBeInstanceOf(RequestError);
      expect((error as Error).message).toContain(message);
    }
    expect(stage.methods()).toEqual([]);
  });
});
