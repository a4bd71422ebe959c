// SPDX-License-Identifier: Apache-2.0
// A program that signs and mints through the drop-in on a local server, with whatever logging its environment asks for.

import { credentials } from "@grpc/grpc-js";
import { IAMCredentialsClient } from "../../../src/gapic/index.js";
import "../../../src/grpc-js.js"; // the program is bundled, and hands in channel credentials

async function main(): Promise<void> {
  const { TARGET: port, SECRET: payload = "" } = process.env;
  const sslCreds = credentials.createInsecure();
  const client = new IAMCredentialsClient({ apiEndpoint: "127.0.0.1", port: Number(port), sslCreds });
  await client.signJwt({ name: "n", payload });
  await client.generateAccessToken({ name: "n", scope: ["s"] });
  await client.close();
  process.stdout.write("signed\n");
}

void main();
