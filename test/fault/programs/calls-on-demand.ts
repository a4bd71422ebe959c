// SPDX-License-Identifier: Apache-2.0
// Makes a call at its start and one for each line "call" on stdin; says after each how many attempts it took. Its clock runs
// five times as fast as the machine's, so that a test need not wait for as long as the client does.

import { createInterface } from "node:readline";
import type { Clock } from "../../../src/index.js";
import { plainClient, REQUEST } from "../../support/plain-client.js";

const SPEED = 5;
const wallAt = Date.now();
const clock: Clock = {
  now: () => performance.now() * SPEED,
  wallNow: () => wallAt + (Date.now() - wallAt) * SPEED,
  random: Math.random,
  schedule(ms, callback, keepsAlive = true) {
    const timer = setTimeout(callback, Math.min(ms / SPEED, 2 ** 31 - 1));
    if (!keepsAlive) timer.unref();
    return () => clearTimeout(timer);
  },
};
const client = plainClient(process.env["TEST_HOST"] ?? "", { clock });
let calls = 0;

async function call(): Promise<void> {
  let attempts = 0;
  await client.signBlob(REQUEST, {
    timeout: 300_000,
    retry: { attemptTimeout: 150_000 },
    onAttempt: (report) => (attempts = report.attempt),
  });
  process.stdout.write(`call ${++calls}: ${attempts} attempt\n`);
}

async function main(): Promise<void> {
  await call();
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === "end") break;
    await call();
  }
  await client.close();
}

main().then(
  () => process.stdin.destroy(),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
    process.stdin.destroy();
  },
);
