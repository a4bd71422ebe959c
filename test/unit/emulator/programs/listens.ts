// SPDX-License-Identifier: Apache-2.0
// Starts an emulator with the options that its environment has as JSON, tells where it is, and closes it.

import { startEmulator } from "../../../../src/emulator/index.js";

async function main(): Promise<void> {
  const emulator = await startEmulator(JSON.parse(process.env["EMULATOR_OPTIONS"] ?? "{}"));
  process.stdout.write(emulator.host);
  await emulator.close();
}

void main();
