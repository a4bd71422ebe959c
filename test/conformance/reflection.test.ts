// SPDX-License-Identifier: Apache-2.0
// Buf's own client, which has no protos of ours, finds the emulator's services by reflection and calls them.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";

const run = promisify(execFile);
const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
const program = join(__dirname, "../../node_modules/.bin/buf");
const usual = ["curl", "--protocol", "grpc", "--http2-prior-knowledge"];

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ serviceAccounts: [ROBOT] });
});
afterAll(() => emulator.close());

test("buf curl --list-methods names every method", async () => {
  const { stdout } = await run(program, [...usual, "--list-methods", emulator.url]);
  const methods = stdout.trim().split("\n");
  expect(methods).toContain("google.iam.credentials.v1.IAMCredentials/SignBlob");
  expect(methods.filter((method) => method.startsWith("google.iam.admin.v1.IAM/"))).toHaveLength(31);
}, 60_000);

test("buf curl calls a method that it knows by reflection alone", async () => {
  const request = JSON.stringify({ name: `projects/-/serviceAccounts/${ROBOT}`, payload: "AQ==" });
  const url = `${emulator.url}/google.iam.credentials.v1.IAMCredentials/SignBlob`;
  const { stdout } = await run(program, [...usual, "-H", "authorization: Bearer owner", "-d", request, url]);
  expect(Buffer.from(JSON.parse(stdout).signedBlob, "base64")).toHaveLength(256);
}, 60_000);
