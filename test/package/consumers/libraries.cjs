// SPDX-License-Identifier: Apache-2.0
// A program without a bundler whose options need libraries that the package loads by itself: google-auth-library for each kind of
// credentials that it makes, grpc-js for the transport of that label. Says how many calls were answered.

const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { IAMCredentialsAsyncClient } = require("iam-credentials-client");
const { startEmulator } = require("iam-credentials-client/emulator");

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const POOL = "iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/emulator-pool";
const MEMBERS = [`serviceAccount:${ROBOT}`, `principal://${POOL}/subject/worker-7`];

async function main() {
  const role = "roles/iam.serviceAccountTokenCreator";
  const grants = MEMBERS.map((member) => ({ member, role, serviceAccount: ROBOT }));
  const emulator = await startEmulator({ serviceAccounts: [ROBOT], grants });
  const credentialsFile = join(process.cwd(), "workload.json");
  await emulator.writeCredentialsFile("external_account", credentialsFile, { subject: "worker-7" });
  const credentials = JSON.parse(readFileSync(credentialsFile, "utf8"));
  // Application default credentials.
  process.env["GOOGLE_APPLICATION_CREDENTIALS"] = credentialsFile;
  const { credentials: owner, ...channel } = emulator.clientOptions("owner");
  let answered = 0;
  for (const options of [{ credentialsFile }, { credentials }, {}, { credentials: owner, transport: "grpc-js" }]) {
    const client = new IAMCredentialsAsyncClient({ ...channel, ...options });
    await client.signBlob({ name: ROBOT, payload: Buffer.from("x") });
    await client.close();
    answered++;
  }
  await emulator.close();
  return `${answered} answered`;
}

module.exports = main;
if (require.main === module) main().then((text) => process.stdout.write(text));
