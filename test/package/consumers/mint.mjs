// SPDX-License-Identifier: Apache-2.0
// Mints one token at the emulator that the environment names. What people bundle.

import { IAMCredentialsAsyncClient } from "iam-credentials-client";

const name = "robot@demo-project.iam.gserviceaccount.com";
const client = new IAMCredentialsAsyncClient({ transport: process.env.TRANSPORT ?? "grpc" });
client
  .generateIdToken({ name, audience: "https://example.com" })
  .then(({ token }) => process.stdout.write(`minted ${token.split(".").length} parts`))
  .finally(() => client.close());
