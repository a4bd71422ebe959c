// SPDX-License-Identifier: Apache-2.0
// One call over TLS with half a second to live, unless it is told another time, and a close. Never calls process.exit.

import { RpcError } from "../../../src/index.js";
import { plainClient, REQUEST } from "../../support/plain-client.js";

async function main(): Promise<void> {
  const client = plainClient(process.env["TEST_HOST"] ?? "", { insecure: false });
  const timeout = Number(process.env["TEST_TIMEOUT"] ?? 500);
  const call = client.signBlob(REQUEST, { timeout }).then(() => "an answer");
  const outcome = await call.catch((reason: unknown) => (reason instanceof RpcError ? reason.status : String(reason)));
  await client.close();
  process.stdout.write(`closed after ${outcome}\n`);
}

void main();
