// SPDX-License-Identifier: Apache-2.0
// Verifies by a key server that never answers, leaves by the signal, and says how long the process ran on. Never calls process.exit.

import { Verifier } from "../../../../src/verification/verifier.js";

async function main(): Promise<void> {
  const verifier = new Verifier({ keysUrl: process.env["TEST_KEYS_URL"] ?? "" });
  const token = [{ alg: "RS256", kid: "k" }, {}].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  // Its timer keeps no process running: what waits for the keys does.
  const signal = AbortSignal.timeout(300);
  await verifier.verifyIdToken([...token, "AAAA"].join("."), { audience: "a", signal }).catch((error: unknown) => {
    process.stdout.write(String(error));
  });
  const leftAt = performance.now();
  process.once("exit", () => process.stdout.write(`, ${performance.now() - leftAt < 5_000 ? "ended" : "ran on"}`));
}

void main();
