// SPDX-License-Identifier: Apache-2.0
// A program that calls by the front door and by the drop-in, with default credentials, and tells how many calls were authorized.

import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { IAMCredentialsClient } from "../../../src/gapic/index.js";
import { IAMCredentialsAsyncClient } from "../../../src/index.js";

async function main(): Promise<void> {
  let authorized = 0;
  const server = createServer();
  server.on("stream", (stream, headers) => {
    if (String(headers["authorization"]).startsWith("Bearer ya29.")) authorized++;
    stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "7" }, { endStream: true });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // as: it listens on TCP
  const request = { name: "projects/-/serviceAccounts/1234567890", payload: Buffer.from("x") };
  const front = new IAMCredentialsAsyncClient({ apiEndpoint: `127.0.0.1:${port}`, insecure: true });
  await front.signBlob(request).catch(() => undefined);
  await front.close({ gracePeriod: 0 });
  const dropIn = new IAMCredentialsClient({ apiEndpoint: "127.0.0.1", port, fallback: true, protocol: "http" });
  const headers = await (await dropIn.auth.getClient()).getRequestHeaders();
  if (headers.get("authorization")?.startsWith("Bearer ya29.")) authorized++;
  await dropIn.close();
  server.close();
  process.stdout.write(`${authorized} authorized`);
  process.exit(0);
}

void main();
