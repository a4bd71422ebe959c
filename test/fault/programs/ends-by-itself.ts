// SPDX-License-Identifier: Apache-2.0
// Calls, is aborted, meets a deadline, closes, and says what still keeps the process alive. Never calls process.exit.

import { setImmediate as turn } from "node:timers/promises";
import { plainClient, REQUEST } from "../../support/plain-client.js";

async function main(): Promise<void> {
  const client = plainClient(process.env["TEST_HOST"] ?? "");
  await client.signBlob(REQUEST, { signal: new AbortController().signal });
  const controller = new AbortController();
  const aborted = client.signBlob(REQUEST, { signal: controller.signal }).catch(() => undefined);
  controller.abort();
  await aborted;
  await client.signBlob(REQUEST, { timeout: 1 }).catch(() => undefined);
  if (process.env["TEST_LEAVE_OPEN"] !== undefined) return;
  await client.close();
  // HTTP/2 says goodbye before it ends a socket; there is no timer of this program among what it counts.
  const until = performance.now() + 3_000;
  while (kept().length > 0 && performance.now() < until) await turn();
  process.stdout.write(`closed: ${JSON.stringify(kept())}\n`);
}

/** What keeps the process alive; its own pipes are no sockets of the client's. */
function kept(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|Timeout|Socket/.test(kind));
}

void main();
