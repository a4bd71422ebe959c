// SPDX-License-Identifier: Apache-2.0
// A fresh process that starts an emulator. Prints how long loading and starting took, in milliseconds. The argument is { tls }.

const { tls } = JSON.parse(process.argv[2]);
const begunAt = performance.now();
const { startEmulator } = require("iam-credentials-client/emulator");
const loadedAt = performance.now();

async function main() {
  const emulator = await startEmulator({ serviceAccounts: ["robot@my-project.iam.gserviceaccount.com"], tls });
  const readyAt = performance.now();
  await emulator.close();
  process.stdout.write(JSON.stringify({ loadMs: loadedAt - begunAt, readyMs: readyAt - loadedAt }));
}

main();
