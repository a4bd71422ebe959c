// SPDX-License-Identifier: Apache-2.0
// Makes a call at its start and one for each line "call" on stdin; says after each how many attempts it took.

import { createInterface } from "node:readline";
import { plainClient, REQUEST } from "../../support/plain-client.js";

const client = plainClient(process.env["TEST_HOST"] ?? "");
let calls = 0;

async function call(): Promise<void> {
  let attempts = 0;
  await client.signBlob(REQUEST, { onAttempt: (report) => (attempts = report.attempt) });
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
