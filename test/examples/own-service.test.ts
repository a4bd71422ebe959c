// SPDX-License-Identifier: Apache-2.0
// Runs the README's program for a service of one's own, word for word, on the built package, against the streaming test service.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { startCounterServer } from "../support/counter-server.js";
import { waitUntil } from "../support/wait-until.js";

const root = resolve(__dirname, "../..");

it("prints a double, a sum and doubles, and cancels the count that it leaves", async () => {
  const [, program = ""] = /```javascript\n(.*?)```/s.exec(readFileSync(join(root, "README.md"), "utf8")) ?? [];
  const folder = mkdtempSync(join(tmpdir(), "readme-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/iam-credentials-client"));
  symlinkSync(join(root, "node_modules/@grpc"), join(folder, "node_modules/@grpc"));
  writeFileSync(join(folder, "program.mjs"), program);
  await using server = await startCounterServer();
  const env = { ...process.env, COUNTER_EMULATOR_HOST: server.host };
  const options = { cwd: root, env, timeout: 50_000 };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(folder, "program.mjs")], options);
  rmSync(folder, { recursive: true });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^\{ number: 42 \}\n\{ sum: .*10.*, count: 4 \}\n2\n4\n6\n8\n$/s);
  await waitUntil("the server sees the end of the count", () => server.calls.some(({ isCancelled }) => isCancelled));
});
