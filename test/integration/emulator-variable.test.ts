// SPDX-License-Identifier: Apache-2.0
// IAM_CREDENTIALS_EMULATOR_HOST, in processes that have it from the start.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { runProgram } from "../support/child-program.js";
import {
  ALICE,
  type DelegationStage,
  FIRST,
  LOCKED,
  openDelegationStage,
  TARGET,
} from "../support/delegation-stage.js";

let stage: DelegationStage;
let folder: string;
let keyFile: string;

beforeAll(async () => {
  stage = await openDelegationStage();
  folder = mkdtempSync(join(tmpdir(), "variable-"));
  keyFile = join(folder, "adc.json");
  writeFileSync(keyFile, JSON.stringify(await stage.emulator.createServiceAccountKey(FIRST)));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stage[Symbol.asyncDispose]();
});

/** What the program made of an environment. */
async function callWith(env: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runProgram("test/integration/programs/one-call.ts", {
    IAM_CREDENTIALS_EMULATOR_HOST: stage.emulator.host,
    ...env,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

test("a client without credentials is the owner, and never looks for application default credentials", async () => {
  const outcome = await callWith({ TEST_ACCOUNT: LOCKED, GOOGLE_APPLICATION_CREDENTIALS: keyFile });
  expect(outcome).toEqual({
    keyId: expect.stringMatching(/^[0-9a-f]{40}$/),
    apiEndpoint: stage.emulator.host,
    isAuthLibraryLoaded: false,
  });
  expect(stage.emulator.calls().at(-1)).toMatchObject({ principal: "owner", serviceAccount: LOCKED, status: "OK" });
});

test("a credentials file that does not exist is no trouble either", async () => {
  const outcome = await callWith({ TEST_ACCOUNT: TARGET, GOOGLE_APPLICATION_CREDENTIALS: join(folder, "none.json") });
  expect(outcome).toMatchObject({ isAuthLibraryLoaded: false, apiEndpoint: stage.emulator.host });
  expect(stage.emulator.calls().at(-1)).toMatchObject({ principal: "owner", status: "OK" });
});

test("explicit credentials are used", async () => {
  const outcome = await callWith({ TEST_ACCOUNT: TARGET, TEST_BEARER: await stage.emulator.accessToken(ALICE) });
  expect(outcome).toMatchObject({ apiEndpoint: stage.emulator.host });
  expect(stage.emulator.calls().at(-1)).toMatchObject({ principal: ALICE, status: "OK" });
});

test("explicit credentials are refused what they may not do", async () => {
  const outcome = await callWith({ TEST_ACCOUNT: LOCKED, TEST_BEARER: await stage.emulator.accessToken(ALICE) });
  expect(outcome).toEqual({
    error: "RpcError",
    message:
      "IAMCredentials.SignBlob: PERMISSION_DENIED: Permission 'iam.serviceAccounts.signBlob' denied on resource (or it may not exist).",
  });
});

test("a variable that is no host and port is named in the error", async () => {
  const outcome = await callWith({ TEST_ACCOUNT: TARGET, IAM_CREDENTIALS_EMULATOR_HOST: "http://127.0.0.1:1" });
  expect(outcome).toEqual({
    error: "ConfigurationError",
    message: 'IAM_CREDENTIALS_EMULATOR_HOST: must be host:port, without a scheme or path, not "http://127.0.0.1:1"',
  });
});

test("explicit credentials do not go to another machine over a plain connection", async () => {
  const env = { TEST_ACCOUNT: TARGET, TEST_BEARER: "secret", IAM_CREDENTIALS_EMULATOR_HOST: "203.0.113.1:80" };
  const outcome = await callWith(env);
  expect(outcome).toMatchObject({ error: "ConfigurationError" });
  expect(outcome["message"]).toMatch(
    /^IAM_CREDENTIALS_EMULATOR_HOST: a token would be sent to 203\.0\.113\.1:80 over a plain/,
  );
});
