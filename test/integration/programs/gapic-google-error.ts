// SPDX-License-Identifier: Apache-2.0
// A program that makes the drop-in's own errors before and after it loads google-gax itself.

import { credentials } from "@grpc/grpc-js";
import { IAMCredentialsClient } from "../../../src/gapic/index.js";
import "../../../src/grpc-js.js"; // the program is bundled, and hands in channel credentials

async function closedError(): Promise<unknown> {
  const sslCreds = credentials.createInsecure();
  const client = new IAMCredentialsClient({ apiEndpoint: "127.0.0.1", port: 1, sslCreds });
  await client.initialize();
  await client.close();
  return client.signJwt({}).catch((error: unknown) => error);
}

const isLoaded = (): boolean => Object.keys(require.cache).some((path) => path.includes("google-gax"));

async function main(): Promise<void> {
  const before = await closedError();
  const wasLoaded = isLoaded();
  const { GoogleError } = require("google-gax") as { GoogleError: new () => Error };
  const after = await closedError();
  process.stdout.write(JSON.stringify([wasLoaded, before instanceof GoogleError, after instanceof GoogleError]));
}

void main();
