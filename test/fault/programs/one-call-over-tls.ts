// SPDX-License-Identifier: Apache-2.0
// One call over TLS with half a second to live, and a close. Never calls process.exit.

import { RpcError } from "../../../src/index.js";
import { plainClient, REQUEST } from "../../support/plain-client.js";

async function main(): Promise<void> {
  const client = plainClient(process.env["TEST_HOST"] ?? "", { insecure: false });
  const error = await client.signBlob(REQUEST, { timeout: 500 }).catch((reason: unknown) => reason);
  await client.close();
  process.stdout.write(`closed after ${error instanceof RpcError ? error.status : String(error)}\n`);
}

void main();
