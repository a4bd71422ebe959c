// SPDX-License-Identifier: Apache-2.0
// One call of a client that the environment alone points somewhere. Prints what came of it, and what it cost to load.

import { type ClientOptions, IAMCredentialsAsyncClient } from "../../../src/index.js";

const bearer = process.env["TEST_BEARER"];
const options: ClientOptions =
  bearer === undefined ? {} : { credentials: { getRequestMetadata: () => ({ authorization: `Bearer ${bearer}` }) } };

async function main(): Promise<object> {
  await using client = new IAMCredentialsAsyncClient(options);
  const name = process.env["TEST_ACCOUNT"] ?? "";
  const { keyId } = await client.signBlob({ name, payload: Buffer.from("x") }, { timeout: 5_000 });
  const { apiEndpoint } = client;
  const isAuthLibraryLoaded = Object.keys(require.cache).some((path) => path.includes("google-auth-library"));
  return { keyId, apiEndpoint, isAuthLibraryLoaded };
}

main()
  .catch((error: Error) => ({ error: error.name, message: error.message }))
  .then((outcome) => process.stdout.write(JSON.stringify(outcome)));
